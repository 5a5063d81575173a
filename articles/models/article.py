"""News posts, who is named as their author, and the categories they stand in."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Substr
from django.utils import timezone
from taggit.managers import TaggableManager
from taggit.models import Tag

from portal.cms.addresses import address
from portal.cms.engines.fields import SEO_TITLE, SearchFields
from portal.cms.media.models import PictureField
from portal.cms.paging import Order
from portal.cms.prepared import Given, Prepared
from portal.cms.publishing import Publishable, PublishableQuerySet
from portal.cms.richtext import RichTextField
from portal.cms.site import SiteProfile


class CategoryQuerySet(models.QuerySet["Category"]):
    """What the pages ask for."""

    def for_list(self) -> Self:
        """Leave out the texts that only a category's own page shows."""
        return self.defer("intro")


class Category(models.Model):
    """栏目: every article stands in one."""

    name = models.CharField("名称", max_length=20, unique=True)
    slug = models.SlugField(
        "网址名",
        max_length=40,
        unique=True,
        help_text="小写英文字母，例如 policy；网址即 /articles/category/policy/。",
    )
    description = models.TextField("说明", blank=True, help_text="显示在栏目页标题下方。")
    intro = RichTextField(
        "介绍",
        blank=True,
        help_text="可不填。显示在栏目第一页的文章列表之前，可以有小标题、链接和图片。",
    )
    seo_title = models.CharField(
        SEO_TITLE,
        max_length=60,
        blank=True,
        help_text="30 字以内，栏目和网站名称会自动加在后面，不用写；留空则用名称。",
    )
    meta_description = models.CharField(
        "搜索摘要",
        max_length=200,
        blank=True,
        help_text="搜索引擎结果里标题下面的文字，70–80 字为宜；留空则用上面的说明。",
    )
    order = models.PositiveSmallIntegerField("顺序", default=10, help_text="数字小的排在前面。")
    # As of the last refresh of the ranking: counting them for each page would read all of them.
    article_count = models.PositiveIntegerField("已发布文章", default=0, editable=False)

    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = "栏目"
        verbose_name_plural = "栏目"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("articles:category", self.slug)


class Author(models.Model):
    """The name under an article. Never a login name: those are half of a password."""

    name = models.CharField("显示名", max_length=30)
    handle = models.CharField(
        "公开账号",
        max_length=30,
        unique=True,
        validators=[RegexValidator(r"^[^\s]+$", "公开账号不能含空格。")],
        help_text="与显示名一起出现在文章署名中。请勿填写后台登录名。",
    )
    is_organization = models.BooleanField(
        "是机构",
        default=False,
        help_text="例如编辑部、某某局。搜索引擎会分别对待人和机构，请如实勾选。",
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        verbose_name="对应的后台账号",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="author",
        help_text="可不填。填写后，此人新建的文章默认用这个署名。",
    )

    class Meta:
        verbose_name = "作者"
        verbose_name_plural = "作者"
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return f"{self.name} - {self.handle}"


class ArticleQuerySet(PublishableQuerySet):
    """What the pages of this app ask for."""

    def for_list(self) -> Self:
        """Load what a row of a list shows: of the body only how it begins, as `opening`."""
        shown = ("title", "summary", "category", "cover", "kind", "pinned", "go_live_at")
        return self.select_related("cover").only(*shown).annotate(opening=Substr("body", 1, 600))

    def pinned_first(self) -> Self:
        return self.order_by("-pinned", "-go_live_at", "-pk")

    def tagged(self, tag: Tag | int) -> Self:
        """Return those of a tag, newest first, in the order of the index of its entries.

        By way of `tags` all articles of the tag would be looked up, and sorted, for each page.
        """
        entered = {"listed_at": F("tag_entries__go_live_at"), "listed": F("tag_entries__article")}
        found = self.filter(tag_entries__tag=tag).annotate(**entered)
        return found.order_by("-listed_at", "-listed")


