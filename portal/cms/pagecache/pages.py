"""A page as it is kept: compressed once, its headers made once, answered many times."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import brotli

Headers = list[tuple[str, str]]

# Of what Django answered: made here instead, or said by gunicorn.
REPLACED: Final = frozenset({"cache-control", "content-length", "etag", "vary"})
# A browser asks again each time, and mostly hears 304; a proxy in front may answer for one second.
# Engines that repack pages for phones leave ours, which suit every screen, as they are.
CACHE_CONTROL: Final = "public, max-age=0, s-maxage=1, must-revalidate, no-transform"
VARY: Final = "Accept-Encoding, Cookie"
# Half a millisecond for an article; a level of 9 takes five times that, for a twentieth less.
BROTLI_QUALITY: Final = 5
GZIP_LEVEL: Final = 6
# What Python needs for an entry beside its bytes, roughly.
OVERHEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Answer:
    """The page in one encoding."""

    etag: str
    headers: Headers
    unchanged: Headers  # of a 304
    body: bytes


class KeptPage:
    """The answers of one page, by encoding."""

    __slots__ = ("answers", "last_modified", "size")

    def __init__(self, headers: Headers, body: bytes) -> None:
        """`headers` are those of the answer that Django gave, `body` is its content."""
        kept = [(name, value) for name, value in headers if name.lower() not in REPLACED]
        digest = hashlib.blake2b(body, digest_size=12).hexdigest()
        small = gzip.compress(body, GZIP_LEVEL, mtime=0)
        smallest = brotli.compress(body, quality=BROTLI_QUALITY)
        self.answers = {
            encoding: answer(kept, f'"{digest}-{encoding}"', encoding, content)
            for encoding, content in (("br", smallest), ("gzip", small))
        }
        self.last_modified = dict(kept).get("Last-Modified")
        self.size = len(small) + len(smallest) + OVERHEAD

    def answer(self, accepted: str) -> Answer:
        """Return the answer for a browser that sends this Accept-Encoding."""
        return self.answers.get(encoding_for(accepted)) or self.unpacked()

    def unpacked(self) -> Answer:
        """Return the answer for who takes neither encoding: hardly anybody, so it is made each time."""
        packed = self.answers["gzip"]
        dropped = ("Content-Encoding", "Content-Length", "ETag", "Vary", "Cache-Control")
        headers = [(name, value) for name, value in packed.headers if name not in dropped]
        return answer(headers, packed.etag.replace("-gzip", ""), "", gzip.decompress(packed.body))

    def is_unchanged(self, answer: Answer, environ: dict[str, Any]) -> bool:
        """Whether the browser holds this page already (RFC 9110 §13.2.2)."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None:
            return answer.etag in known or known == "*"
        since = environ.get("HTTP_IF_MODIFIED_SINCE")
        return since is not None and since == self.last_modified


def answer(headers: Headers, etag: str, encoding: str, body: bytes) -> Answer:
    unchanged = [("ETag", etag), ("Cache-Control", CACHE_CONTROL), ("Vary", VARY)]
    coded = [("Content-Encoding", encoding)] if encoding else []
    full = [*headers, *coded, ("Content-Length", str(len(body))), *unchanged]
    return Answer(etag, full, unchanged, body)


@lru_cache(maxsize=256)
def encoding_for(accepted: str) -> str:
    """Return the best encoding of ours that an Accept-Encoding header allows; "" for none.

    RFC 9110 §12.5.3; `q=0` is a refusal, other weights change nothing: brotli is always smaller.
    """
    weights = {}
    for part in accepted.lower().split(","):
        name, _, parameter = part.partition(";")
        weights[name.strip()] = parameter.replace(" ", "")
    for encoding in ("br", "gzip"):
        weight = weights.get(encoding, weights.get("*"))
        if weight is not None and weight.rstrip("0.") != "q=":
            return encoding
    return ""
