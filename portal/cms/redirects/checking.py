"""What keeps a redirect from being made, in sentences for whoever types it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import Model

from portal.cms.addresses import items_at
from portal.cms.engines.looking import Places, path_of
from portal.cms.redirects.counting import LEFT_OUT
from portal.cms.redirects.finding import leads_back, own_part
from portal.cms.redirects.keys import HOST, is_entrance, key_of, normal
from portal.cms.redirects.models import MissedAddress, Redirect
from portal.cms.redirects.patterns import PatternError, check_target, compiled
from portal.cms.site import URL_OR_PATH

AT_ONCE: Final = 1000
ALIVE: Final = "这个网址现在打得开，跳转不会生效；要跳转，请先把那个页面下线或改名。"


def tidy(old: str) -> str:
    """Return an old address as it was typed or pasted, with the slash it begins with."""
    old = old.strip()
    return old if old.startswith(("/", "http://", "https://")) else f"/{old}"


def check_words(row: Redirect) -> None:
    """Raise ValidationError for what can be seen from the redirect alone; no query."""
    try:
        URL_OR_PATH(row.target or "/")
        if row.kind == Redirect.Kind.PATTERN:
            check_target(compiled(row.old), row.target)
            return
    except PatternError as error:
        raise ValidationError({"old": str(error)}) from error
    except ValidationError as error:
        raise ValidationError(
            {"target": "请填写以 / 开头的站内网址，或以 https:// 开头的网址。"}
        ) from error
    query = HOST.sub("", row.old).partition("#")[0].partition("?")[2]
    if not normal(row.old).path and not is_entrance(query):
        raise ValidationError({"old": "首页不能跳转。"})
    own = own_part(row.target) if row.target else None
    if own is not None and key_of(own) == key_of(row.old):
        raise ValidationError({"target": "这与旧网址是同一个网址。"})


class Standing:
    """What is where, for redirects that are about to be made; for 250 a query for each kind of item.

    So many lists are asked for, at the cost of a page each; of any other it is believed.
    """

    def __init__(self, rows: Iterable[Redirect], most: int = 2) -> None:
        places = (place for row in rows for place in (old_place(row), target_place(row)) if place)
        paths = iter({path for place in places for path in (path_of(place), f"{path_of(place)}/")})
        self._public: set[str] = set()
        while chunk := list(islice(paths, AT_ONCE)):
            self._public |= {path for path, item in items_at(chunk).items() if item.is_public}
        self._places = Places(most)

    def has(self, place: str) -> bool:
        return path_of(place) in self._public or self._places.has(place)

    def trouble(self, row: Redirect) -> tuple[str, str] | None:
        """Return what keeps a redirect from working: the field, and a sentence; None if nothing does.

        A target of ours without the slash of its page gets it.
        """
        old, target = old_place(row), target_place(row)
        if old and (self.has(old) or self._has_with_slash(old)):
            return "old", ALIVE
        if not target or self.has(target):
            return None
        if self._has_with_slash(target):
            path, sign, part = row.target.partition("#")
            row.target = f"{path}/{sign}{part}"
            return None
        return "target", f"站内没有这个网址，或那个页面没有发布：{target}。请核对后再填。"

    def _has_with_slash(self, place: str) -> bool:
        return "?" not in place and not place.endswith("/") and self.has(f"{place}/")


def old_place(row: Redirect) -> str:
    """Return the address of ours that a redirect answers for; "" for a class of them."""
    return "" if row.kind == Redirect.Kind.PATTERN else HOST.sub("", row.old).partition("#")[0]


def target_place(row: Redirect) -> str:
    """Return where on this site a redirect leads; "" for another's, and where only asking tells."""
    own = own_part(row.target) if row.target else None
    if own is None or (row.kind == Redirect.Kind.PATTERN and "$" in own):
        return ""
    return own.partition("#")[0]


def check_places(row: Redirect) -> None:
    """Raise ValidationError where something is at the old address, or nothing at the target.

    Some five queries, and those of a list that is asked for.
    """
    if row.target and leads_back(row):
        raise ValidationError({"target": "那里又跳转回这个旧网址，成了一个圈。"})
    if (found := Standing([row]).trouble(row)) is not None:
        field, says = found
        raise ValidationError({field: says})


def forget_missed(row: Redirect) -> None:
    """Take what a new redirect answers out of the log of what leads nowhere."""
    if row.kind == Redirect.Kind.EXACT:
        MissedAddress.objects.filter(key=row.key).delete()
        return
    pattern = compiled(row.old)
    answered = [
        pk
        for pk, path in MissedAddress.objects.values_list("pk", "path")
        if pattern.match(*path.replace(LEFT_OUT, "0").partition("?")[::2]) is not None
    ]
    MissedAddress.objects.filter(pk__in=answered).delete()


def old_addresses(item: Model, most: int = 20) -> list[str]:
    """Return the old addresses that lead to an item, for its form; one query."""
    kind = ContentType.objects.get_for_model(item)
    rows = Redirect.objects.filter(content_type=kind, object_id=item.pk)
    return list(rows.order_by("pk").values_list("old", flat=True)[:most])
