"""Slips of Chinese typesetting, and the length of a text in 字."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
COUNTED = re.compile(rf"[{HAN}]|[A-Za-z0-9]+(?:[.'’@_-][A-Za-z0-9]+)*")


class Slip(NamedTuple):
    """One kind of slip: what it looks like, and what it should be."""

    name: str
    pattern: re.Pattern[str]
    message: str
    advice: str


SLIPS = (
    Slip(
        "quotes",
        re.compile(rf"(?<=[{HAN}])[\"']|[\"'](?=[{HAN}])"),
        "中文里用了直引号",
        "改用“ ”，里面再引用时用‘ ’。",
    ),
    Slip(
        "half-width",
        re.compile(rf"(?<=[{HAN}])[,;:?!](?=[{HAN}\s]|$)", re.MULTILINE),
        "汉字后面用了半角标点",
        "改用全角的逗号、分号、冒号、问号、叹号。",
    ),
    Slip(
        "full-stop",
        re.compile(rf"(?<=[{HAN}])\.(?=[{HAN}\s]|$)", re.MULTILINE),
        "汉字后面用了半角句点",
        "改用全角句号。",
    ),
    Slip("ellipsis", re.compile(r"\.{3,}|。{2,}"), "用点代替了省略号", "改用……"),
    Slip(
        "dash",
        re.compile(rf"(?<=[{HAN}])-{{2,}}|-{{2,}}(?=[{HAN}])"),
        "用短横代替了破折号",
        "改用——",
    ),
    Slip("repeated", re.compile(r"[！!]{2,}|[？?]{2,}|([，、；：])\1+"), "标点重复", "一个就够。"),
    Slip(
        "spaces",
        re.compile(r"(?<=\S)[ \u00a0\u3000]{2,}(?=\S)"),
        "连续的空格",
        "去掉，或只留一个。",
    ),
)


class Found(NamedTuple):
    """A kind of slip in a text: where the first is, and how many there are."""

    slip: Slip
    start: int
    end: int
    total: int


def slips(text: str) -> Iterator[Found]:
    """Yield each kind of slip that `text` has; linear in its length."""
    for slip in SLIPS:
        spans = [match.span() for match in slip.pattern.finditer(text)]
        if spans:
            yield Found(slip, *spans[0], len(spans))


def length(text: str) -> int:
    """Return the length as editors count it: a Chinese character is one 字, a Latin word or number too."""
    return sum(1 for _ in COUNTED.finditer(text))
