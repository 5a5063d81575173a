"""Pictures that come with a text — as data: URLs, or as addresses elsewhere — into the library.

The text may be as hostile as it likes: `clean` still goes over what comes out of here.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from dataclasses import dataclass, field
from html import escape
from urllib.parse import unquote_to_bytes

from portal.cms.media.fetching import SECONDS, FetchError, SpacerError, fetch_picture, keep_picture
from portal.cms.media.models import MediaFile
from portal.cms.richtext.document import attributes_html
from portal.cms.richtext.render import is_library_picture
from portal.cms.richtext.scan import Token, scan

# What stands in the text where a picture could not be had; nothing that has it may be published.
MISSING = re.compile(r"〔图片缺失：([^〔〕]*)〕")
LONGEST_MARK = 200  # so that the address of a WeChat picture stays whole, and can be copied
PASTED = "粘贴的图片"

FETCHING_SECONDS = 25.0  # for all pictures of one text, well before a reverse proxy gives up
MOST_PICTURES = 300  # in one text
SPACERS = frozenset({"0", "1", "2", "0px", "1px", "2px"})
# Where pages keep the address of a picture that is loaded late; WeChat's is the first. Their src
# shows a placeholder.
ADDRESSES = ("data-src", "data-original", "data-actualsrc", "data-lazy-src", "src")
# What WeChat and its kind write where nobody wrote anything.
NO_ALT = frozenset({"图片", "图像", "image", "img"})

# In every text of ours, `data-file` comes first. A fixed look ahead: linear on anything.
FOREIGN = re.compile(r"<img(?! data-file=\"[0-9])", re.IGNORECASE)
DATA = re.compile(r"data:([^,]*),", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Missing:
    """A picture that could not be had: what the mark in the text says, and why."""

    address: str
    reason: str


@dataclass(slots=True)
class Incoming:
    """A text with its pictures in the library, so many of them brought in, the rest marked."""

    html: str
    brought: int = 0
    missing: list[Missing] = field(default_factory=list)


def has_foreign_pictures(html: str) -> bool:
    """Whether `bring_in` may have something to do; costs next to nothing."""
    return FOREIGN.search(html) is not None


def bring_in(html: str, seconds: float = FETCHING_SECONDS) -> Incoming:
    """Return `html` with every picture a figure of the library, or marked where it was not to be had.

    Fetching ends after `seconds`; pictures that come in the text itself are kept however long it
    takes, about a second for each that is large. To be called outside a transaction.
    """
    if not has_foreign_pictures(html):
        return Incoming(html)
    return Porter(seconds).carry(html)


def mark(address: str) -> str:
    """Return the mark for a picture that was at `address`."""
    plain = " ".join(re.sub("[〔〕]", " ", address).split())
    short = plain if len(plain) <= LONGEST_MARK else f"{plain[: LONGEST_MARK - 1]}…"
    return f"〔图片缺失：{short}〕"


class Porter:
    """Carries the pictures of one text; each address once, however often it is shown."""

    def __init__(self, seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        # None for a spacer, which leaves nothing behind.
        self.had: dict[str, MediaFile | Missing | None] = {}

    def carry(self, html: str) -> Incoming:
        carried = "".join(self.written(token) for token in scan(html))
        missing = [had for had in self.had.values() if isinstance(had, Missing)]
        brought = sum(isinstance(had, MediaFile) for had in self.had.values())
        return Incoming(carried, brought, missing)

    def written(self, token: Token) -> str:
        if token.kind == "open" and token.value == "img" and not is_library_picture(token):
            return self.picture(token.attributes)
        return as_html(token)

    def picture(self, attributes: dict[str, str]) -> str:
        """Return the figure, or the mark, that stands for an <img>; "" if it shows nothing."""
        addresses = (attributes.get(name, "").strip() for name in ADDRESSES)
        address = next(filter(None, addresses), "")
        size = {attributes.get(name, "").strip().lower() for name in ("width", "height")}
        if not address or size & SPACERS:
            return ""
        alt = " ".join(attributes.get("alt", "").split())
        alt = "" if alt.lower() in NO_ALT else alt
        if address not in self.had:
            self.had[address] = self.bring(address, alt)
        had = self.had[address]
        if isinstance(had, Missing):
            return f"<p>{escape(mark(had.address), quote=False)}</p>"
        return figure(had, alt) if had else ""

    def bring(self, address: str, alt: str) -> MediaFile | Missing | None:
        data = DATA.match(address)
        try:
            if len(self.had) >= MOST_PICTURES:
                raise FetchError(f"一篇文章最多带入 {MOST_PICTURES} 张图片。")
            if data:
                content = decoded(data[1], address[data.end() :])
                return keep_picture(content, PASTED, image_alt_text=alt[:300])
            return self.fetch(address, alt)
        except SpacerError:
            return None
        except FetchError as refused:
            return Missing(PASTED if data else address, refused.messages[0])

    def fetch(self, address: str, alt: str) -> MediaFile:
        if address.lower().startswith("file:"):
            raise FetchError("图片在您自己的电脑上，网站取不到；请上传这张图片。")
        if address.lower().startswith(("blob:", "cid:")):
            raise FetchError("图片只在原来的网页或邮件里才有；请另存后上传。")
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise FetchError("图片太多，规定的时间里没有取完。")
        url = f"https:{address}" if address.startswith("//") else address
        return fetch_picture(url, alt=alt, seconds=min(left, SECONDS))


def decoded(kind: str, data: str) -> bytes:
    """Return what a data: URL holds; `kind` is what stands before its comma. Raises FetchError."""
    content = unquote_to_bytes(data) if "%" in data else data.encode()
    if not kind.lower().rstrip().endswith(";base64"):
        return content
    try:
        # Ends are often cut off; what is too much of an end does no harm.
        return base64.b64decode(content + b"==")
    except binascii.Error as error:
        raise FetchError("粘贴的图片不完整，无法读取。") from error


def figure(file: MediaFile, alt: str) -> str:
    attributes = {
        "data-file": file.pk,
        "src": file.image_file.url,
        "alt": alt,
        "width": file.image_width,
        "height": file.image_height,
    }
    return f"<img{attributes_html(attributes)}>"


def as_html(token: Token) -> str:
    """Return a token as it was written, to whoever scans it again."""
    if token.kind == "text":
        return escape(token.value, quote=False)
    slash = "/" if token.kind == "close" else ""
    return f"<{slash}{token.value}{attributes_html(token.attributes)}>"
