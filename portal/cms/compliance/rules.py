"""The rules that hold for several models; what concerns one alone is in its app's `compliance.py`.

A rule is a function of the manuscript that yields findings. Each says how many queries it makes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.cms.compliance import typography
from portal.cms.compliance.findings import Finding, Severity
from portal.cms.compliance.models import Level, Place
from portal.cms.compliance.words import Lexicon, fold
from portal.cms.media.models import MediaFile, PictureField
from portal.cms.richtext.incoming import MISSING

if TYPE_CHECKING:
    from portal.cms.compliance.reading import Manuscript
    from portal.cms.compliance.register import Rule

SEVERITY = {Level.HINT: Severity.HINT, Level.MUST: Severity.MUST}

# --- Words ------------------------------------------------------------------------------------------


def listed_words(manuscript: Manuscript) -> Iterator[Finding]:
    """What the word lists forbid, or advise against, in that place. One query."""
    lexicon = Lexicon.load()
    for text in manuscript.texts:
        for hit in lexicon.hits(text.words, text.place, regulation=manuscript.regulation):
            yield text.finding(
                f"words-{hit.words.pk}",
                SEVERITY[hit.words.level_in(text.place)],
                f"“{hit.term}”（{hit.words.name}）",
                (hit.start, hit.end),
                advice=hit.words.advice_line,
                detail=hit.term,
            )


# --- Ages -------------------------------------------------------------------------------------------

# 18-35岁, 四十五周岁以下, 年龄不超过 50; not 16岁以下, which is a minimum put the other way round.
AGE = r"(?:[2-9]\d|[二三四五六七八九]十[一二三四五六七八九]?)"
AGE_LIMIT = re.compile(
    rf"(?:\d\d|十[六七八九]|{AGE})(?:周?岁)?[-–—~至到]{AGE}周?岁"
    rf"|{AGE}周?岁(?:\(含\)|含)?(?:及?以下|以内|之内|封顶)"
    rf"|(?:不超过|不得超过|不高于|不大于|小于|低于){AGE}周?岁"
    rf"|年龄(?:不超过|不得超过|不高于|不大于|小于|低于|限制?|上限)[:为在到至]*{AGE}"
)
# An article is about a job when its title says so; in others an age is a matter of fact.
RECRUITING = re.compile("招[工人收募]|[急诚直]招|聘|普工|求职")


def age_limits(manuscript: Manuscript) -> Iterator[Finding]:
    """Upper limits of age in jobs, and in headlines that advertise some. No query.

    No law named for recruiting forbids them, and they are disputed: a hint.
    """
    for text in manuscript.texts:
        if text.place not in {Place.JOBS, Place.HEADLINES}:
            continue
        folded = fold(text.words)
        if text.place == Place.HEADLINES and not RECRUITING.search(folded.text):
            continue
        if limits := list(AGE_LIMIT.finditer(folded.text)):
            start, end = limits[0].span()
            yield text.finding(
                "age-limit",
                Severity.HINT,
                "写了年龄上限",
                (folded.origin[start], folded.origin[end - 1] + 1),
                advice="岗位没有法定年龄要求的，建议只写下限，或改写为对体力、技能的要求。",
                count=len(limits),
            )


# --- Typesetting ------------------------------------------------------------------------------------


def typesetting(manuscript: Manuscript) -> Iterator[Finding]:
    """Slips of Chinese typesetting. No query."""
    for text in manuscript.texts:
        for slip, start, end, total in typography.slips(text.words):
            yield text.finding(
                f"typography-{slip.name}",
                Severity.HINT,
                slip.message,
                (start, end),
                advice=slip.advice,
                count=total,
            )


# --- Pictures ---------------------------------------------------------------------------------------


def lost_pictures(manuscript: Manuscript) -> Iterator[Finding]:
    """Pictures that are not there: no reason makes a page with a hole in it fit for readers. No query."""
    for text in manuscript.texts:
        if marks := list(MISSING.finditer(text.words)):
            yield text.finding(
                "picture-missing",
                Severity.BLOCK,
                "有图片没有取到",
                marks[0].span(),
                advice="在标记处插入图片（从电脑上传或从图库选），再删去标记；不要这张图就直接删去标记。",
                count=len(marks),
            )
        if remote := sum(1 for picture in text.pictures if not picture.file):
            yield text.finding(
                "picture-remote",
                Severity.BLOCK,
                "有图片还在别的网站上",
                advice="正在取回的请稍候；取不到的请先存到电脑，再上传。",
                count=remote,
            )


def pictures_without_words(manuscript: Manuscript) -> Iterator[Finding]:
    """Pictures that say nothing to who cannot see them. One query if there are any without."""
    item = manuscript.item
    covers = {
        field.name: getattr(item, field.attname)
        for field in item._meta.concrete_fields
        if isinstance(field, PictureField) and getattr(item, field.attname)
    }
    in_texts = {
        text.field: {shown.file for shown in text.pictures if shown.file and not shown.alt}
        for text in manuscript.texts
    }
    wanted = set(covers.values()).union(*in_texts.values())
    silent = MediaFile.objects.filter(pk__in=wanted, image_alt_text="") if wanted else []
    names = {file.pk: str(file) for file in silent}
    advice = "在图片上点“图片”按钮填写替代文字：用一句话说出图上有什么。"
    for text in manuscript.texts:
        if found := sorted(names[pk] for pk in in_texts[text.field] & names.keys()):
            message = f"图片没有替代文字：{'、'.join(found[:3])}{' 等' if len(found) > 3 else ''}"
            yield text.finding(
                "picture-words", Severity.HINT, message, advice=advice, count=len(found)
            )
    for field, pk in covers.items():
        if pk in names:
            yield manuscript.finding(
                field,
                "picture-words",
                Severity.HINT,
                "图片没有替代文字",
                advice="在图库里打开这张图片，填写“替代文字”。",
            )


# --- Length -----------------------------------------------------------------------------------------


def at_most(field: str, limit: int) -> Rule:
    """Return the rule that `field` had better be no longer than `limit` 字."""

    def rule(manuscript: Manuscript) -> Iterator[Finding]:
        text = manuscript.text(field)
        if (length := typography.length(text.words)) > limit:
            yield text.finding(
                "too-long",
                Severity.HINT,
                f"共 {length} 字，超过 {limit} 字",
                advice=f"搜索结果里大约只显示前 {limit} 字，要紧的话放在前面。",
            )

    return rule


def at_least(field: str, limit: int) -> Rule:
    """Return the rule that `field`, once begun, had better be no shorter than `limit` 字."""

    def rule(manuscript: Manuscript) -> Iterator[Finding]:
        text = manuscript.text(field)
        if 0 < (length := typography.length(text.words)) < limit:
            yield text.finding(
                "too-short",
                Severity.HINT,
                f"只有 {length} 字，不足 {limit} 字",
                advice="太短的页面对读者用处小，搜索引擎也可能不收录；补充内容，或并入别的文章。",
            )

    return rule


# What is looked at in everything that is published.
COMMON: tuple[Rule, ...] = (
    listed_words,
    age_limits,
    lost_pictures,
    pictures_without_words,
    typesetting,
)
