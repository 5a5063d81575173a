"""Finding the terms of the word lists in a text, however they are spaced or spelt.

A text is folded first: full-width signs become half-width, capitals small, traditional signs simplified,
and spaces and signs that nobody sees go. Then it is closed up: marks that only keep two signs apart
(最·佳) go too. One walk over what is left finds the terms of all lists. What is found is given in places
of the text as it was written.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from portal.cms.compliance.models import Level, Place, WordList
from portal.cms.compliance.typography import HAN

# Signs that are no letters of their own: zero-width and direction marks, strokes through a letter.
UNSEEN = {"Cc", "Cf", "Mn", "Me"}
ANY = "*"
# A negation reaches to the end of its clause, and a clause is not longer than this.
CLAUSE_ENDS = re.compile(r"[。,;!?]")
CLAUSE = 60

# Marks that hide a term when they stand within it: 最·佳, 国家*级. A full stop is not one of them, for
# two sentences would make terms that nobody wrote (待遇高。薪资…); but none ends with 最 or 第.
SPACERS = re.compile(
    rf"(?<=[{HAN}])[-·•・‧∙⋅‐–_*~.]+(?=[{HAN}])|(?<=[最第])。+(?![最第])(?=[{HAN}])"
)
# 第1, 唯①; but not 第10, 第1-3 条.
ONE = re.compile(r"(?<=[第唯])[1壹](?!\d|[-–—~至到、和与及或.]\d)")
# The signs of the lists a site begins with, as they are written in traditional texts.
SIMPLIFIED = str.maketrans(
    "並來係個們倫備傳傷僅價優內兩冊別刪則創動務勞區協厲參員問喪單嚴國報場墊壓壽婦學實寧審寫寬專"
    "對導屆層崗帶幾廠廣張後徑從態憑應懷戶捲損擔據擬擾攜敎數於時曆書會東査條棟業極樂標機檔檢檯檻"
    "欄權歷歸殘氣沒況測準溫溼漢濕濟為無煩熱爭爲獨現產當發監眞睏碼種稱積穩競筆節簡簽籤紀約紅級紹"
    "終組絕統絶經綫維網緊線編縣總織繫繳續罰義聯職膠臺與興萬蓋薦處號裏補裝裡見規視訂計訊訓託記設"
    "許註証評試該誌認語誤說説課調談請論諾講謝謹證識議譽讓豐負財貧責貴貸費貼資賠質賬賺賽踐車軍較"
    "載輕輪轉辦農迴週進過遠遲選遺醫釋銀銑銷錄錢録錶鍵鎭鎮鏈長門閉開間關隊階隨險隻雙難電頁頂項順"
    "須領頭題額願類顯風餘馳駐騰驗體髮鬆鬚點黨齡龍",
    "并来系个们伦备传伤仅价优内两册别删则创动务劳区协厉参员问丧单严国报场垫压寿妇学实宁审写宽专"
    "对导届层岗带几厂广张后径从态凭应怀户卷损担据拟扰携教数于时历书会东查条栋业极乐标机档检台槛"
    "栏权历归残气没况测准温湿汉湿济为无烦热争为独现产当发监真困码种称积稳竞笔节简签签纪约红级绍"
    "终组绝统绝经线维网紧线编县总织系缴续罚义联职胶台与兴万盖荐处号里补装里见规视订计讯训托记设"
    "许注证评试该志认语误说说课调谈请论诺讲谢谨证识议誉让丰负财贫责贵贷费贴资赔质账赚赛践车军较"
    "载轻轮转办农回周进过远迟选遗医释银铣销录钱录表键镇镇链长门闭开间关队阶随险只双难电页顶项顺"
    "须领头题额愿类显风余驰驻腾验体发松须点党龄龙",
)


class Folded(NamedTuple):
    """A folded text, and for each of its signs the place in the text it was folded from."""

    text: str
    origin: list[int]
    joints: Sequence[int] = ()  # where marks were left out, in order: before which of its signs


@lru_cache(maxsize=1 << 16)  # more signs than any of our texts has
def fold_sign(sign: str) -> str:
    """Return what one sign is compared as; "" for what is not compared. A line ends a sentence."""
    if sign == "\n":
        return "。"
    return "".join(
        part
        for part in unicodedata.normalize("NFKC", sign).lower().translate(SIMPLIFIED)
        if not part.isspace() and unicodedata.category(part) not in UNSEEN
    )


def fold(text: str) -> Folded:
    """Return `text` as it is compared; about 15 milliseconds for 100,000 signs."""
    signs: list[str] = []
    origin: list[int] = []
    for place, sign in enumerate(text):
        for part in fold_sign(sign):
            signs.append(part)
            origin.append(place)
    return Folded("".join(signs), origin)


def close_up(written: str) -> Folded:
    """Return `written` folded, and without the marks that only keep the signs of a term apart."""
    text, origin, _ = fold(written)
    text = ONE.sub("一", text)  # one sign for one: the places hold
    signs: list[str] = []
    places: list[int] = []
    joints: list[int] = []
    done = 0
    for mark in SPACERS.finditer(text):
        start, end = mark.span()
        if "\n" in written[origin[start] : origin[end - 1] + 1]:
            continue  # a line ends here, whatever it ends on
        signs.append(text[done:start])
        places += origin[done:start]
        joints.append(len(places))
        done = end
    return Folded("".join([*signs, text[done:]]), places + origin[done:], joints)


# --- Many terms at once -----------------------------------------------------------------------------


class Entry(NamedTuple):
    """One line of a list: a term of it, or a phrase it allows."""

    words: WordList
    allowed: bool


@dataclass(slots=True)
class Node:
    """A place in the tree of all terms: what ends here, and which signs lead on."""

    next: dict[str, Node] = field(default_factory=dict)
    ends: list[Entry] = field(default_factory=list)
    ends_with_any: list[Entry] = field(default_factory=list)  # after one letter more, whichever


class Tree:
    """Terms by their signs. A text is searched in one walk, whatever the number of terms."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, line: str, entry: Entry) -> None:
        node = self.root
        term = close_up(line).text
        for sign in term.removesuffix(ANY):
            node = node.next.setdefault(sign, Node())
        if node is not self.root:
            (node.ends_with_any if term.endswith(ANY) else node.ends).append(entry)

    def walk(self, text: str) -> Iterator[tuple[int, list[tuple[int, Entry]]]]:
        """Yield each place where something begins, with all that does: its end and its entry.

        Linear in the text times the longest term; a letter no term begins with costs next to nothing.
        """
        if not self.root.next:
            return
        beginnings = re.compile(f"[{''.join(map(re.escape, self.root.next))}]")
        for match in beginnings.finditer(text):
            if found := list(self._at(text, match.start())):
                yield match.start(), found

    def _at(self, text: str, at: int) -> Iterator[tuple[int, Entry]]:
        node = self.root
        # Past the end the slice is "", which leads nowhere.
        while (reached := node.next.get(text[at : at + 1])) is not None:
            node, at = reached, at + 1
            yield from ((at, entry) for entry in node.ends)
            if node.ends_with_any and text[at : at + 1].isalnum():
                yield from ((at + 1, entry) for entry in node.ends_with_any)


