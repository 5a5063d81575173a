"""What differs between two contents, field by field, in an editor's words (lines of `diff`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from portal.cms.lines import LinesField
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Publishable
from portal.cms.revisions import diff
from portal.cms.revisions.blocks import Row, pair_rows, title_of, without_id
from portal.cms.revisions.content import Content, covered_fields
from portal.cms.revisions.diff import Block, Change, Line, Piece
from portal.cms.richtext import RichTextField
from portal.cms.richtext.document import Container, Picture, Rule, Words
from portal.cms.richtext.tidy import Tidy

TITLE = 20  # signs of a row's first field that name the row
NAMED = 6  # fields in a summary

Field = Any  # a column, or a many-to-many relation
LABELS = {"li": "列表项", "blockquote": "引用"}


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs in one field."""

    name: str
    label: str
    lines: list[Line]


def compare(model: type[Publishable], old: Content, new: Content) -> list[Difference]:
    """Return what differs between two contents of an item, in the order of the model's fields.

    One query for each model that fields with a difference point at.
    """
    return Reader(model, old, new).differences(old, new)


def summary(model: type[Publishable], old: Content, new: Content) -> str:
    """Say in one line which fields differ, and by how many signs a text. No query."""
    reader = Reader(model)
    named = []
    for name in reader.differing(old, new):
        lines = reader.lines(name, old.get(name), new.get(name)) if reader.is_text(name) else []
        named.append(reader.label(name) + _size(lines))
    more = f" 等 {len(named)} 项" if len(named) > NAMED else ""
    return "、".join(named[:NAMED]) + more


def _size(lines: list[Line]) -> str:
    """Say how much came and went: ` +120/−30 字`."""
    pieces = [piece for line in lines for piece in line.pieces]
    added, removed = (
        sum(len("".join(piece.text.split())) for piece in pieces if piece.change == change)
        for change in (Change.ADDED, Change.REMOVED)
    )
    counts = [f"+{added}"] * bool(added) + [f"−{removed}"] * bool(removed)
    return f" {'/'.join(counts)} 字" if counts else ""


# --- Contents, read out -------------------------------------------------------------------------------------


