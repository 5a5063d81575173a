"""Old addresses of what is renamed lead on by themselves: apps say so in their `engines` module.

    follow(Category, addresses_of_category)

The first address is that of the item's own page, if it has one; others may be of its feeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db.models import Model
from django.db.models.signals import post_save, pre_save
from django.urls import NoReverseMatch
from django.utils import timezone

from portal.cms.publishing import Publishable, is_rehearsal
from portal.cms.redirects.keys import key_of
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.remembering import AUTO, Pair, remember
from portal.cms.rows import without_texts

# What addresses are made of.
NAMES: Final = frozenset({"slug", "name"})

Addresses = Callable[[Any], Sequence[str]]


def own_address(item: Any) -> Sequence[str]:
    return [item.get_absolute_url()]


def follow(model: type[Model], addresses: Addresses = own_address) -> None:
    """Have a redirect made wherever a save moves what strangers have seen; a query a save to know.

    Always as many addresses for an item, in the same order.
    """

    def look(instance: Any, raw: bool, update_fields: Any, **kwargs: Any) -> None:
        named = update_fields is None or NAMES & set(update_fields)
        if named and not raw and not is_rehearsal():
            # On the item until it is saved: two threads may save two of a kind.
            instance._addresses_before = shown_before(instance, addresses)

    def move(instance: Any, **kwargs: Any) -> None:
        before = instance.__dict__.pop("_addresses_before", None)
        # A new tag has no page yet: what led on from its address goes on until one is there.
        if before is None or not (before or is_published(instance)):
            return
        after = addresses_of(instance, addresses)
        if before != after:
            lead_on(instance, before, after)

    for signal, receiver in ((pre_save, look), (post_save, move)):
        uid = f"redirects:{receiver.__name__}:{model._meta.label}"
        signal.connect(receiver, sender=model, weak=False, dispatch_uid=uid)


def shown_before(item: Model, addresses: Addresses) -> list[str]:
    """Return the addresses at which strangers may know an item that is being saved; none of a new one."""
    if item._state.adding:
        return []
    stored = without_texts(type(item)._base_manager.filter(pk=item.pk)).first()
    return addresses_of(stored, addresses) if stored is not None and was_shown(stored) else []


def addresses_of(item: Model, addresses: Addresses) -> list[str]:
    """Return the addresses of an item; none of one whose name makes no address."""
    try:
        return list(addresses(item))
    except NoReverseMatch:
        return []


def was_shown(item: Model) -> bool:
    """Whether strangers may know the address of an item."""
    if not isinstance(item, Publishable):
        return True
    return item.first_published_at is not None and item.first_published_at <= timezone.now()


def is_published(item: Model) -> bool:
    return isinstance(item, Publishable) and item.is_public


def lead_on(item: Model, before: Sequence[str], after: Sequence[str]) -> None:
    """Note where the addresses of an item are now, and let what led to the old ones lead there at once.

    Where something else of ours was, the item is now: no redirect is needed there.
    """
    if not after:
        return
    own = getattr(item, "get_absolute_url", str)()
    pairs: list[Pair] = []
    for old, new in zip(before, after, strict=False):
        if old != new:
            pairs.append((old, item if new == own else new))
            Redirect.objects.filter(target=old).update(target=new)
    remember(pairs, AUTO)
    if is_published(item) or not isinstance(item, Publishable):
        Redirect.objects.filter(key__in=list(map(key_of, after)), origin=AUTO).delete()
