"""The site itself: its profile, its standing pages, its links, the short facts on the home page."""

from __future__ import annotations

from typing import ClassVar, Self
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from portal.cms.addresses import address
from portal.cms.engines.fields import SearchFields
from portal.cms.media.models import PictureField
from portal.cms.pagecache.epochs import once
from portal.cms.publishing import Publishable
from portal.cms.richtext import RichTextField

# The forms in which the two authorities issue their numbers.
ICP_NUMBER = RegexValidator(
    r"^[\u4e00-\u9fa5]ICP备\d{8,10}号(-\d+)?$", "请按备案号原样填写，例如：粤ICP备12345678号。"
)
POLICE_NUMBER = RegexValidator(
    r"^[\u4e00-\u9fa5]公网安备\s?\d{14}号$",
    "请按备案号原样填写，例如：粤公网安备44030000000000号。",
)
CREDIT_CODE = RegexValidator(
    r"^[0-9A-HJ-NPQRTUWXY]{18}$", "统一社会信用代码为 18 位数字或大写字母。"
)
URL_OR_PATH = RegexValidator(
    r"^(/(?!/)|https?://[^\s/?#:@])\S*$", "请填写以 / 或 http(s):// 开头的网址。"
)
MOST_FURTHER_TITLES = 100


def absolute(address: str, base: str = "/") -> str:
    """Return the address under which the world knows a page, whatever host it was asked for at.

    `address` is as it stands in the page `base` of this site; one that is whole already stays.
    """
    try:
        return urljoin(settings.SITE_URL + base, address)
    except ValueError:  # nh3 and browsers take more for an address than Python does
        return address