class Article(SearchFields, Publishable):
    """A news post. A repost names its source; every article says by what right it stands here."""

    class Kind(models.TextChoices):
        ORIGINAL = "original", "原创"
        REPOST = "repost", "转载"
        CONTRIBUTED = "contributed", "投稿"
        ANNOUNCEMENT = "announcement", "公告"

    class RightsBasis(models.TextChoices):
        """The grounds on which a text may be published here (著作权法 §5, §35)."""

        ORIGINAL = "original", "原创"
        LICENSED = "licensed", "授权"
        REGULATION = "regulation", "法规公文"
        FACTS = "facts", "事实消息自写"
        QUOTATION = "quotation", "引用"

    class DisclaimerChoice(models.TextChoices):
        DEFAULT = "default", "按类型使用网站设置中的声明"
        CUSTOM = "custom", "使用下面填写的声明"
        NONE = "none", "不显示声明"

    required_to_publish = ("title", "category", "author", "body", "rights_basis")

    title = models.CharField("标题", max_length=200)
    category = models.ForeignKey(
        Category,
        verbose_name="栏目",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles",
    )
    author = models.ForeignKey(
        Author,
        verbose_name="署名",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles",
        help_text="页面上显示为：显示名 - 公开账号 于某年某月某日发表。",
    )
    summary = models.CharField(
        "摘要",
        max_length=200,
        blank=True,
        help_text="用于列表与搜索结果，70–80 字为宜；留空则取正文开头。",
    )
    body = RichTextField("正文", blank=True)
    cover = PictureField(verbose_name="封面图片")
    tags = TaggableManager(
        "标签",
        blank=True,
        help_text="用顿号或逗号分开，例如：劳务派遣、社保。输入时会提示已有标签。",
    )

    kind = models.CharField("类型", max_length=12, choices=Kind.choices, default=Kind.ORIGINAL)
    source_name = models.CharField(
        "来源", max_length=80, blank=True, help_text="转载必填，例如：深圳市人力资源和社会保障局。"
    )
    source_url = models.URLField("原文网址", max_length=500, blank=True)
    original_title = models.CharField("原标题", max_length=200, blank=True)
    original_author = models.CharField("原作者", max_length=60, blank=True)
    rights_basis = models.CharField(
        "刊登依据",
        max_length=12,
        choices=RightsBasis.choices,
        blank=True,
        default=RightsBasis.ORIGINAL,
        help_text="凭什么可以刊登。网站转载没有法定许可；法规、公文与单纯事实消息不受著作权法保护。",
    )
    rights_proof = models.ForeignKey(
        "cms.MediaFile",
        verbose_name="授权证明",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="授权书的扫描件或文件；不对外显示。",
    )
    disclaimer_choice = models.CharField(
        "声明", max_length=8, choices=DisclaimerChoice.choices, default=DisclaimerChoice.DEFAULT
    )
    disclaimer_text = models.TextField("自定义声明", blank=True)
    ai_assisted = models.BooleanField(
        "人工智能辅助生成",
        default=False,
        help_text="勾选后页面显示标识（2025 年 9 月 1 日起的标识办法要求）。",
    )

    pinned = models.BooleanField("置顶", default=False, help_text="在栏目与列表第一页排在最前。")
    read_count = models.PositiveIntegerField("阅读数", default=0, editable=False)
    legacy_id = models.CharField("旧站编号", max_length=60, blank=True, editable=False)
    legacy_url = models.CharField("旧站网址", max_length=500, blank=True, editable=False)

    objects = ArticleQuerySet.as_manager()  # type: ignore[misc]

    class Meta(Publishable.Meta):
        verbose_name = "文章"
        verbose_name_plural = "文章"
        # Who may publish while the site asks for a review (SiteProfile.review_required).
        permissions = [("review_article", "审核文章")]
        indexes = [
            *Publishable.Meta.indexes,
            # The list of all articles: pinned ones first, then the newest.
            models.Index(
                fields=["-pinned", "-go_live_at", "-id"],
                name="articles_article_list",
                condition=Q(status="published", deleted_at=None),
            ),
            # Category pages, likewise; with the end, so that counting them looks at no row.
            models.Index(
                fields=["category", "-pinned", "-go_live_at", "-id", "expire_at"],
                name="articles_article_category",
                condition=Q(status="published", deleted_at=None),
            ),
            # Feeds and site map: the newest of a category, pinned or not.
            models.Index(
                fields=["category", "-go_live_at", "-id", "expire_at"],
                name="articles_article_in_category",
                condition=Q(status="published", deleted_at=None),
            ),
            # How many are in a month: counted without a look at the rows.
            models.Index(
                fields=["go_live_at", "expire_at"],
                name="articles_article_count",
                condition=Q(status="published", deleted_at=None),
            ),
            # The sitemaps, a range of numbers at a time, without a look at the rows: SQLite covers a query
            # by an index only with the columns of its own condition in it.
            models.Index(
                fields=[
                    "id",
                    "go_live_at",
                    "expire_at",
                    "last_published_at",
                    "status",
                    "deleted_at",
                    "indexable",
                ],
                name="articles_article_engines",
                condition=Q(status="published", deleted_at=None, indexable=True),
            ),
            # The most read of all time.
            models.Index(
                fields=["-read_count", "-go_live_at", "-id"],
                name="articles_article_most_read",
                condition=Q(status="published", deleted_at=None, read_count__gt=0),
            ),
            # Is there another article of this title? Asked with every check of a form.
            models.Index(fields=["title"], name="articles_article_title"),
        ]
        constraints = [
            *Publishable.Meta.constraints,
            # An import finds the article it made before by this number.
            models.UniqueConstraint(
                fields=["legacy_id"], name="articles_article_legacy_id", condition=~Q(legacy_id="")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("articles:article", self.pk)

    @property
    def byline(self) -> str:
        """The line under the title, exactly `{显示名} - {公开账号} 于{YYYY年MM月DD日}发表`."""
        if self.author is None or self.go_live_at is None:
            return ""
        date = timezone.localtime(self.go_live_at)
        return f"{self.author} 于{date:%Y}年{date:%m}月{date:%d}日发表"

    def publish_errors(self) -> dict[str, str]:
        """Besides the required fields: a repost names its source, a licence is proved."""
        errors = super().publish_errors()
        if self.kind == self.Kind.REPOST and not self.source_name:
            errors["source_name"] = "转载文章发布前请填写“来源”。"
        if self.rights_basis == self.RightsBasis.LICENSED and self.rights_proof_id is None:
            errors["rights_proof"] = "刊登依据为“授权”时，请上传授权证明。"
        return errors

    def disclaimer(self, profile: SiteProfile) -> str:
        """Return the disclaimer to show under the text, which may be empty. No query."""
        if self.disclaimer_choice == self.DisclaimerChoice.NONE:
            return ""
        if self.disclaimer_choice == self.DisclaimerChoice.CUSTOM:
            return self.disclaimer_text
        text: str = getattr(profile, f"disclaimer_{self.kind}")
        return text

    def neighbours(self) -> dict[str, Article | None]:
        """Return the published articles before and after this one in time; two queries."""
        given = {"now": timezone.now(), "at": self.go_live_at, "pk": self.pk}
        return {"previous": previous.first(**given), "next": following.first(**given)}


def by_date() -> Order:
    return Order(Article.objects.published(NOW).newest().only("title"))


NOW = Given("now", models.DateTimeField())
PLACE = [Given("at", models.DateTimeField()), Given("pk", models.BigIntegerField())]
previous = Prepared(lambda: by_date().below(PLACE)[:1])
following = Prepared(lambda: by_date().above(PLACE)[:1])


def tags_of(article: Article) -> list[Tag]:
    """Return the tags of an article in their order; one query, and cheaper than `article.tags`."""
    kind = ContentType.objects.get_for_model(Article)
    return entered.rows(kind=kind.pk, item=article.pk)


ENTERED = {
    "taggit_taggeditem_items__content_type": Given("kind", models.BigIntegerField()),
    "taggit_taggeditem_items__object_id": Given("item", models.BigIntegerField()),
}
entered = Prepared(lambda: Tag.objects.filter(**ENTERED).order_by("taggit_taggeditem_items__pk"))
