"""The kinds of things that are published, for the tables that must name each of them."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error

from portal.cms.publishing import Publishable


def kinds() -> list[type[Publishable]]:
    return [model for model in apps.get_models() if issubclass(model, Publishable)]


def errors_unless_named(
    named: Container[type[Any] | None], lack: str, hint: str, code: str
) -> list[CheckMessage]:
    """Return what a system check says of the kinds that a table has forgotten: «… but `lack`»."""
    return [
        Error(f"{kind._meta.label} is publishable, but {lack}.", hint=hint, obj=kind, id=code)
        for kind in kinds()
        if kind not in named
    ]
