"""Old addresses by what they mean: one key for all the ways in which the same one is written.

Links to a site that is gone come with and without www, in capitals, with the campaign they came by, and
percent-encoded as UTF-8 or as GBK. Nothing here asks the database.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from hashlib import blake2s
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

# What people copy along with an address. Not all that `strip` takes for blank: an address may end with it.
BLANKS: Final = " \t\r\n\u00a0\u3000"
# Of an address of kilobytes nobody remembers more than the beginning.
LONGEST: Final = 1000
MOST_PARAMETERS: Final = 20
# Addresses that were encoded twice are read, and there is an end to it.
MOST_LAYERS: Final = 4
HOST: Final = re.compile(r"^(?:[a-z][a-z0-9+.-]*:)?//[^/?#]*", re.IGNORECASE)
# What a server shows for a folder: the folder says the same.
INDEX: Final = re.compile(
    r"(?:/(?:index\.(?:html?|shtml|php|aspx?|jsp)|default\.(?:html?|aspx?)|$))+$", re.IGNORECASE
)
SLASHES: Final = re.compile(r"/{2,}")
AMPERSAND: Final = re.compile(r"&(?:amp;)*")
# By what way a visitor came: says nothing of what is there.
TRACKING: Final = re.compile(
    r"utm_.*|hm(?:sr|pl|cu|kw|ci)|bd_vid|gclid|fbclid|msclkid|qhclickid|sogouclid|spm|scm|from|isappinstalled"
    r"|nsukey|tdsourcetag|_?share_?(?:from|token|id)?"
)
# Names that are a number: ids and pages of lists, by which other systems know what they show.
NUMBERED: Final = re.compile(r"[^=]+=[0-9]+")
# Of a list or a long text, the page after the first: where that is, nobody remembers each.
PAGED: Final = re.compile(r"(?:page|paged|pageno|pageindex|totalresult)=[0-9]*")
# What two bytes of UTF-8 can say.
MISREAD: Final = re.compile(r"[\u0000-\u07ff]+")
# By what other systems show a page at the front door, each with what stands behind it.
ENTRANCES: Final = re.compile(
    r"(?:p|page_id|cat|m|author|attachment_id|id|cate|tags|auth|tid|aid)=[0-9]+|date=[0-9-]+|tag=.+"
)
PATH_INFO: Final = re.compile(r"^/index\.php(?=/)")
FURTHER_PAGE: Final = re.compile(r"/page/[0-9]+$|(?<=[0-9a-z])_[0-9]+(?=\.s?html?$|$)")
SIZED_PICTURE: Final = re.compile(
    r"(?:-scaled|-[0-9]{1,5}x[0-9]{1,5})(?=\.(?:jpe?g|png|gif|webp|bmp)$)"
)


class Address(NamedTuple):
    """An address in its normal form: the host does not count."""

    path: str  # "" for the front page
    query: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return digest("?".join((self.path, "&".join(self.query))))


def digest(text: str) -> str:
    """Return the 32 letters that stand for a text in an index, however long it is."""
    return blake2s(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def key_of(address: str) -> str:
    """Return the key of an address: whole or a path, as a person, a browser or a dump writes it."""
    return normal(address).key


def normal(address: str) -> Address:
    """Return the normal form of an address. Raises nothing, whatever it is given."""
    local = HOST.sub("", address.strip(BLANKS)[: LONGEST * 9]).partition("#")[0]
    path, _, query = local.partition("?")
    return normal_of(path, query)


def normal_of(path: str, query: str = "") -> Address:
    """Likewise for the two parts as a request has them: the path may be decoded already."""
    return Address(_path(path), tuple(_parameters(query)))


def candidates(path: str, query: str = "") -> list[str]:
    """Return the keys under which what was asked for may be remembered, the likeliest first.

    As it is; as the first page; by numbers alone; without its query; without what other systems write
    into a path; the first page of a list, the picture of which this is a size.
    """
    asked = normal_of(path, query)
    first = tuple(pair for pair in asked.query if not PAGED.fullmatch(pair))
    numbers = tuple(pair for pair in first if NUMBERED.fullmatch(pair))
    found = [
        Address(form, pairs).key
        for reading in (asked.path, _path(_misread(path)))
        for form in _forms(reading)
        for pairs in dict.fromkeys((asked.query, first, numbers, ()))
    ]
    return list(dict.fromkeys(found))


def is_entrance(query: str) -> bool:
    """Whether the front door is asked, by a query, for a page of another system: `?p=12`, `?news/3.html`."""
    return any(
        ENTRANCES.fullmatch(pair) or ("=" not in pair and ("/" in pair or pair.endswith(".html")))
        for pair in _parameters(query)
    )


def written(path: str) -> str:
    """Return a path in its normal form, but for its capitals: what a part of it says may need them."""
    return PATH_INFO.sub("", INDEX.sub("", SLASHES.sub("/", f"/{_letters(path, fold=False)}")))


def pairs_of(query: str) -> list[str]:
    """Return the parameters of a query likewise, tracking left out."""
    return list(_parameters(query, fold=False))


def with_campaign(target: str, query: str) -> str:
    """Return an address of ours with what a query says of the way a visitor came, for the statistics.

    As it was sent; nothing where the address says so itself.
    """
    sent = [pair for pair in AMPERSAND.split(query[: LONGEST * 9]) if _is_tracking(pair)]
    place, mark, fragment = target.partition("#")
    path, _, own = place.partition("?")
    pairs = AMPERSAND.split(own)
    if not sent or any(map(_is_tracking, pairs)):
        return target
    return f"{path}?{'&'.join(filter(None, [*pairs, *sent[:MOST_PARAMETERS]]))}{mark}{fragment}"


def _is_tracking(pair: str) -> bool:
    return TRACKING.fullmatch(pair.partition("=")[0].lower()) is not None


def _misread(path: str) -> str:
    """Return what a path says in GBK, where its bytes happen to be UTF-8 as well; else the path.

    Of one Chinese character in seven they are: then they are letters of Latin, Greek or Cyrillic.
    """
    if path.isascii() or not MISREAD.fullmatch(path[:LONGEST]):
        return path
    return path.encode().decode("gb18030", "replace")


def decoded(text: str) -> str:
    """Return an address in letters: as UTF-8, else as GBK, in which old Chinese sites wrote theirs."""
    return letters(unquote_to_bytes(text))


def letters(raw: bytes) -> str:
    """Read bytes as UTF-8, else as GBK: addresses, and names of files."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "ignore")


