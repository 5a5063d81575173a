"""Reading pay as it stands in sheets of jobs: `18-22元/时`, `200元/天`, `5k-7k`, `6-8千/月`, `20+`, `面议`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from staffing.models import Job

Unit = Job.PayUnit

NUMBER: Final = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
TIMES: Final = {"k": 1000, "千": 1000, "w": 10_000, "万": 10_000}
YUAN: Final = r"(?:元|块钱|块|rmb|￥|¥)"
SPANS: Final = {
    "小时": Unit.HOUR, "个小时": Unit.HOUR, "钟头": Unit.HOUR, "个钟头": Unit.HOUR,
    "钟": Unit.HOUR, "个钟": Unit.HOUR, "时": Unit.HOUR, "hour": Unit.HOUR, "h": Unit.HOUR,
    "天": Unit.DAY, "日": Unit.DAY, "班": Unit.DAY, "个班": Unit.DAY, "班次": Unit.DAY,
    "day": Unit.DAY, "d": Unit.DAY,
    "周": Unit.WEEK, "星期": Unit.WEEK, "个星期": Unit.WEEK, "week": Unit.WEEK,
    "月": Unit.MONTH, "个月": Unit.MONTH, "month": Unit.MONTH,
}  # fmt: skip
UNITS: Final = {**SPANS, "件": Unit.PIECE, "个": Unit.PIECE, "单": Unit.PIECE}
# What stands in front of an amount, and the unit it tells. When it is paid out tells none: 日结 25 is an
# hour's pay, 日结 200 a day's.
HEADS: Final[dict[str, Job.PayUnit | None]] = {
    "时薪": Unit.HOUR, "小时工资": Unit.HOUR, "日薪": Unit.DAY, "日工资": Unit.DAY,
    "周薪": Unit.WEEK, "月薪": Unit.MONTH, "月工资": Unit.MONTH, "计件": Unit.PIECE,
    **{f"{one}{span}": unit for span, unit in UNITS.items() for one in "每一"},
    **dict.fromkeys(("薪资", "薪酬", "工资", "工价", "待遇", "综合", "约", "日结", "周结", "月结")),
}  # fmt: skip


def longest_first(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


MORE: Final = r"(?:\+|以上|起步?|左右)?"
# Of 20元单休 and 25元时间自由 the first sign is no unit.
ENDS: Final = r"(?=[^a-z0-9\u3400-\u9fff]|起|以上|左右|$)"


def per(name: str) -> str:
    """Return a pattern of `/时`, `每小时`, `一个钟`, or a unit alone. `一天一结` is when it is paid out."""
    return (
        rf"(?:(?:/|每|一|1)(?P<{name}>{longest_first(SPANS)})(?![a-z薪资间车]|一?[结发付])"
        rf"|(?:/|每|一|1)?(?P<{name}_alone>{longest_first(UNITS)}){ENDS})"
    )


PAY: Final = re.compile(
    rf"(?P<heads>(?:(?:{longest_first(HEADS)})[:为]?)*){YUAN}?"
    rf"(?P<low>{NUMBER})(?P<low_times>[k千w万])?{YUAN}?"
    rf"(?:{per('first')}?[-~到至]{YUAN}?(?P<high>{NUMBER})(?P<high_times>[k千w万])?{YUAN}?)?"
    rf"{MORE}(?:(?:[/每]人)?{per('unit')}(?:/人)?)?{MORE}(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
# 13薪 is no pay. After a comma a condition may begin with a number, once the unit is told.
ANOTHER_NUMBER: Final = re.compile(r"[ /.:+~-]*\d+(?![\d薪])")
NUMBER_FIRST: Final = re.compile(r"[ /.:+~,、;-]*\d+(?![\d薪])")
A_YEARS: Final = re.compile(r"[/每一]?年")
NO_UNIT: Final = re.compile(
    rf"[/每%％]|[k千w万]|一?(?:{longest_first(UNITS)})", re.IGNORECASE | re.ASCII
)
PAID_OUT: Final = re.compile(r"\W*\w?[时天日周]")
# As thousands, amounts up to here are a month's; more may as well be a year's.
MONTHLY: Final = 50_000
# 计件 5000-7000 is what comes of it in a month; nobody pays so much for a piece.
LEAST_A_MONTH: Final = 100
# Of 9-1万 nobody can tell what the 9 is.
FARTHEST: Final = 100
NEGOTIABLE: Final = re.compile(r"(?:薪资|薪酬|工资|待遇|工价)?(?:面议|面谈|详谈|电议|当面谈)")
# One sign for one, so that a place in the plain text is a place in what was typed.
PLAIN: Final = {
    **{code: code - 0xFEE0 for code in range(ord("！"), ord("～") + 1)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−～〜﹣－"), ord("-")),
    **dict.fromkeys(map(ord, "\u3000\xa0\t\r\n"), ord(" ")),
}
# As much as `Job.pay_conditions` takes.
NOTE: Final = 200
CENT: Final = Decimal("0.01")
MOST: Final = Decimal(10) ** 8


class PayError(ValueError):
    """The text is no pay we can be sure of; the message says why, in Chinese."""


@dataclass(frozen=True)
class Pay:
    """What a cell says. `low` is None for 面议, `unit` where nothing tells it; `note` is the rest."""

    low: Decimal | None = None
    high: Decimal | None = None
    unit: Job.PayUnit | None = None
    note: str = ""


def parse(text: str, unit: Job.PayUnit | None = None) -> Pay:
    """Return the pay in a cell whose column tells `unit`, if it does.

    Guesses nothing by the size of an amount: 200 may be a day's or a shift's. But thousands (5k, 6-8千,
    1.2万) are a month's where nothing else is said, and a year's are not more than that. Raises PayError.
    """
    text = text.strip()
    tight = _tight(text.translate(PLAIN))
    if NEGOTIABLE.match(tight):
        return Pay(note=text[:NOTE])
    match = PAY.fullmatch(tight)
    if match is None or _counts_something_else(match):
        raise PayError(f"薪酬“{_short(text)}”无法识别，请写成 18-22元/时、200元/天、面议。")
    told, rest = _unit(match, text), match["rest"]
    if (NUMBER_FIRST if told is None else ANOTHER_NUMBER).match(rest):
        raise PayError(f"薪酬“{_short(text)}”里有几个数，分不清哪个是薪酬。")
    if A_YEARS.match(rest):
        raise PayError(f"薪酬“{_short(text)}”是一年的，请折合成每月的数。")
    if not match["unit"] and not match["unit_alone"] and NO_UNIT.match(rest):
        raise PayError(f"薪酬“{_short(text)}”的单位看不懂，请写成 元/时、元/天、元/月、元/件。")
    low, high = _amounts(match)
    meant = told or unit or _thousands(match, high or low)
    if meant == Unit.PIECE and (high or low) >= LEAST_A_MONTH and not _says_a_piece(match):
        raise PayError(
            f"薪酬“{_short(text)}”是计件的，请写每件多少；是每月大约的，写成 5000-7000元/月（计件）。"
        )
    return Pay(low, high, meant, _note(text, tight, match))


def _tight(text: str) -> str:
    """Return a text without the spaces, which people put anywhere; between digits they stay.

    There they part two numbers: `18 22` is not 1822.
    """
    return re.sub(r"(?<!\d) +| +(?!\d)", "", text)


def _counts_something_else(match: re.Match[str]) -> bool:
    """Whether the number is followed by a word, and nothing says that it is money: `18岁以上`."""
    told = re.search(rf"{YUAN}|[a-z千万]", match[0][: match.start("rest")], re.IGNORECASE)
    return (
        not (told or match["heads"] or match["unit"]) and re.match(r"\w", match["rest"]) is not None
    )


def _amounts(match: re.Match[str]) -> tuple[Decimal, Decimal | None]:
    low, high = _number(match["low"]), _number(match["high"]) if match["high"] else None
    low_times = TIMES.get((match["low_times"] or "").lower(), 1)
    high_times = TIMES.get((match["high_times"] or "").lower(), 1)
    if high is not None and not match["low_times"] and low <= high:
        low_times = high_times  # 5-7k, 6-8千: said once for both; in 8000-1万, of one
    low *= low_times
    high = high * high_times if high is not None else None
    for amount in filter(None, (low, high)):
        if amount != amount.quantize(CENT) or amount >= MOST:
            raise PayError("薪酬最多两位小数，且小于一亿。")
    if low <= 0 or (high is not None and high < low):
        raise PayError("薪酬须大于 0，上限不得低于下限。")
    if high is not None and low_times != high_times and high > low * FARTHEST:
        raise PayError("薪酬的上下限差得太多，请把两个数都写全。")
    return low, high if high != low else None


def _number(text: str) -> Decimal:
    digits = text.replace(",", "")
    if len(digits) > 20:
        raise PayError("薪酬最多两位小数，且小于一亿。")
    return Decimal(digits)


def _unit(match: re.Match[str], text: str) -> Job.PayUnit | None:
    names = ("first", "first_alone", "unit", "unit_alone")
    told = {UNITS[match[name].lower()] for name in names if match[name]}
    heads = re.findall(longest_first(HEADS), match["heads"])
    told |= {unit for head in heads if (unit := HEADS[head])}
    if len(told) > 1:
        raise PayError(f"薪酬“{_short(text)}”里有几个单位，分不清是哪个。")
    return told.pop() if told else None


def _says_a_piece(match: re.Match[str]) -> bool:
    """Whether the amount itself is said to be for one piece; 计件 in front says how work is paid."""
    heads = match["heads"].replace("计件", "")
    return bool(match["first_alone"] or match["unit_alone"]) or bool(re.search("[每一]", heads))


def _thousands(match: re.Match[str], most: Decimal) -> Job.PayUnit | None:
    """A month, where thousands are told and neither their size nor how they are paid out speaks against."""
    guess = (
        (match["low_times"] or match["high_times"])
        and most <= MONTHLY
        and "结" not in match["heads"]
        and not PAID_OUT.match(match["rest"])
    )
    return Unit.MONTH if guess else None


def _note(text: str, tight: str, match: re.Match[str]) -> str:
    """Return what follows the pay, as it was written: conditions, which readers must see."""
    place, plain = 0, text.translate(PLAIN)
    for sign in tight[: match.start("rest")]:
        place = plain.index(sign, place) + 1
    note = text[place:].strip(" ，,；;。、/+＋-—\u3000")
    if note[:1] in "(（" and note[-1:] in ")）":
        note = note[1:-1]
    return note[:NOTE]


def _short(text: str) -> str:
    return text if len(text) <= 30 else f"{text[:30]}……"