class Reader:
    """Reads out contents of one model. What they point at is called by name if `contents` are given:
    all that will be read out.
    """

    def __init__(self, model: type[Publishable], *contents: Content) -> None:
        self.model = model
        self.contents = contents
        self.fields: dict[str, Field] = {
            column.name: column for column in (*covered_fields(model), *model._meta.many_to_many)
        }
        self.names: dict[Any, dict[int, str]] = {}

    def label(self, name: str) -> str:
        if name in self.model.parts:
            return str(self._part(name)._meta.verbose_name_plural)
        return str(self.fields[name].verbose_name)

    def is_text(self, name: str) -> bool:
        """Whether a field holds paragraphs."""
        column = self.fields.get(name)
        return isinstance(column, models.TextField) and not isinstance(column, LinesField)

    def differing(self, old: Content, new: Content) -> Iterator[str]:
        """Yield the names of the fields that both contents have, and not alike."""
        for name in (*self.fields, *self.model.parts):
            if name not in old or name not in new:
                continue
            if name in self.model.parts:
                if [*map(without_id, old[name])] != [*map(without_id, new[name])]:
                    yield name
            elif old[name] != new[name]:
                yield name

    def differences(self, old: Content, new: Content) -> list[Difference]:
        return [
            Difference(name, self.label(name), self.lines(name, old[name], new[name]))
            for name in self.differing(old, new)
        ]

    def lines(self, name: str, old: Any, new: Any) -> list[Line]:
        """Return what became of a field's value; of a text that is long, what surrounds the changes."""
        if name in self.model.parts:
            return self._row_lines(self._part(name), old, new)
        return self._field_lines(self.fields[name], old, new)

    def shown(self, name: str, value: Any) -> list[Line]:
        """Return the lines of one value as they are."""
        lines = self.lines(name, [] if name in self.model.parts else None, value)
        return [
            replace(
                line,
                change=Change.SAME,
                pieces=[Piece(Change.SAME, piece.text) for piece in line.pieces],
            )
            for line in lines
        ]

    def _part(self, name: str) -> Any:
        return self.model._meta.get_field(name).related_model

    def _field_lines(self, column: Field, old: Any, new: Any) -> list[Line]:
        old_blocks, new_blocks = self._blocks(column, old), self._blocks(column, new)
        if _is_one_value(column) and old_blocks and new_blocks:
            return [diff.changed(old_blocks[0], new_blocks[0], whole=not _is_prose(column))]
        found = diff.folded(list(diff.line_by_line(old_blocks, new_blocks)))
        if old_blocks and old_blocks == new_blocks and old != new:
            found.append(Line(Change.CHANGED, note="排版有变"))
        return found

    def _row_lines(self, part: Any, old: list[Row], new: list[Row]) -> list[Line]:
        """Return the fields that differ of the rows that differ, each labelled with its row."""
        columns = {column.name: column for column in covered_fields(part)}
        found = []
        for i, j in pair_rows(old, new):
            before, after = {} if i is None else old[i], {} if j is None else new[j]
            title = str(title_of(after or before))[:TITLE]
            for name, column in columns.items():
                was, became = before.get(name) or None, after.get(name) or None
                if was != became:
                    label = f"{title} · {column.verbose_name}"
                    lines = self._field_lines(column, was, became)
                    found += [replace(line, label=label) for line in lines]
        return found

    # --- Values ------------------------------------------------------------------------------------------

    def _blocks(self, column: Field, value: Any) -> list[Block]:
        if value is None or value in ("", []):
            return []
        if isinstance(column, RichTextField):
            return list(_blocks_in(Tidy(value).root, self._file_name))
        if isinstance(column, LinesField):
            return [Block(line) for line in value]
        if column.many_to_many:
            return [Block(self._related_name(column, key)) for key in value]
        if isinstance(column, models.TextField):
            return [Block(line) for line in str(value).splitlines() if line.strip()]
        return [Block(self._value(column, value))]

    def _value(self, column: Field, value: Any) -> str:
        if column.is_relation:
            return self._related_name(column, value)
        if column.flatchoices:
            return str(dict(column.flatchoices).get(value, value))
        if isinstance(column, models.BooleanField):
            return "是" if value else "否"
        if isinstance(column, models.DateTimeField):
            at = timezone.localtime(datetime.fromisoformat(value))
            return date_format(at, "Y年n月j日 H:i")
        if isinstance(column, models.DateField):
            return date_format(date.fromisoformat(value), "Y年n月j日")
        return str(value)

    def _related_name(self, column: Field, key: Any) -> str:
        if isinstance(key, str):  # a tag
            return key
        return self._name(column.related_model, key)

    def _file_name(self, key: int) -> str:
        return self._name(MediaFile, key)

    def _name(self, related: Any, key: int) -> str:
        if not self.contents:
            return ""
        if related not in self.names:
            rows = related._base_manager.in_bulk(list(self._mentioned()[related]))
            self.names[related] = {pk: str(row) for pk, row in rows.items()}
        return self.names[related].get(key, f"已删除的{related._meta.verbose_name}")

    def _mentioned(self) -> dict[Any, set[int]]:
        """Return the keys in all contents, by the model they are keys of."""
        found: dict[Any, set[int]] = defaultdict(set)
        for content in self.contents:
            for name, column in self.fields.items():
                value = content.get(name)
                if column.is_relation and value:
                    keys = value if isinstance(value, list) else [value]
                    found[column.related_model] |= {key for key in keys if isinstance(key, int)}
                elif isinstance(column, RichTextField) and value:
                    found[MediaFile] |= {picture.file for picture in Tidy(value).pictures}
        return found


def _is_one_value(column: Field) -> bool:
    return not (column.many_to_many or isinstance(column, models.TextField))


def _is_prose(column: Field) -> bool:
    """Whether signs within a value may be compared: not those of a name, a number or an address."""
    names = (models.URLField, models.SlugField, models.EmailField)
    return (
        isinstance(column, models.CharField)
        and not column.flatchoices
        and not isinstance(column, names)
    )


# --- Rich text ----------------------------------------------------------------------------------------------


def _blocks_in(
    container: Container, file_name: Callable[[int], str], label: str = ""
) -> Iterator[Block]:
    """Yield paragraphs, headings, list items, table rows and pictures, however they are nested."""
    for child in container.children:
        if isinstance(child, Words):
            kind = "小标题" if child.tag.startswith("h") else label
            yield Block(_words(child), kind, "".join(child.html()), _words(child, links=True))
        elif isinstance(child, Picture):
            yield Block(_picture(child, file_name(child.file)), "图片", str(child.file))
        elif isinstance(child, Rule):
            yield Block("———", "分隔线")
        elif child.tag == "tr":
            cells = [cell for cell in child.children if isinstance(cell, Container)]
            text = " ｜ ".join(_cell(cell, file_name) for cell in cells)
            yield Block(text, "表格行", "".join(child.html()))
        else:
            yield from _blocks_in(child, file_name, LABELS.get(child.tag, label))


def _words(words: Words, *, links: bool = False) -> str:
    def said(text: str, href: str) -> str:
        return f"{text}（{href}）" if links and href else text

    return "\n".join("".join(said(text, s.href) for text, s in line) for line in words.lines)


def _picture(picture: Picture, name: str) -> str:
    alt = f"；替代文字：{picture.alt}" if picture.alt else ""
    caption = f"；图片说明：{picture.caption}" if picture.caption else ""
    return f"{name}{alt}{caption}"


def _cell(cell: Container, file_name: Callable[[int], str]) -> str:
    return " ".join(block.text for block in _blocks_in(cell, file_name))
