"""Whether a text of an old site is about the trade: labour, dispatch, wages.

A site that published whatever brought visitors is judged by it: engines are better not given what is about
something else. Readers are, as before.
"""

from __future__ import annotations

import re
from typing import Final

WORDS: Final = (
    *("劳务", "派遣", "外包", "用工", "招工", "招聘", "求职", "就业", "上岗", "岗位"),
    *("劳动", "工资", "薪资", "薪酬", "底薪", "加班", "工时", "考勤", "夜班", "补贴"),
    *("社保", "社会保险", "五险一金", "公积金", "工伤", "养老保险", "医保", "参保", "失业", "个税"),
    *("员工", "职工", "工人", "普工", "技工", "务工", "人力资源", "人事", "仲裁", "试用期"),
)
WORD: Final = re.compile("|".join(WORDS))
LEAST: Final = 2
# What a text is about is said by then.
LONGEST: Final = 20_000


def is_about_labour(title: str, text: str) -> bool:
    """Whether title and text have at least two different words of the trade."""
    seen: set[str] = set()
    for match in WORD.finditer(f"{title}\n{text[:LONGEST]}"):
        seen.add(match[0])
        if len(seen) == LEAST:
            return True
    return False
