"""An item as its checks see it: the words of its fields and rows, and the pictures in its texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models

from portal.cms.compliance.findings import Excerpt, Finding, Severity, around
from portal.cms.compliance.models import Place
from portal.cms.compliance.register import Checks
from portal.cms.publishing import Publishable
from portal.cms.richtext import RichTextField
from portal.cms.richtext.words import Shown, read_html


@dataclass(frozen=True)
class Text:
    """The words of one field, of the item or of a row of it."""

    field: str  # "title"; of a row "faqs.answer", whichever row it is: rows have no lasting number
    label: str
    anchor: str
    place: Place
    words: str
    pictures: tuple[Shown, ...] = ()

    def finding(
        self,
        rule: str,
        severity: Severity,
        message: str,
        span: tuple[int, int] | None = None,
        **more: Any,
    ) -> Finding:
        """Return a finding in this text; `span` is the place of the matter in it."""
        excerpt: Excerpt | None = around(self.words, *span) if span else None
        return Finding(
            rule, self.field, self.label, self.anchor, severity, message, excerpt=excerpt, **more
        )


class Manuscript:
    """One item, read once for all rules."""

    def __init__(self, item: Publishable, checks: Checks) -> None:
        self.item: Any = item
        self.checks = checks

    @cached_property
    def texts(self) -> list[Text]:
        return [*self._own_texts(), *self._texts_of_rows()]

    @cached_property
    def regulation(self) -> bool:
        return self.checks.is_regulation(self.item)

    def text(self, field: str) -> Text:
        return next(text for text in self.texts if text.field == field)

    def finding(
        self, field: str, rule: str, severity: Severity, message: str, **more: Any
    ) -> Finding:
        """Return a finding about a field that is no text, such as a choice."""
        label = str(self.item._meta.get_field(field).verbose_name)
        return Finding(rule, field, label, f"id_{field}", severity, message, **more)

    def _own_texts(self) -> Iterator[Text]:
        for name, place in self.checks.texts.items():
            field = self.item._meta.get_field(name)
            label = str(field.verbose_name)
            yield read_field(self.item, field, name, label, f"id_{name}", place)

    def _texts_of_rows(self) -> Iterator[Text]:
        for part, columns in self.checks.parts.items():
            for number, row in enumerate(rows(self.item, part)):
                for name, place in columns.items():
                    field = row._meta.get_field(name)
                    label = f"{row._meta.verbose_name}：{field.verbose_name}"
                    anchor = f"id_{part}-{number}-{name}"
                    yield read_field(row, field, f"{part}.{name}", label, anchor, place)


def read_field(
    row: models.Model, field: Any, name: str, label: str, anchor: str, place: Place
) -> Text:
    value = getattr(row, field.attname)
    if isinstance(field, RichTextField):
        words, pictures = read_html(value or "")
        return Text(name, label, anchor, place, words, tuple(pictures))
    if isinstance(value, list):  # lines
        value = "\n".join(value)
    return Text(name, label, anchor, place, value or "")


def rows(item: Any, part: str) -> Iterable[Any]:
    """Return the rows of a part: as put there in memory (`revisions.content.as_of`), else as stored."""
    in_memory: Iterable[Any] | None = getattr(item, "_prefetched_objects_cache", {}).get(part)
    if in_memory is not None:
        return in_memory
    stored: Iterable[Any] = getattr(item, part).all() if item.pk else ()
    return stored
