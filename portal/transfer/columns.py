"""What the columns of an article sheet are called, and how their cells are written."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

from django.utils import timezone
from django.utils.html import escape

from articles.models import Article
from portal.cms.publishing import Status
from portal.cms.times import YEARS

# Field of ours: headers seen in exports of Chinese systems. Compared without case, space and brackets.
HEADERS: dict[str, tuple[str, ...]] = {
    "title": ("标题", "文章标题", "题目", "名称", "title"),
    "category": ("栏目", "分类", "类别", "category"),
    "author_name": ("作者", "署名", "显示名", "author"),
    "author_handle": ("账号", "公开账号", "作者账号", "账户", "handle"),
    "date": ("发布日期", "发表日期", "日期", "时间", "发布时间", "发表时间", "date", "pubdate"),
    "summary": ("摘要", "简介", "描述", "summary", "description"),
    "body": ("正文", "内容", "文章内容", "body", "content"),
    "disclaimer": ("免责声明", "声明", "disclaimer"),
    "kind": ("类型", "文章类型", "kind"),
    "source_name": ("来源", "文章来源", "出处", "source"),
    "source_url": ("原文网址", "原文链接", "来源网址", "sourceurl"),
    "original_title": ("原标题", "originaltitle"),
    "original_author": ("原作者", "originalauthor"),
    "rights_basis": ("刊登依据", "版权依据", "rights"),
    "tags": ("标签", "关键词", "关键字", "tags", "keywords"),
    "status": ("状态", "发布状态", "status"),
    "legacy_id": ("旧站编号", "编号", "id", "文章id", "legacyid"),
    "legacy_url": ("旧站网址", "旧网址", "网址", "链接", "url", "legacyurl"),
}
FIELD_OF = {header: field for field, headers in HEADERS.items() for header in headers}

STATUSES = {
    **dict.fromkeys(("已发布", "发布", "正常", "published", "publish", "1"), Status.PUBLISHED),
    **dict.fromkeys(("草稿", "未发布", "draft", "0"), Status.DRAFT),
    **dict.fromkeys(("待审", "待审核", "审核中", "pending"), Status.IN_REVIEW),
    **dict.fromkeys(("已下线", "下线", "下架", "withdrawn", "private"), Status.WITHDRAWN),
}
KINDS = {label: value for value, label in Article.Kind.choices}
RIGHTS = {label: value for value, label in Article.RightsBasis.choices}

DATE = re.compile(
    r"(\d{4})\s*[年./-]\s*(\d{1,2})\s*[月./-]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})\s*[:时]\s*(\d{1,2})(?:\s*[:分]\s*(\d{1,2}))?)?"
)
CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
CHINESE_TEN = re.compile(r"([二三]?)十([一二三四五六七八九]?)")


def field_of(header: str) -> str | None:
    """Return our field for a header, or None for a column we do not know."""
    plain = re.sub(r"[\s（）()：:*_]", "", unicodedata.normalize("NFKC", header)).lower()
    return FIELD_OF.get(plain)


def parse_date(text: str) -> datetime | None:
    """Return the instant meant by text such as `于2022年01月26日发表` or `二〇二二年一月二十六日`.

    Midnight Asia/Shanghai where no time is given; None for an empty text. Raises ValueError.
    """
    text = unicodedata.normalize("NFKC", text)
    text = CHINESE_TEN.sub(lambda m: f"{m[1] or '一'}{m[2] or '〇'}", text).translate(
        CHINESE_DIGITS
    )
    if not text.strip():
        return None
    if not (match := DATE.search(text)):
        raise ValueError(text)
    parts = [int(part or 0) for part in match.groups()]
    if parts[0] not in YEARS:
        raise ValueError(text)
    return timezone.make_aware(datetime(*parts))  # type: ignore[arg-type]


def as_html(text: str) -> str:
    """Return a body as HTML: as it is where it holds markup, else a paragraph a line."""
    if re.search(
        r"<\s*(p|br|div|h[1-6]|ul|ol|table|figure|section|span|img)\b", text, re.IGNORECASE
    ):
        return text
    return "\n".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())
