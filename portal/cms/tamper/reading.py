"""What the HTML of a page links to, loads and runs that is not the site's own.

Our own pages hold no inline code and load nothing from elsewhere: what is found here somebody may have
planted, and will have tried to hide. So everything is read that some browser would act upon: what stands
in a drawing, a template or a comment too, and addresses in the odd spellings that browsers put right.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from hashlib import sha256
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

from portal.cms.richtext.scan import Scanner, Token
from portal.cms.tamper.models import INLINE, OutsideHost

LINK, SCRIPT, FRAME, FORM, PICTURE = OutsideHost.Kind.values
LONGEST_HOST: Final = 253

# What the address in an attribute is for, in most tags.
ATTRIBUTES: Final = {
    "href": LINK,
    "xlink:href": LINK,
    "ping": LINK,
    "longdesc": LINK,
    "action": FORM,
    "formaction": FORM,
    "src": FRAME,
    "data": FRAME,
    "code": FRAME,
    "codebase": FRAME,
    "archive": FRAME,
    "manifest": SCRIPT,
    "srcset": PICTURE,
    "imagesrcset": PICTURE,
    "poster": PICTURE,
    "background": PICTURE,
    "lowsrc": PICTURE,
    "dynsrc": PICTURE,
}
# In these tags, what ADDRESSES hold is for something else. Video and sound count as pictures: they are
# shown or heard, and run nothing.
IN_TAGS: Final = {
    "script": SCRIPT,
    "base": SCRIPT,
    "use": SCRIPT,
    "img": PICTURE,
    "image": PICTURE,
    "feimage": PICTURE,
    "input": PICTURE,
    "source": PICTURE,
    "video": PICTURE,
    "audio": PICTURE,
    "track": PICTURE,
}
# These load something or only lead there: that depends on the tag.
ADDRESSES: Final = frozenset({"href", "xlink:href", "src"})
# Attributes that are read by people.
WORDS: Final = frozenset({"content", "value", "alt", "title", "placeholder", "aria-label"})
# What a <link> brings into the page; any other only names an address.
LOADED: Final = {
    "stylesheet": SCRIPT,
    "import": SCRIPT,
    "manifest": SCRIPT,
    "modulepreload": SCRIPT,
    "preload": SCRIPT,
    "prefetch": SCRIPT,
    "prerender": SCRIPT,
    "icon": PICTURE,
    "apple-touch-icon": PICTURE,
    "mask-icon": PICTURE,
}
# The type of a script that holds data, such as JSON: browsers run none of it.
DATA: Final = re.compile(r"(?!.*(?:java|ecma|j|live)script).*/.*", re.IGNORECASE | re.DOTALL)

# Addresses as browsers read them: the first go wherever they stand, the second at both ends; a backslash
# is a slash.
DROPPED: Final = re.compile(r"[\t\r\n]")
EDGES: Final = "".join(map(chr, range(0x21)))
ELSEWHERE: Final = re.compile(r"(?:https?:[/\\]*|[/\\]{2,})([^/\\?#]*)", re.IGNORECASE)
CODE: Final = re.compile(r"(?:javascript|vbscript|data|livescript|mocha):", re.IGNORECASE)
IMAGE: Final = re.compile(r"data:image/", re.IGNORECASE)
REFRESH: Final = re.compile(r"[\s\d.]*[;,]?\s*(?:url\s*=\s*)?['\"]?(.*)", re.IGNORECASE | re.DOTALL)
IN_STYLE: Final = re.compile(r"(?:https?:)?[/\\]{2}[^\s'\")/\\?#;]+", re.IGNORECASE)
RUNS_IN_STYLE: Final = re.compile(r"expression\s*\(|behavior\s*:|javascript:", re.IGNORECASE)


class Sighting(NamedTuple):
    """What a page has of another host, and in which way. Code in the page itself has no host: its digest."""

    kind: str
    host: str


def look(source: str, *, is_framed: bool = False) -> frozenset[Sighting]:
    """Return what of a page is not the site's own. Linear in its length; no query."""
    # Browsers know more ways to end a comment than our scanner does: what stands in one is read, too.
    reader = Reader(source.replace("<!--", " "))
    found: set[Sighting] = set()
    for token in reader.tokens():
        if token.kind == "open":
            found.update(of_tag(token))
            # A page within the page. No deeper: `of_tag` has reported the frame itself by then.
            if "srcdoc" in token.attributes and not is_framed:
                found |= look(token.attributes["srcdoc"], is_framed=True)
    for tag, attributes, content in reader.contents:
        found.update(of_content(tag, attributes, content))
    own = own_hosts()
    return frozenset(seen for seen in found if seen.host not in own)


