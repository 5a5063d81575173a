"""Chinese texts by the yard: the same ones each time, with common words and with rare ones."""

from __future__ import annotations

from random import Random

LONG, SHORT = 1_500, 120  # 字 an article: up to so many articles, and beyond
LONG_UP_TO = 100_000
COMMON = """
    劳务派遣 深圳 招聘 临时工 社保 宝安区 工伤 合同 用工 单位 员工 工资 龙华 政策 通知 企业 服务 岗位 安全 生产
    培训 补贴 失业 保险 就业 人才 市场 管理 规定 办法 人力资源 社会保障 小时工 日结 包装 电子厂 仲裁 争议 协议 公告
    加班费 排班 体检 食堂 宿舍 班车 考勤 试用期 经济补偿 最低工资 高温津贴 残疾人就业 灵活用工 服务外包 同工同酬
""".split()  # noqa: SIM905  words in a row
# Two characters that hardly ever stand side by side: what is searched for and found a few times.
RARE = [chr(0x4E00 + n) + chr(0x4E00 + n * 7 % 20_000) for n in range(0, 20_000, 3)]
TAGS = [f"{place}{what}" for place in COMMON[:20] for what in COMMON[20:30]]


def length_for(count: int) -> int:
    """Return how long the texts of a corpus of that size are."""
    return LONG if count <= LONG_UP_TO else SHORT


def sentence(dice: Random, length: int) -> str:
    """Return about so many characters, six words in ten of them common ones."""
    words: list[str] = []
    while length > 0:
        word = dice.choice(COMMON) if dice.random() < 0.6 else dice.choice(RARE)
        word += "，" if dice.random() < 0.1 else ""
        words.append(word)
        length -= len(word)
    return "".join(words)


def title(dice: Random) -> str:
    return sentence(dice, 18)


class Bodies:
    """Texts of one length, put together from some thousand sentences: writing each anew takes longer
    than all that is done with it."""

    SENTENCES = 4_000
    LENGTH = 150

    def __init__(self, dice: Random, length: int) -> None:
        self.dice = dice
        self.paragraphs = max(1, round(length / self.LENGTH))
        self.sentences = [sentence(dice, min(length, self.LENGTH)) for _ in range(self.SENTENCES)]

    def one(self) -> str:
        """Return a text: paragraphs, with a heading before every fourth."""
        parts: list[str] = []
        for number in range(self.paragraphs):
            if number % 4 == 3:
                parts.append(f"<h2>{sentence(self.dice, 10)}</h2>")
            parts.append(f"<p>{self.dice.choice(self.sentences)}。</p>")
        return "".join(parts)
