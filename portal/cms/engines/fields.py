"""What an editor tells search engines of an item, beside what readers see."""

from __future__ import annotations

from django.db import models

SEO_TITLE = "搜索结果标题"


class SearchFields(models.Model):
    """The part of an item that stands in search results, and whether it is to stand there at all.

    Mixed into what is published: `class Article(SearchFields, Publishable)`.
    """

    seo_title = models.CharField(
        SEO_TITLE,
        max_length=60,
        blank=True,
        help_text="30 字以内，栏目和网站名称会自动加在后面，不用写；留空则用标题。",
    )
    seo_description = models.CharField(
        "搜索结果描述",
        max_length=160,
        blank=True,
        help_text="70–80 字为宜；留空则用摘要或正文的开头。",
    )
    indexable = models.BooleanField(
        "允许搜索引擎收录",
        default=True,
        help_text="与主业无关的旧文或转载请取消勾选：读者照常能看，搜索结果里不再出现。",
    )

    class Meta:
        abstract = True
