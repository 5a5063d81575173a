"""What is looked at in articles before they are published."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.urls import reverse

from articles.models import Article
from portal.cms.compliance.findings import Finding, Severity
from portal.cms.compliance.models import Place
from portal.cms.compliance.register import Checks, register
from portal.cms.compliance.rules import COMMON, at_least, at_most
from portal.cms.publishing import State
from portal.cms.search.similar import near_texts, near_titles

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript

# Full-width signs of Chinese titles, and what people type instead of them.
HALF_WIDTH = str.maketrans("，：；！？（）", ",:;!?()")
FULL_WIDTH = str.maketrans(",:;!?()", "，：；！？（）")
HEADLINES = ("title", "summary", "seo_title", "seo_description")
# What a repost had better say of where it comes from.
ORIGIN = {"source_url": "原文网址", "original_title": "原标题", "original_author": "原作者"}
# More articles of one title than these are not named.
MOST_OF_A_TITLE = 10
UP_OR_COMING = (State.LIVE, State.SCHEDULED)
# A text of which so much stands in another is a copy of it.
COPIED = 0.9


def spellings(title: str) -> set[str]:
    """Return how a title may be spelt elsewhere: with other spaces, with signs of the other width.

    Looked up exactly, so that the index on titles serves; what differs in more than that is not found.
    """
    plain = unicodedata.normalize("NFC", title).strip()
    closed = "".join(plain.split())
    both = {plain, closed}
    return both | {text.translate(width) for text in both for width in (HALF_WIDTH, FULL_WIDTH)}


def same_title(manuscript: Manuscript) -> Iterator[Finding]:
    """Other articles of this title; one query.

    Two of them on the site at once take readers from each other and look like one page copied, most
    often by a draft published twice: that is to be decided. Beside what is off the site it is a hint.
    """
    article: Article = manuscript.item
    if not article.title.strip():
        return
    others = Article.objects.kept().filter(title__in=spellings(article.title))
    columns = ("title", "status", "go_live_at", "expire_at", "deleted_at")
    found = others.exclude(pk=article.pk).order_by("pk").only(*columns)[:MOST_OF_A_TITLE]
    for other in found:
        yield manuscript.finding(
            "title",
            "same-title",
            Severity.MUST if other.state in UP_OR_COMING else Severity.HINT,
            f"已有同名文章（{other.state.label}）",
            advice="改一个能区分的标题，例如加上年份或地区；若是同一篇，请改那一篇。",
            detail=str(other.pk),
            url=reverse("admin:articles_article_change", args=[other.pk]),
        )


def near_duplicates(manuscript: Manuscript) -> Iterator[Finding]:
    """Other articles whose text or title is nearly this one's; mostly eight queries, at most thirteen.

    A text of our own put up a second time takes readers from the first: that is to be decided where
    nearly all of it is the same. What is less alike is a hint, as is everything off the site.
    """
    article: Article = manuscript.item
    known = spellings(article.title)
    for other, share in near_texts(article):
        copied = share >= COPIED and other.state in UP_OR_COMING
        yield manuscript.finding(
            "body",
            "near-text",
            Severity.MUST if copied else Severity.HINT,
            f"正文约 {share:.0%} 与另一篇相同：{other.title}（{other.state.label}）",
            advice="若是同一篇，请改那一篇；若要再发，请写出不同之处，并链接到那一篇。",
            detail=str(other.pk),
            url=reverse("admin:articles_article_change", args=[other.pk]),
        )
    for other, share in near_titles(article):
        if other.title not in known:  # those are same_title's
            yield manuscript.finding(
                "title",
                "near-title",
                Severity.HINT,
                f"标题与另一篇有 {share:.0%} 相同：{other.title}（{other.state.label}）",
                advice="看看写的是不是同一件事；不是的话，请在标题里写出不同之处。",
                detail=str(other.pk),
                url=reverse("admin:articles_article_change", args=[other.pk]),
            )


def rights(manuscript: Manuscript) -> Iterator[Finding]:
    """What a text from elsewhere should say besides what `publish_errors` insists on. No query."""
    article: Article = manuscript.item
    original_basis = article.rights_basis == Article.RightsBasis.ORIGINAL
    if article.kind == Article.Kind.REPOST:
        if original_basis:
            yield manuscript.finding(
                "rights_basis",
                "repost-rights",
                Severity.MUST,
                "转载文章的刊登依据选了“原创”",
                advice="网站转载没有法定许可：请选授权、法规公文、事实消息自写或引用。（《著作权法》第五条、第三十五条）",
            )
        for field, name in ORIGIN.items():
            if not getattr(article, field):
                yield manuscript.finding(
                    field,
                    "repost-origin",
                    Severity.HINT,
                    f"转载文章没有写“{name}”",
                    advice="转载应当注明出处，并保留原作者与原标题。",
                )
    elif article.kind == Article.Kind.CONTRIBUTED and original_basis:
        yield manuscript.finding(
            "rights_basis",
            "contributed-rights",
            Severity.HINT,
            "投稿的刊登依据选了“原创”",
            advice="投稿的著作权属于作者；有书面授权的请选“授权”，并上传证明。",
        )
    elif article.kind == Article.Kind.ORIGINAL and article.source_name:
        yield manuscript.finding(
            "kind",
            "original-source",
            Severity.HINT,
            "写了“来源”，类型却是“原创”",
            advice="从别处转来的请改为“转载”；是本站自己写的，请清空“来源”。",
        )


def is_regulation(article: Article) -> bool:
    return article.rights_basis == Article.RightsBasis.REGULATION


register(
    Article,
    Checks(
        texts={**dict.fromkeys(HEADLINES, Place.HEADLINES), "body": Place.NEWS},
        rules=(
            *COMMON,
            at_most("title", 30),
            at_most("seo_title", 30),
            at_least("body", 150),
            same_title,
            near_duplicates,
            rights,
        ),
        is_regulation=is_regulation,
    ),
)
