"""A district's landing page: its own text, with the jobs and articles that belong there."""

from __future__ import annotations

from typing import Final, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from articles.models import TagEntry
from portal.cms.addresses import address
from portal.cms.compliance.typography import length
from portal.cms.engines.fields import SearchFields
from portal.cms.media.models import PictureField
from portal.cms.publishing import Publishable, PublishableQuerySet
from portal.cms.richtext import RichTextField
from portal.cms.richtext.words import words_of
from staffing.models import District, Job

# Pages of districts that say nothing of their own are what search engines call a farm.
LEAST_WORDS: Final = 300
LEAST_JOBS: Final = 3
LEAST_ARTICLES: Final = 3


class DistrictPageQuerySet(PublishableQuerySet):
    def live(self) -> Self:
        """Return the pages that are published and have something to show: what a stranger may see.

        That is so many open jobs in the district, or so many articles under the tag of its name. Each
        is one look at an index, for each page there is.
        """
        jobs = Job.objects.open().filter(district=OuterRef("district")).order_by()
        articles = TagEntry.objects.published().filter(tag__name=OuterRef("district__name"))
        enough = Q(Exists(jobs[LEAST_JOBS - 1 : LEAST_JOBS]))
        enough |= Q(Exists(articles.order_by()[LEAST_ARTICLES - 1 : LEAST_ARTICLES]))
        return self.published().filter(enough)

    def for_list(self) -> Self:
        """Load what a list shows, in the order of the districts, and no body."""
        return self.defer("body").select_related("district").order_by("district__order", "pk")


class DistrictPage(SearchFields, Publishable):
    """A page at `/districts/<slug>/`."""

    required_to_publish = ("district", "title", "slug", "summary", "body")

    district = models.OneToOneField(
        District,
        verbose_name="区域",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="landing_page",
        help_text="标签与它同名的文章，会列在页面上。",
    )
    title = models.CharField("标题", max_length=60, help_text="例如：宝安区用工与招工。")
    slug = models.SlugField(
        "网址名",
        max_length=40,
        unique=True,
        help_text="小写英文字母，例如 baoan；网址即 /districts/baoan/。",
    )
    summary = models.CharField("摘要", max_length=120, blank=True)
    cover = PictureField(verbose_name="配图")
    body = RichTextField(
        "正文",
        blank=True,
        help_text="只写这个区的情况，不少于 300 字。还要有 3 个在招岗位或 3 篇同名标签的文章，页面才会出现。",
    )
    office = models.CharField(
        "服务点", max_length=120, blank=True, help_text="在这个区的办公室或驻厂点；没有就留空。"
    )

    objects = DistrictPageQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Publishable.Meta):
        verbose_name = "区域页"
        verbose_name_plural = "区域页"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("district", self.slug)

    def publish_errors(self) -> dict[str, str]:
        """Besides the required fields: a text long enough to be worth a page."""
        errors = super().publish_errors()
        words = length(words_of(self.body))
        if "body" not in errors and words < LEAST_WORDS:
            errors["body"] = f"正文只有 {words} 字；区域页不少于 {LEAST_WORDS} 字才能发布。"
        return errors

    @property
    def is_live(self) -> bool:
        """Whether a stranger may see the page now; one query."""
        return type(self).objects.live().filter(pk=self.pk).exists()
