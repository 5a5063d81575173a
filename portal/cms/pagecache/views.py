"""What a view says of itself: that its page may be kept, and which parameters it knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.urls import Resolver404, resolve

V = TypeVar("V", bound=Callable[..., Any])


def cacheable(*parameters: str) -> Callable[[V], V]:
    """Declare that a view shows the same to everybody, by its address and these parameters alone.

    It goes around all other decorators of the view.
    """

    def declare(view: V) -> V:
        view.page_parameters = frozenset(parameters)  # type: ignore[attr-defined]
        return view

    return declare


def parameters_of(path: str) -> frozenset[str] | None:
    """Return the parameters that the page at a path knows; None where no page there may be kept."""
    try:
        view = resolve(path).func
    except Resolver404:
        return None
    return getattr(view, "page_parameters", None)
