"""From whatever was typed, pasted or imported to the HTML that is stored."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from portal.cms.richtext.config import CLEANER
from portal.cms.richtext.tidy import Tidy

# Given ids, returns for each picture of the library that exists the attributes of its <img>.
Library = Callable[[Collection[int]], Mapping[int, Mapping[str, object]]]


class Cleaned(str):
    """HTML that went through `clean`, and the ids of the library files it shows."""

    __slots__ = ("files",)

    files: frozenset[int]


def clean(source: str, library: Library | None = None) -> Cleaned:
    """Return `source` as headings, paragraphs, lists, tables and figures of our allow-list.

    Doing it again changes nothing. Text that says nothing becomes "". With `library`, which is asked
    once and only if there are pictures, a picture it does not know leaves no more than its caption.
    Linear in the length of the text: a second or two per megabyte of markup, far less for words.
    """
    if isinstance(source, Cleaned) and not (library and source.files):
        return source
    document = Tidy(source)
    if library and document.pictures:
        known = library({picture.file for picture in document.pictures})
        for picture in document.pictures:
            picture.missing = picture.file not in known
            picture.attributes = dict(known.get(picture.file, {}))
    # Whatever mistake is made above: nh3 reads the result as a browser would, and what is not on
    # the allow-list does not pass.
    cleaned = Cleaned(CLEANER.clean("".join(document.root.html())))
    cleaned.files = frozenset(p.file for p in document.pictures if not p.missing)
    return cleaned
