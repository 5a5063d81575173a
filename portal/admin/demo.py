"""Taking the demo content off the site from the admin: first what will go, then the deed."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from portal.demo import loading
from portal.demo.models import DemoItem


@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show what would go (GET), or remove it (POST). For superusers.

    The page reads every demo row afresh to see whether somebody has changed it: some hundred
    queries, once in the life of a site.
    """
    if not getattr(request.user, "is_superuser", False):
        raise PermissionDenied
    if not loading.is_loaded():
        messages.info(request, "网站里没有演示内容。")
        return redirect("admin:index")
    if request.method == "POST":
        report(request, *loading.remove())
        return redirect("admin:index")
    going, staying = survey()
    shown = {"title": "移除演示内容", "subtitle": None, "going": going, "staying": staying}
    # The banner would only say once more what this page is about.
    return TemplateResponse(
        request, "admin/demo_remove.html", {**context, **shown, "demo_loaded": False}
    )


def survey() -> tuple[list[tuple[str, list[str]]], list[str]]:
    """Return by kind the names of what would go, and what somebody has changed and will stay."""
    going: dict[str, list[str]] = defaultdict(list)
    staying: list[str] = []
    for row in DemoItem.objects.prefetch_related("item"):
        if row.item is None:
            continue
        kind, name = str(row.item._meta.verbose_name), str(row.item)
        if row.untouched:
            going[kind].append(name)
        else:
            staying.append(f"{kind}：{name}")
    return list(going.items()), staying


def report(request: HttpRequest, removed: dict[str, int], kept: list[str]) -> None:
    """Say what went and what stayed, with the reason."""
    counts = "，".join(f"{kind} {count}" for kind, count in removed.items())
    messages.success(request, f"已移除演示内容：{counts or '无'}。")
    if kept:
        messages.warning(
            request, f"以下内容改动过或仍在使用，已保留，请自行处理：{'、'.join(kept)}。"
        )
