"""Addresses of items: made up, and read as visitors and editors hand them in.

Every app registers in `ready` the views that show one of its items:

    addresses.register("staffing:job", Job)

The view's one argument has the name of a field: `/jobs/<pk>/`, `/services/<slug>/`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final
from urllib.parse import unquote

from django.conf import settings
from django.core import checks
from django.urls import Resolver404, ResolverMatch, resolve, reverse

from portal.cms.kinds import errors_unless_named
from portal.cms.publishing import Publishable
from portal.cms.rows import without_texts

LONGEST: Final = 200
# Behind these stand files, and links that are secrets.
CLOSED: Final = ("media", "preview", "static")
# What is read by machines is no page; and any name may be that of a file at the root.
FILES: Final = frozenset({"robots", "root_file", "sitemap_index", "sitemap_part"})

_registered: dict[str, tuple[type[Publishable], dict[str, Any]]] = {}


# Django takes 20 µs to make one up, and a list links to a hundred. Some 4 MB when full.
@lru_cache(maxsize=10_000)
def address(view: str, of: int | str) -> str:
    """Return the address of a view that takes one argument: the id or the slug of an item."""
    return reverse(view, args=[of])


def register(view_name: str, model: type[Publishable], **fixed: Any) -> None:
    """Say that a view shows an item of `model`: the one its argument names, or the `fixed` one."""
    _registered[view_name] = (model, fixed)


def own_path(text: str) -> str:
    """Return the path of a page of this site that a stranger names; empty where it is none.

    It may come as browsers write it (%E5%8A%B3). No query, and no proof that something is there: any
    word may be the name of a page.
    """
    path = unquote(text[: LONGEST * 9])  # a Chinese character is nine signs long
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST:
        return ""
    if not path.isprintable() or set(path) & set(" ?#\\\ufffd"):
        return ""
    closed = (settings.ADMIN_PATH, *CLOSED)
    if any(f"{path}/".startswith(f"/{room}/") for room in closed):
        return ""
    return path if _match(path) else ""


def names_item(path: str) -> bool:
    """Whether nothing but an item can be at this path, which need not be there; no query.

    Some views show a page of theirs with the words of an item, and without them as well.
    """
    match = _match(path)
    registered = _registered.get(match.view_name) if match else None
    return registered is not None and not registered[1]


def item_at(path: str) -> Publishable | None:
    """Return the item whose page has this path, whether or not a stranger may see it; one query."""
    return items_at([path]).get(path)


def items_at(paths: Iterable[str]) -> dict[str, Publishable]:
    """Return the items at these paths, hidden ones too, by path; one query for each kind there is."""
    wanted: dict[tuple[type[Publishable], str], dict[Any, list[str]]] = {}
    for path in paths:
        if (match := _match(path)) and match.view_name in _registered:
            model, fixed = _registered[match.view_name]
            ((name, value),) = {**match.kwargs, **fixed}.items()
            wanted.setdefault((model, name), {}).setdefault(value, []).append(path)
    return {
        path: item
        for (model, name), places in wanted.items()
        for item in without_texts(model._default_manager.filter(**{f"{name}__in": places}))
        for path in places[getattr(item, name)]
    }


def _match(path: str) -> ResolverMatch | None:
    try:
        match = resolve(path)
    except Resolver404:
        return None
    return None if match.view_name in FILES else match


@checks.register
def check_every_kind_has_an_address(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[checks.CheckMessage]:
    """Without it a complaint about an item, or a link to it, would find nothing."""
    hint = (
        "Register the view that shows it with portal.cms.addresses.register in the app's `ready`."
    )
    models = [model for model, _ in _registered.values()]
    return errors_unless_named(models, "no address leads to it", hint, "cms.E040")
