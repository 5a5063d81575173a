"""Deleting what something else may need: refused at once, with the reason, and not after a question."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.cms.admin.desk import ModelAdmin


class KeptWhileUsed(ModelAdmin):
    """For rows that are needed elsewhere; mix in before the admin class.

    A subclass says in `reasons_to_keep` what stands in the way, and names `delete_selected` in its
    `actions`: of several rows, all are kept for the sake of one.
    """

    def reasons_to_keep(self, rows: Iterable[Any]) -> list[str]:
        """Return a sentence for each of the rows that cannot be deleted."""
        raise NotImplementedError

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if (
            row is not None
            and self.has_delete_permission(request, row)
            and self.is_refused(request, [row])
        ):
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", row.pk)
        return super().delete_view(request, object_id, extra_context)

    @admin.action(description="删除所选的%(verbose_name_plural)s", permissions=["delete"])
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        if self.is_refused(request, queryset):
            return None
        return delete_selected(self, request, queryset)

    def is_refused(self, request: HttpRequest, rows: Iterable[Any]) -> bool:
        """Whether one of them cannot be deleted; says why."""
        reasons = self.reasons_to_keep(rows)
        for reason in reasons:
            self.message_user(request, reason, messages.ERROR)
        return bool(reasons)