class SiteProfile(models.Model):
    """One row: names, addresses, numbers and switches that hold for the whole site."""

    name = models.CharField("网站名称", max_length=30, default="劳务派遣网站")
    legal_name = models.CharField("公司全称", max_length=60, blank=True)
    tagline = models.CharField(
        "一句话介绍", max_length=80, blank=True, help_text="用于首页标题与搜索结果。"
    )
    logo = PictureField(verbose_name="标志", help_text="方形图片，显示在页面左上角。")
    favicon = PictureField(verbose_name="浏览器图标", help_text="方形 PNG 图片；留空则用默认图标。")
    hero_title = models.CharField("首页大标题", max_length=40, blank=True)
    hero_text = models.CharField("首页大标题下的说明", max_length=120, blank=True)
    hero_picture = PictureField(verbose_name="首页配图")

    address = models.CharField("地址", max_length=120, blank=True)
    route = models.TextField("交通路线", blank=True)
    office_hours = models.CharField("办公时间", max_length=80, blank=True)
    wechat_id = models.CharField("微信号", max_length=40, blank=True)
    wechat_qr = PictureField(verbose_name="微信二维码")
    supervising_body = models.CharField(
        "主管部门", max_length=60, blank=True, help_text="例如：区人力资源局。"
    )
    supervising_phone = models.CharField("监督电话", max_length=30, blank=True)
    complaint_phone = models.CharField("投诉电话", max_length=30, blank=True)
    complaint_email = models.EmailField("投诉邮箱", blank=True)

    credit_code = models.CharField(
        "统一社会信用代码", max_length=18, blank=True, validators=[CREDIT_CODE]
    )
    icp_number = models.CharField(
        "ICP 备案号",
        max_length=30,
        blank=True,
        validators=[ICP_NUMBER],
        help_text="显示在每页底部。",
    )
    police_number = models.CharField(
        "公安备案号",
        max_length=30,
        blank=True,
        validators=[POLICE_NUMBER],
        help_text="显示在每页底部。",
    )

    disclaimer_original = models.TextField("原创文章的声明", blank=True)
    disclaimer_repost = models.TextField("转载文章的声明", blank=True)
    disclaimer_contributed = models.TextField("投稿文章的声明", blank=True)
    disclaimer_announcement = models.TextField("公告的声明", blank=True)
    further_titles = models.PositiveSmallIntegerField(
        "文章下方列出的标题数",
        default=20,
        validators=[MaxValueValidator(MOST_FURTHER_TITLES)],
        help_text="0 到 100；0 表示不显示。",
    )
    review_required = models.BooleanField(
        "编辑的稿件须经审核",
        default=False,
        help_text="勾选后，“编辑”只能提交审核，由“主编”发布。",
    )

    class Meta:
        verbose_name = "网站设置"
        verbose_name_plural = "网站设置"
        default_permissions = ("change", "view")
        constraints = [
            # A single profile: everybody reads row 1, so a second row would be edited in vain.
            models.CheckConstraint(name="cms_siteprofile_single", condition=Q(pk=1)),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def has_contact(self) -> bool:
        """Whether visitors are told where to come or whom to write to."""
        return bool(self.address or self.wechat_id or self.wechat_qr_id)

    @property
    def police_code(self) -> str:
        """The digits of the police number, by which its public record is looked up."""
        return "".join(filter(str.isdigit, self.police_number))

    @classmethod
    def load(cls) -> Self:
        """Return the profile with its pictures; one with defaults, not stored, on a new site. One query."""
        pictures = ("logo", "favicon", "wechat_qr", "hero_picture")
        return cls.objects.select_related(*pictures).filter(pk=1).first() or cls(pk=1)


# What pages show: read once an epoch. Whoever changes the profile loads it.
current_profile = once(SiteProfile.load)


class HomeFact(models.Model):
    """A short, true statement under the head of the home page."""

    profile = models.ForeignKey(SiteProfile, on_delete=models.CASCADE, related_name="facts")
    value = models.CharField("要点", max_length=20)
    label = models.CharField("说明", max_length=20)
    order = models.PositiveSmallIntegerField("顺序", default=10)

    class Meta:
        verbose_name = "首页要点"
        verbose_name_plural = "首页要点"
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"


class SiteLink(models.Model):
    """A link in the menu or the footer."""

    class Placement(models.TextChoices):
        MENU = "menu", "主菜单"
        COMPANY = "company", "页脚：公司"
        KEYWORD = "keyword", "页脚：关键词"
        FRIEND = "friend", "页脚：友情链接"

    placement = models.CharField("位置", max_length=10, choices=Placement.choices)
    label = models.CharField("文字", max_length=30)
    url = models.CharField(
        "网址",
        max_length=300,
        validators=[URL_OR_PATH],
        help_text="站内写路径，例如 /services/；站外写完整网址。",
    )
    order = models.PositiveSmallIntegerField("顺序", default=10)

    class Meta:
        verbose_name = "菜单与页脚链接"
        verbose_name_plural = "菜单与页脚链接"
        ordering = ["placement", "order", "pk"]

    def __str__(self) -> str:
        return self.label


class Page(SearchFields, Publishable):
    """A standing page such as 关于我们, at `/<slug>/`."""

    # Views of their own show the pages of these names, as words beside a form or above a list.
    BESIDE: ClassVar[frozenset[str]] = frozenset(
        ["cases", "complaint", "contact", "faq", "prices", "takedown"]
    )
    # A page of such a name could never be reached.
    RESERVED: ClassVar[frozenset[str]] = (settings.PUBLIC_SEGMENTS - BESIDE) | {
        "admin",
        "feed",
        "rss",
    }
    required_to_publish = ("title", "body")

    slug = models.SlugField(
        "网址名", max_length=40, unique=True, help_text="小写英文字母，例如 about；网址即 /about/。"
    )
    title = models.CharField("标题", max_length=60)
    summary = models.CharField("摘要", max_length=200, blank=True)
    body = RichTextField("正文", blank=True)

    class Meta(Publishable.Meta):
        verbose_name = "单页"
        verbose_name_plural = "单页"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("page", self.slug)

    def clean(self) -> None:
        # The admin may have been moved to an address of the owner's, of one segment or more.
        if self.slug in {*self.RESERVED, settings.ADMIN_PATH.split("/")[0]}:
            raise ValidationError({"slug": "这个网址名已被网站的其他栏目使用，请换一个。"})
