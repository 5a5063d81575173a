"""A class of old addresses, in a language of three words: `/news/(\\d+).html` → `/archive/$1/`.

Not regular expressions: all but the three words is taken as it stands, a dot is a dot, so that nobody has to
know which signs mean something, and nothing an editor types can keep the site busy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from portal.cms.redirects.keys import AMPERSAND, HOST, decoded, pairs_of, written

DIGITS: Final = r"(\d+)"
WIDE: Final = ("([^/]+)", "(.*)")
# Digits are never given back: there is one way to read a number, however many of them follow.
WORDS: Final = {DIGITS: "([0-9]++)", WIDE[0]: "([^/]+)", WIDE[1]: "(.*)"}
WORD: Final = re.compile("({})".format("|".join(map(re.escape, WORDS))))
REFERENCE: Final = re.compile(r"\$([0-9]+)")
MOST_WORDS: Final = 9
# Of these, each more multiplies the time by the length of what is asked for.
MOST_WIDE: Final = 2
LONGEST_TRIED: Final = 300
ASK: Final = "括号只认三种：(\\d+) 是数字，([^/]+) 是一段，(.*) 是任意内容。"


class PatternError(ValueError):
    """It is no pattern, or does not fit its target; the message says why, in Chinese."""


@dataclass(frozen=True)
class Pattern:
    """`query` has one expression for each parameter that must be there; others do not count."""

    path: re.Pattern[str]
    query: tuple[re.Pattern[str], ...]
    words: int

    def match(self, path: str, query: str) -> tuple[str, ...] | None:
        """Return what stands at the words, None where something else was asked for."""
        text = written(path)
        if len(text) > LONGEST_TRIED or (found := self.path.fullmatch(text)) is None:
            return None
        groups = list(found.groups())
        pairs = (
            [pair for pair in pairs_of(query) if len(pair) <= LONGEST_TRIED] if self.query else []
        )
        for wanted in self.query:
            found = next(filter(None, map(wanted.fullmatch, pairs)), None)
            if found is None:
                return None
            groups += found.groups()
        return tuple(groups)


@lru_cache(maxsize=500)
def compiled(old: str) -> Pattern:
    """Return what a pattern means. Raises PatternError."""
    path, _, query = HOST.sub("", old.strip()).partition("?")
    words = WORD.findall(old)
    if not words:
        raise PatternError(f"没有括号：只有一个网址的，种类请选“一个网址”。{ASK}")
    if len(words) > MOST_WORDS:
        raise PatternError(f"最多 {MOST_WORDS} 个括号。")
    if sum(word in WIDE for word in words) > MOST_WIDE:
        raise PatternError(f"([^/]+) 和 (.*) 合起来最多 {MOST_WIDE} 个。")
    if not query and not re.search(r"\w", WORD.sub("", path)):
        raise PatternError("这会带走所有打不开的网址：请至少写出一个固定的字。")
    parts = (decoded(part) for part in AMPERSAND.split(query) if part)
    return Pattern(_expression(written(path)), tuple(map(_expression, parts)), len(words))


def expand(target: str, groups: tuple[str, ...]) -> str:
    """Return a target with what was found put in. One of ours stays one of ours, whatever that is."""
    filled = REFERENCE.sub(lambda word: quote(groups[int(word[1]) - 1], safe="/"), target)
    return re.sub(r"^/[/\\]+", "/", filled) if target.startswith("/") else filled


def check_target(pattern: Pattern, target: str) -> None:
    """Raise PatternError where a target names what the pattern has not, or leaves its host open."""
    for number in map(int, REFERENCE.findall(target)):
        if not 1 <= number <= pattern.words:
            raise PatternError(f"“${number}”没有对应的括号：旧网址里只有 {pattern.words} 个。")
    if (host := HOST.match(target)) and "$" in host[0]:
        raise PatternError("跳转到别的网站时，域名里不能有 $。")


def _expression(text: str) -> re.Pattern[str]:
    """Return the expression for a text with words. Raises PatternError for any other bracket."""
    parts = WORD.split(text)
    if any(part not in WORDS and re.search(r"[()\[\]*\\]", part) for part in parts):
        raise PatternError(ASK)
    if re.search(rf"\)\(|{re.escape(DIGITS)}[0-9]", text):
        raise PatternError("括号后面要有别的字（数字后面不能紧跟数字），否则分不清到哪里为止。")
    return re.compile(
        "".join(WORDS.get(part) or re.escape(part) for part in parts), re.IGNORECASE | re.DOTALL
    )
