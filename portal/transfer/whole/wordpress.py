"""Articles and pages as WordPress's own export file, WXR 1.2: what its importer, and others', read.

WordPress has neither services nor jobs, and fetches pictures by their addresses itself: the site has to
be there while it does. One item is in memory at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.utils import timezone
from taggit.models import Tag

from articles.models import Article, Author, Category
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Status
from portal.cms.richtext.incoming import as_html
from portal.cms.richtext.render import is_library_picture
from portal.cms.richtext.scan import Token, scan
from portal.cms.site import Page, SiteProfile, absolute
from portal.transfer.whole.exporting import AT_ONCE, whole_file
from portal.transfer.whole.snapshot import snapshot

# What XML 1.0 has no way to say.
FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NAMESPACES: Final = {
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "wp": "http://wordpress.org/export/1.2/",
}
EDITORS: Final = "bianjibu"  # of pages, which have no author
STATES: Final = {
    Status.DRAFT: "draft",
    Status.IN_REVIEW: "pending",
    Status.PUBLISHED: "publish",
    Status.WITHDRAWN: "draft",
}
LEFT: Final = (
    "只导出了文章、单页、栏目、标签、署名和图片的地址；WordPress 导入时会到本站下载图片，期间请保持本站可以访问。",
    "没有导出：服务、招工信息、案例、区域页、资质、热线、跳转和修改历史。完整的内容请用 --format native。",
    "已下线和已到期的文章按草稿导出；转载的来源、声明和阅读数没有带上。",
)

Pairs = list[tuple[str, str]]


def export_wordpress(path: Path) -> tuple[str, ...]:
    """Write a WXR into `path`; return what its owner should know. Raises ExportError."""
    with whole_file(path) as file, snapshot():
        Writer(file).run()
    return LEFT


class Writer:
    """One file. WordPress numbers articles, pages and pictures in one row: each kind has its own span."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.now = timezone.now()
        self.profile = SiteProfile.load()
        self.first_page = highest(Article)
        self.first_file = self.first_page + highest(Page)
        self.addresses = {
            row.pk: absolute(row.get_absolute_url())
            for row in MediaFile.objects.exclude(image_file="").iterator(AT_ONCE)
        }

    def run(self) -> None:
        self.begin()
        for author in Author.objects.order_by("pk"):
            self.block(
                "wp:author",
                [
                    ("wp:author_id", str(author.pk)),
                    ("wp:author_login", author.handle),
                    ("wp:author_email", ""),
                    ("wp:author_display_name", author.name),
                ],
            )
        for category in Category.objects.order_by("order", "pk"):
            self.block(
                "wp:category",
                [
                    ("wp:term_id", str(category.pk)),
                    ("wp:category_nicename", category.slug),
                    ("wp:category_parent", ""),
                    ("wp:cat_name", category.name),
                    ("wp:category_description", category.description),
                ],
            )
        first_tag = highest(Category)
        for tag in Tag.objects.order_by("pk").iterator(AT_ONCE):
            self.block(
                "wp:tag",
                [
                    ("wp:term_id", str(first_tag + tag.pk)),
                    ("wp:tag_slug", quote(tag.slug)),
                    ("wp:tag_name", tag.name),
                ],
            )
        for file in MediaFile.objects.order_by("pk").iterator(AT_ONCE):
            self.attachment(file)
        for page in Page.objects.order_by("pk").iterator(AT_ONCE):
            self.page(page)
        articles = Article.objects.select_related("category", "author").prefetch_related("tags")
        for article in articles.order_by("pk").iterator(AT_ONCE):
            self.article(article)
        self.write("</channel>\n</rss>\n")

    # --- Kinds of items ----------------------------------------------------------------------------------

    def begin(self) -> None:
        names = "".join(f" xmlns:{name}={quoteattr(to)}" for name, to in NAMESPACES.items())
        self.write(f'<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0"{names}>\n')
        self.write("<channel>\n")
        self.lines(
            [
                ("title", self.profile.name),
                ("link", settings.SITE_URL),
                ("description", self.profile.tagline),
                ("pubDate", format_datetime(self.now.astimezone(UTC))),
                ("language", "zh-CN"),
                ("wp:wxr_version", "1.2"),
                ("wp:base_site_url", settings.SITE_URL),
                ("wp:base_blog_url", settings.SITE_URL),
            ]
        )

    def attachment(self, file: MediaFile) -> None:
        address = absolute(file.get_absolute_url())
        number = self.first_file + file.pk
        self.item(
            [
                ("title", file.title or file.file_name),
                ("link", address),
                ("pubDate", format_datetime(file.created_at.astimezone(UTC))),
                ("dc:creator", EDITORS),
                ("content:encoded", ""),
                ("excerpt:encoded", file.caption),
                ("wp:post_id", str(number)),
                *dates("post_date", file.created_at),
                ("wp:post_name", f"file-{file.pk}"),
                ("wp:status", "inherit"),
                ("wp:post_parent", "0"),
                ("wp:post_type", "attachment"),
                ("wp:attachment_url", address),
            ],
            metas=[("_wp_attachment_image_alt", file.image_alt_text)],
        )

    def page(self, page: Page) -> None:
        self.item(
            [
                *self.common(page, page.title, page.summary, EDITORS),
                ("wp:post_id", str(self.first_page + page.pk)),
                ("wp:post_name", page.slug),
                ("wp:post_type", "page"),
            ],
            metas=searched(page),
        )

    def article(self, article: Article) -> None:
        cover = article.cover_id and str(self.first_file + article.cover_id)
        terms = []
        if article.category:
            terms.append(("category", article.category.slug, article.category.name))
        terms += [("post_tag", quote(tag.slug), tag.name) for tag in article.tags.all()]
        self.item(
            [
                *self.common(
                    article,
                    article.title,
                    article.summary,
                    article.author.handle if article.author else EDITORS,
                ),
                ("wp:post_id", str(article.pk)),
                ("wp:post_name", f"article-{article.pk}"),
                ("wp:post_type", "post"),
                ("wp:is_sticky", str(int(article.pinned))),
            ],
            terms=terms,
            metas=[*([("_thumbnail_id", cover)] if cover else []), *searched(article)],
        )

    def common(self, item: Article | Page, title: str, summary: str, author: str) -> Pairs:
        date = item.go_live_at or item.created_at
        return [
            ("title", title),
            ("link", absolute(item.get_absolute_url())),
            ("pubDate", format_datetime(date.astimezone(UTC))),
            ("dc:creator", author),
            ("content:encoded", self.body(item.body)),
            ("excerpt:encoded", summary),
            *dates("post_date", date),
            *dates("post_modified", item.last_published_at or item.updated_at),
            ("wp:comment_status", "closed"),
            ("wp:ping_status", "closed"),
            ("wp:status", self.state(item)),
            ("wp:post_parent", "0"),
            ("wp:menu_order", "0"),
            ("wp:post_password", ""),
        ]

    def state(self, item: Article | Page) -> str:
        if item.deleted_at is not None:
            return "trash"
        if item.status == Status.PUBLISHED and item.go_live_at and item.go_live_at > self.now:
            return "future"
        if item.status == Status.PUBLISHED and item.expire_at and item.expire_at <= self.now:
            return "draft"
        return STATES[Status(item.status)]

    def body(self, html: str) -> str:
        """Return a text with whole addresses: of pictures, for whoever fetches them, and of links."""
        if "<img" not in html and "<a" not in html:
            return html
        return "".join(as_html(self.whole(token)) for token in scan(html))

    def whole(self, token: Token) -> Token:
        attributes = dict(token.attributes)
        if is_library_picture(token):
            number = int(attributes.pop("data-file"))
            # The class by which WordPress, and what reads its files, knows the attachment.
            attributes["src"] = self.addresses.get(number, "")
            attributes["class"] = f"wp-image-{self.first_file + number}"
        elif token.value == "a" and "href" in attributes:
            attributes["href"] = absolute(attributes["href"])
        return token._replace(attributes=attributes)

    # --- XML ---------------------------------------------------------------------------------------------

    def item(
        self,
        fields: Pairs,
        terms: Iterable[tuple[str, str, str]] = (),
        metas: Iterable[tuple[str, str]] = (),
    ) -> None:
        self.write("<item>\n")
        self.lines(fields)
        for domain, slug, name in terms:
            named = f" domain={quoteattr(domain)} nicename={quoteattr(clear(slug))}"
            self.write(f"<category{named}>{cdata(name)}</category>\n")
        for key, value in metas:
            if value:
                self.block("wp:postmeta", [("wp:meta_key", key), ("wp:meta_value", value)])
        self.write("</item>\n")

    def block(self, name: str, fields: Pairs) -> None:
        self.write(f"<{name}>\n")
        self.lines(fields)
        self.write(f"</{name}>\n")

    def lines(self, fields: Pairs) -> None:
        for name, value in fields:
            self.write(f"<{name}>{cdata(value)}</{name}>\n")

    def write(self, text: str) -> None:
        self.file.write(text.encode())


def cdata(text: str) -> str:
    """Return a value: texts as WordPress writes them, whose older importer looks for CDATA."""
    text = clear(text)
    if not any(sign in text for sign in "<>&"):
        return escape(text)
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def clear(text: str) -> str:
    return FORBIDDEN.sub("", text)


def dates(name: str, moment: datetime) -> Iterator[tuple[str, str]]:
    """Yield a moment as WordPress has it: by the clock of the site, and by the world's."""
    for key, zone in ((name, timezone.get_default_timezone()), (f"{name}_gmt", UTC)):
        yield f"wp:{key}", f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}"


def searched(item: Article | Page) -> Pairs:
    """Return what search engines are shown, as the commonest plugin keeps it."""
    return [
        ("_yoast_wpseo_title", item.seo_title),
        ("_yoast_wpseo_metadesc", item.seo_description),
        ("_yoast_wpseo_meta-robots-noindex", "" if item.indexable else "1"),
    ]


def highest(model: type[Article | Page | Category]) -> int:
    pk: int | None = model._base_manager.order_by("-pk").values_list("pk", flat=True).first()
    return pk or 0
