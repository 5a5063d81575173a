"""What a view says of itself: that its page may be kept, and which parameters it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.urls import Resolver404, resolve

V = TypeVar("V", bound=Callable[..., Any])


def cacheable(
    *parameters: str, unless: Callable[[str], bool] = lambda query: False
) -> Callable[[V], V]:
    """Declare that a view shows the same to everybody, by its address and these parameters alone.

    It goes around all other decorators of the view. What is asked for by a query for which `unless` is
    true is not kept.
    """

    def declare(view: V) -> V:
        view.page_parameters = frozenset(parameters)  # type: ignore[attr-defined]
        view.page_unless = unless  # type: ignore[attr-defined]
        return view

    return declare


def parameters_of(path: str, query: str = "") -> frozenset[str] | None:
    """Return the parameters that the page at a path knows; None where no page there may be kept."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    known: frozenset[str] | None = getattr(view, "page_parameters", None)
    unless: Callable[[str], bool] | None = getattr(view, "page_unless", None)
    return None if query and unless is not None and unless(query) else known
