"""Files at the root of the site by which engines know whose it is; and robots.txt.

Whoever may put a file there speaks for the site. So it can only be one that an engine asks for, by its
name, small, and without anything that would run; and it is sent as what it is, in a sandbox.
"""

from __future__ import annotations

import re
from typing import Final

from django.core.exceptions import ValidationError

from portal.cms.delivery.models import SECRETS, DeliveryTarget
from portal.cms.engines.models import Verification
from portal.cms.site import absolute

MOST_BYTES: Final = 4 * 1024
# As the engines name theirs.
NAMES: Final = re.compile(
    r"baidu_verify_[A-Za-z0-9-]{1,60}\.html|BingSiteAuth\.xml|ByteDanceVerify\.html"
    r"|sogousiteverification\.txt|shenma-site-verification\.txt|MP_verify_[A-Za-z0-9]{1,40}\.txt"
    r"|WW_verify_[A-Za-z0-9]{1,40}\.txt|google[0-9a-f]{8,40}\.html|[0-9a-f]{32}\.(?:txt|html)"
)
RUNS: Final = re.compile(r"<\s*(?:script|iframe|object|embed|svg)|javascript:|\son[a-z]+\s*=", re.I)
TYPES: Final = {
    "txt": "text/plain; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
}
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-cache",
}
# Nothing for engines, and without end: not to be fetched at all. What may be fetched and is not to be found
# says `noindex`, and is not listed here: whoever does not fetch it does not read that. Nor is the desk: who
# asks need not be told.
CLOSED: Final = ("/search/", "/preview/")


def robots() -> str:
    """Return robots.txt."""
    closed = (f"Disallow: {path}\n" for path in CLOSED)
    return f"User-agent: *\n{''.join(closed)}\nSitemap: {absolute('/sitemap.xml')}\n"


def root_file(name: str) -> str | None:
    """Return what stands in a file at the root; None where there is none.

    One query, and one more where it may be the key of IndexNow.
    """
    row = Verification.objects.filter(way=Verification.Way.FILE, name=name).first()
    if row is not None:
        return row.content
    stem, _, kind = name.rpartition(".")
    pattern, _ = SECRETS["indexnow"]
    if kind != "txt" or not pattern.fullmatch(stem):
        return None
    keys = DeliveryTarget.objects.filter(kind=DeliveryTarget.Kind.INDEXNOW, active=True)
    return stem if keys.filter(secret=stem).exists() else None


def check(name: str, content: str) -> None:
    """Raise ValidationError for a file that no engine asks for, or that says more than it has to."""
    if not NAMES.fullmatch(name):
        raise ValidationError(
            {
                "name": "这不是平台的验证文件名。请用平台给的原文件名，例如 baidu_verify_codeva-….html。"
            }
        )
    if len(content.encode()) > MOST_BYTES:
        raise ValidationError({"content": "验证文件最大 4 KB。"})
    if RUNS.search(content):
        raise ValidationError({"content": "验证文件里不能有脚本或嵌入的内容。"})