# --- The lists --------------------------------------------------------------------------------------


class Hit(NamedTuple):
    """A term of a list, and where it stands in the text as it was written."""

    words: WordList
    term: str  # folded, so that it is the same however it was spelt
    start: int
    end: int


class Lexicon:
    """The lists that are switched on, ready to be searched for."""

    # The one made last in this process, and the rows it was made of.
    last: ClassVar[tuple[list[list[Any]], Lexicon]]

    def __init__(self, lists: Iterable[WordList]) -> None:
        self.tree = Tree()
        self.exempt: dict[int, re.Pattern[str]] = {}
        for words in lists:
            for lines, allowed in ((words.terms, False), (words.allowed, True)):
                for line in lines:
                    self.tree.add(line, Entry(words, allowed))
            if words.exempt_after:
                self.exempt[words.pk] = exemption(words.exempt_after)

    @classmethod
    def load(cls) -> Lexicon:
        """Read the lists; one query. Building the tree takes ten milliseconds: the last is used again
        while the lists are what they were.
        """
        lists = list(WordList.objects.filter(active=True))
        columns = [column.attname for column in WordList._meta.concrete_fields]
        rows = [[getattr(words, column) for column in columns] for words in lists]
        made_of, lexicon = getattr(cls, "last", (None, None))
        if lexicon is None or made_of != rows:
            lexicon = cls(lists)
            cls.last = rows, lexicon
        return lexicon

    def hits(self, text: str, place: Place, *, regulation: bool = False) -> Iterator[Hit]:
        """Yield what the lists find in `text`, of overlapping terms of a list only the outer one."""
        # A line before the first: its beginning, too, comes after the end of a sentence.
        folded = close_up(f"\n{text}")
        # How far the phrases and terms reach that have begun so far, by list.
        allowed: dict[int, int] = {}
        found: dict[int, int] = {}
        for start, begun in self.tree.walk(folded.text):
            for end, entry in begun:
                # 首选-联系我们 is not 首选联系.
                if entry.allowed and not is_joined(folded, start, end):
                    allowed[entry.words.pk] = max(end, allowed.get(entry.words.pk, 0))
            for end, entry in sorted(begun, key=lambda one: -one[0]):
                words = entry.words
                if (
                    not entry.allowed
                    and end > max(allowed.get(words.pk, 0), found.get(words.pk, 0))
                    and words.level_in(place) != Level.OFF
                    and not (regulation and words.spares_regulations)
                    and stands_alone(folded, start, end)
                    and not self.is_exempt(folded.text, start, words)
                ):
                    found[words.pk] = end
                    first, last = folded.origin[start] - 1, folded.origin[end - 1] - 1
                    yield Hit(words, folded.text[start:end], first, last + 1)

    def is_exempt(self, text: str, start: int, words: WordList) -> bool:
        """Whether what stands before the term turns it into its contrary: 不限男女."""
        if words.pk not in self.exempt:
            return False
        clause = CLAUSE_ENDS.split(text[max(0, start - CLAUSE) : start])[-1]
        return self.exempt[words.pk].search(clause) is not None


def exemption(lines: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a clause, up to the term, that makes the term harmless."""
    patterns = [
        re.escape(term.removesuffix(ANY)) + ("" if term.endswith(ANY) else "$")
        for line in lines
        if (term := close_up(line).text)
    ]
    return re.compile("|".join(patterns))


def is_joined(folded: Folded, start: int, end: int) -> bool:
    """Whether a mark was left out between two signs of this piece."""
    at = bisect_right(folded.joints, start)
    return at < len(folded.joints) and folded.joints[at] < end


def stands_alone(folded: Folded, start: int, end: int) -> bool:
    """Whether no Latin word or number goes on across the ends: TOP1 is not in TOP10."""
    return not (is_one_word(folded, start) or is_one_word(folded, end))


def is_one_word(folded: Folded, at: int) -> bool:
    text, origin = folded.text, folded.origin
    return (
        0 < at < len(text)
        and origin[at] - origin[at - 1] <= 1  # no space was between them
        and all(sign.isascii() and sign.isalnum() for sign in text[at - 1 : at + 1])
    )
