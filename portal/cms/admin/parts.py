"""The rows of a part (`Publishable.parts`) in the form of their item."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.forms.formsets import INITIAL_FORM_COUNT
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict


class PartFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """The rows of a part (`Publishable.parts`), all of them: a row the form does not hold is gone.

    A form just opened shows the rows of the pending draft, where there is one. Its new rows are not
    in the database, so they stand in the form as rows being added.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: dict[str, Any] = getattr(self.instance, "_prefetched_objects_cache", {})
        rows = shown.get(self.fk.remote_field.get_accessor_name())
        if self.is_bound and self.data:  # of a POST that brings nothing Django says so itself
            self._take_gone_rows_for_new()
        if rows is None or self.is_bound:
            return
        self._queryset = [row for row in rows if row.pk]
        added = [row for row in rows if not row.pk]
        self.initial_extra = [forms.model_to_dict(row) for row in added]
        self.extra += len(added)

    def _take_gone_rows_for_new(self) -> None:
        """Let a row that somebody has deleted since the form was opened be one that is added.

        Django would call its id a mistake, and show a row less than was sent; and so with the item's
        own id, in a form whose item is deleted, so that it was sent as that of a new one.
        """
        typed: Any = self.data
        there = {str(row.pk) for row in self.get_queryset()}
        known = self.initial_form_count()
        sent = [typed.get(f"{self.prefix}-{i}-id") for i in range(self.total_form_count())]
        kept = [i for i, pk in enumerate(sent[:known]) if pk in there]
        if len(kept) == known and self.instance.pk is not None:
            return
        order = [*kept, *(i for i in range(len(sent)) if i not in kept)]
        place = {str(old): new for new, old in enumerate(order)}
        data = QueryDict(mutable=True)
        for name, values in typed.lists():
            row = re.fullmatch(rf"{self.prefix}-(\d+)-(\w+)", name)
            if row and row[1] in place:
                name = f"{self.prefix}-{place[row[1]]}-{row[2]}"
                if row[2] in ("id", self.fk.name) and place[row[1]] >= len(kept):
                    values = [""]
            data.setlist(name, values)
        data[f"{self.prefix}-{INITIAL_FORM_COUNT}"] = str(len(kept))
        self.data = data
        del self.management_form  # it counts from what was sent

    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        if commit:
            kept = [form.instance.pk for form in self.forms if form.instance.pk]
            rows = self.model._default_manager.filter(**{self.fk.name: self.instance})
            rows.exclude(pk__in=kept).delete()
        return saved