def own_hosts() -> Collection[str]:
    """The site by its names, and "", that of a relative address."""
    named = (host.strip("[].") for host in settings.ALLOWED_HOSTS)
    return {"", urlsplit(settings.SITE_URL).hostname or "", *named}


class Reader(Scanner):
    """Tags wherever they stand, but in scripts and styles; what those say is in `contents`."""

    swallowed = frozenset({"script", "style"})

    def __init__(self, source: str) -> None:
        super().__init__(source)
        self.contents: list[tuple[str, dict[str, str], str]] = []
        self.attributes_of_last: dict[str, str] = {}

    def markup(self, start: int) -> Token | None:
        token = super().markup(start)
        if token is not None:
            self.attributes_of_last = token.attributes
        return token

    def swallow(self, name: str) -> None:
        before = self.at
        super().swallow(name)
        self.contents.append((name, self.attributes_of_last, self.source[before : self.at]))


def of_tag(token: Token) -> Iterator[Sighting]:
    """Yield what the attributes of a tag lead to, load or run."""
    tag = token.value.rpartition(":")[2]  # svg:script
    for name, value in token.attributes.items():
        if name.startswith("on"):
            yield inline(value)
        elif name == "srcdoc":
            yield Sighting(FRAME, inline(value).host)
        elif name == "style":
            yield from of_style(value, PICTURE)
        else:
            kind = kind_of(tag, name, token.attributes)
            yield from of_attribute(kind, name, value)


def of_attribute(kind: str, name: str, value: str) -> Iterator[Sighting]:
    if kind:
        for address in addresses_in(name, value):
            yield from of_address(kind, address)
    # <animate to="javascript:…">; but words for people may begin with «data:».
    elif name not in WORDS and not name.startswith("data-") and CODE.match(plain(value)):
        yield inline(value)


def kind_of(tag: str, name: str, attributes: dict[str, str]) -> str:
    """Return what an attribute's address is for; "" where it holds none."""
    if tag == "meta" and name == "content":
        does = attributes.get("http-equiv", "").strip().lower()
        return FRAME if does == "refresh" else ""
    if name not in ATTRIBUTES:
        return ""
    if name not in ADDRESSES:
        return ATTRIBUTES[name]
    if tag == "link":
        words = attributes.get("rel", "").lower().split()
        return next((LOADED[word] for word in words if word in LOADED), LINK)
    return IN_TAGS.get(tag, ATTRIBUTES[name])


def addresses_in(name: str, value: str) -> list[str]:
    """Return the addresses of an attribute: of a set of pictures there are several."""
    if name in {"srcset", "imagesrcset"}:
        return [
            part.split()[0] for part in re.split(r",\s+|,(?=https?:|//)", value) if part.split()
        ]
    if name == "content":  # of a <meta> that sends readers on
        match = REFRESH.match(value)
        return [match[1]] if match is not None else []
    return value.split() if name in {"ping", "archive"} else [value]


def of_address(kind: str, address: str) -> Iterator[Sighting]:
    address = plain(address)
    if CODE.match(address):
        if kind != PICTURE or not IMAGE.match(address):
            yield inline(address)
    elif match := ELSEWHERE.match(address):
        yield Sighting(kind, host_in(match[1]))


def plain(address: str) -> str:
    return DROPPED.sub("", address).strip(EDGES)


def host_in(authority: str) -> str:
    """Return the host of an address, without a user's name, a port and the dot at its end."""
    host = authority.rpartition("@")[2].strip().lower()
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        host = host.encode("idna").decode()
    except UnicodeError:
        pass  # nothing that a resolver knows; shown as it stands
    return host.strip(".")[:LONGEST_HOST] or "?"


def of_content(tag: str, attributes: dict[str, str], content: str) -> Iterator[Sighting]:
    """Yield what stands between the tags of a script or a style."""
    if not content.strip():
        return
    if tag == "style":
        yield from of_style(content, SCRIPT)
    # A script with an address runs that, and not what it holds.
    elif not attributes.get("src") and not DATA.fullmatch(attributes.get("type", "").strip()):
        yield inline(content)


def of_style(style: str, kind: str) -> Iterator[Sighting]:
    """Yield the hosts that a style names. An escape may spell anything: a style that has one is code."""
    for address in IN_STYLE.findall(style):
        yield from of_address(kind, address)
    if RUNS_IN_STYLE.search(style) or "\\" in style:
        yield inline(style)


def inline(code: str) -> Sighting:
    return Sighting(SCRIPT, f"{INLINE}{sha256(code.strip().encode()).hexdigest()[:12]}")
