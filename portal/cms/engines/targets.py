"""The search engines that are told of changes, as the environment names them."""

from __future__ import annotations

from typing import Final

from django.conf import settings

from portal.cms.delivery import outbox
from portal.cms.delivery.models import DeliveryTarget

Kind = DeliveryTarget.Kind
NAMES: Final = {Kind.BAIDU: "百度普通收录", Kind.INDEXNOW: "IndexNow"}


def follow_environment() -> None:
    """Make the targets that the environment names, or change their secrets; two queries.

    One that is not named there stays as the admin has it, and so does one that was switched off.
    """
    named = {
        Kind.BAIDU: (settings.BAIDU_PUSH_SITE, settings.BAIDU_PUSH_TOKEN),
        Kind.INDEXNOW: (settings.SITE_URL, settings.INDEXNOW_KEY),
    }
    for kind, (site, secret) in named.items():
        if secret:
            _follow(kind, site, secret)


def _follow(kind: Kind, site: str, secret: str) -> None:
    target = DeliveryTarget.objects.filter(kind=kind).order_by("pk").first()
    if target is None:
        DeliveryTarget.objects.create(kind=kind, name=NAMES[kind], address=site, secret=secret)
    elif (target.address, target.secret) != (site, secret):
        target.address, target.secret = site, secret
        target.save(update_fields=["address", "secret"])
        outbox.hurry(target)
