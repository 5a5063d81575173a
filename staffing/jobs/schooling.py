"""Which words of 学历 ask for which schooling: what search engines are told, and a job is published with.

No models here: `Job` itself asks.
"""

from __future__ import annotations

import re
from typing import Final

NO_REQUIREMENTS: Final = "no requirements"
# From the lowest: of 大专以上，本科优先 that is what is required. Below the first of them they know no
# degree, and everybody has been to school for nine years (义务教育法).
SCHOOLS: Final = {
    r"小学|初中|九年": NO_REQUIREMENTS,
    r"高中|中专|职高|中职|技校|中技": "high school",
    r"大专|专科|高职": "associate degree",
    r"本科|学士": "bachelor degree",
    r"硕士|研究生|博士": "postgraduate degree",
}
# 高中以下 keeps nobody out; 本科以下勿扰 does.
ANYBODY: Final = re.compile(
    r"(?:学历)?(?:要求)?(?:不限|无|没有|不作?要求)|.*以下(?!勿|不|免|请|学历?[勿不免请])"
)
# What can be written, for whoever wrote something else.
UNDERSTOOD: Final = "不限、初中、高中、中专、大专、本科、硕士（及以上）"


def least(text: str) -> str | None:
    """Return in the words of engines what a text asks for at least; None for what is no schooling."""
    if not text or ANYBODY.match(text):
        return NO_REQUIREMENTS
    found = (degree for words, degree in SCHOOLS.items() if re.search(words, text))
    return next(found, None)
