"""From the stored text to the page, and to a line of plain words. The only place that marks HTML safe."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from portal.cms.media.display import image_attributes
from portal.cms.media.models import MediaFile
from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.document import attributes_html
from portal.cms.richtext.scan import INVISIBLE, Token, scan

# The column of text is 680 pixels wide at most (--measure in site.css), and on phones the screen.
SIZES = "(max-width: 48rem) 100vw, 680px"
# A table may be wider than a phone: it scrolls by itself, by keyboard too.
TABLE_OPEN = '<div class="table-scroll" tabindex="0" role="region" aria-label="表格">'
TABLE_CLOSE = "</div>"
INLINE = frozenset({"a", "strong", "em", "u", "s", "img"})


def render(html: str) -> SafeString:
    """Return the text as it stands in a page: pictures in sizes, links and tables dressed.

    Safe for any input, because nh3 goes over it first. One query if there are pictures, else none.
    """
    tokens = list(scan(CLEANER.clean(INVISIBLE.sub("", html or ""))))
    files = MediaFile.objects.exclude(image_file="").in_bulk(
        [int(token.attributes["data-file"]) for token in tokens if is_library_picture(token)]
    )
    return mark_safe("".join(rendered(tokens, files)))  # noqa: S308  cleaned above, escaped below


def is_library_picture(token: Token) -> bool:
    """Whether this is the <img> of a library file; ids beyond what a database holds are none."""
    file = token.attributes.get("data-file", "")
    return token.value == "img" and file.isascii() and file.isdecimal() and len(file) < 19


def rendered(tokens: list[Token], files: dict[int, MediaFile]) -> Iterator[str]:
    tables = 0
    for token in tokens:
        if token.kind == "text":
            yield escape(token.value, quote=False)
        elif token.value == "img":
            file = (
                files.get(int(token.attributes["data-file"])) if is_library_picture(token) else None
            )
            yield picture(file, token.attributes.get("alt", "")) if file else ""
        elif token.kind == "close":
            yield f"</{token.value}>"
            tables -= token.value == "table"
            yield TABLE_CLOSE if token.value == "table" and not tables else ""
        else:
            yield TABLE_OPEN if token.value == "table" and not tables else ""
            tables += token.value == "table"
            yield f"<{token.value}{attributes_html(dressed(token))}>"


def dressed(token: Token) -> dict[str, str]:
    """A link that leaves the site vouches for nothing, and does not hand over the reader's tab."""
    if token.value != "a" or not leaves_site(token.attributes.get("href", "")):
        return token.attributes
    return token.attributes | {"rel": "nofollow noopener"}


def leaves_site(href: str) -> bool:
    try:
        host = urlsplit(href).hostname
    except ValueError:  # nh3 and browsers take more for an address than Python does
        return True
    return host is not None and host != urlsplit(settings.SITE_URL).hostname


def picture(file: MediaFile, alt: str) -> str:
    attributes = image_attributes(file, "large")
    if "srcset" in attributes:
        attributes["sizes"] = SIZES
    alt = alt or file.image_alt_text
    return f"<img{attributes_html({**attributes, 'alt': alt, 'loading': 'lazy', 'decoding': 'async'})}>"


def plain(html: str, length: int) -> str:
    """Return the beginning of the text as plain words, captions left out; "…" where it was cut."""
    words: list[str] = []
    count = 0
    captions = 0
    for token in scan(html or ""):
        if token.value == "figcaption" and token.kind != "text":
            captions += 1 if token.kind == "open" else -1
        elif token.kind != "text":
            words.append("" if token.value in INLINE else " ")
        elif captions <= 0:
            words.append(token.value)
            count += len(token.value.strip())
        if count > length:
            break
    text = " ".join("".join(words).split())
    return text if len(text) <= length else f"{text[: length - 1].rstrip()}…"
