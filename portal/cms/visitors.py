"""Who asks: a visitor's address, as far as it can be believed, and no further than a limit needs it."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

# What one household or office gets of IPv6: within it, everybody may take a new address every minute.
HOME_BITS = 64
MOST_HOPS = 10
# A beacon needs JavaScript, which keeps out most crawlers; these run JavaScript too.
CRAWLER = re.compile(
    r"bot|spider|crawl|slurp|lighthouse|headless|preview|monitor|curl|wget|python|java/|go-http",
    re.IGNORECASE,
)


def is_crawler(user_agent: str) -> bool:
    """Whether a request of this name is no reader; one without a name is none either."""
    return not user_agent or CRAWLER.search(user_agent) is not None


def is_from_our_pages(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this site sent the request; old ones say nothing.

    By the name of the site: behind a proxy on another machine the scheme may be lost on its way here.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get("Origin")
    own = (request.get_host(), urlsplit(settings.SITE_URL).netloc)
    return site == "same-origin" and (origin is None or origin.partition("://")[2] in own)


def address_of(request: HttpRequest) -> str:
    """Return the address of whoever sent a request; for IPv6, its network of 64 bits; "" for none."""
    address = hop_of(request)
    if address is None:
        return ""
    return str(address) if address.version == 4 else str(ip_network((address, HOME_BITS), False))


def hop_of(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """Return the last address on a request's way here that is not one of our own proxies.

    X-Forwarded-For is read from its end, where our proxies write (TRUSTED_PROXIES): what stands before
    is whatever the visitor made up. Who comes by a unix socket has no address, and is a proxy on this
    machine.
    """
    hops = request.headers.get("X-Forwarded-For", "").split(",")[-MOST_HOPS:]
    address = _parsed(request.META.get("REMOTE_ADDR", ""))
    while hops and (address is None or _is_ours(address)):
        before = _parsed(hops.pop())
        if before is None:
            break
        address = before
    return address


@lru_cache(maxsize=256)
def is_proxy(peer: str) -> bool:
    """Whether who is connected to us is a proxy of ours; who comes by a unix socket is."""
    address = _parsed(peer)
    return not peer if address is None else _is_ours(address)


def _is_ours(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address; one of IPv4 in the clothes of IPv6 is one of IPv4."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
