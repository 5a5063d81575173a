"""Whether a text names a firm: to hand data on, the law wants its name (PIPL §23)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# How the registered name of a company ends, with what stands in brackets behind it.
COMPANY: Final = re.compile(r".+(有限|责任|股份|分)公司(（[^（）]*）)?")
# Schools, shops, works, offices: after a place, for nothing else tells 沙井电子厂 from any.
ESTABLISHMENT: Final = re.compile(r".+((?<!超)市|[省区县镇]).+[厂店部行社院所校心](（[^（）]*）)?")
# How a client is hidden: 某电子有限公司, XX电子有限公司, 深圳市大型电子厂, 电子厂（具体面谈）.
HIDDEN: Final = re.compile(
    r"某|告知|保密|不便|面谈|面议|[*×○〇□]|[xX]{2,}|(?<!另)一家|几家|多家|知名|大型|中型|小型"
    r"|上市(?:公司|企业|有限)|(?:\d|[五百])+强"
)


def names_a_firm(text: str) -> bool:
    """Whether somebody who answers for it may take a text for the name of a firm."""
    return names_a_company(text) or _is_named(ESTABLISHMENT, text)


def names_a_company(text: str) -> bool:
    """Whether a text is the name of a company in so many words: nobody looks at it again."""
    return _is_named(COMPANY, text)


def _is_named(pattern: re.Pattern[str], text: str) -> bool:
    plain = unicodedata.normalize("NFKC", text).replace("(", "（").replace(")", "）")
    return pattern.fullmatch(plain) is not None and HIDDEN.search(plain) is None
