"""What the head of the home page proves to engines: whose site it is."""

from __future__ import annotations

from typing import Final

from portal.cms.engines.models import Verification
from portal.cms.pagecache.epochs import once

# The tags that engines ask for. No other is shown, whatever a row says: a tag can do more than prove.
META_NAMES: Final = frozenset({
    "baidu-site-verification",
    "msvalidate.01",
    "360-site-verification",
    "360_ssp_verify",
    "sogou_site_verification",
    "bytedance-verification-code",
    "shenma-site-verification",
    "google-site-verification",
    "yandex-verification",
})  # fmt: skip


@once
def proofs() -> list[Verification]:
    """Return the tags to show; one query an epoch."""
    return list(Verification.objects.filter(way=Verification.Way.META, name__in=META_NAMES))