def _forms(path: str) -> Iterator[str]:
    """Yield a path, and what it may have been called besides."""
    plain = PATH_INFO.sub("", path)
    for form in (path, plain):
        yield form
        yield FURTHER_PAGE.sub("", form)
        yield SIZED_PICTURE.sub("", form)


def _path(path: str) -> str:
    text = SLASHES.sub("/", f"/{_letters(path)}")
    return INDEX.sub("", text)


def _parameters(query: str, *, fold: bool = True) -> Iterator[str]:
    """Yield the parameters in one order; one without a sign of equality is an address of its own."""
    sent = AMPERSAND.split(query[: LONGEST * 9])
    pairs = (_letters(pair.replace("+", " "), fold=fold) for pair in sent)
    kept = {pair for pair in pairs if pair and not _is_tracking(pair)}
    return iter(sorted(kept)[:MOST_PARAMETERS])


def _letters(text: str, *, fold: bool = True) -> str:
    text = text[: LONGEST * 9]
    for _ in range(MOST_LAYERS):
        before, text = text, _readable(text)
        if "%" not in text or text == before:
            break
    text = unicodedata.normalize("NFC", text)
    return unicodedata.normalize("NFC", text.lower() if fold else text)[:LONGEST]


def _readable(text: str) -> str:
    try:
        return decoded(text)
    except UnicodeEncodeError:  # half a character, as in what a broken dump says
        return decoded(text.encode("utf-8", "ignore").decode())
