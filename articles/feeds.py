"""The newest articles in full, for feed readers: Atom, RSS 2.0 and JSON Feed 1.1.

Of all articles, of a category, of a tag. Articles that search engines are asked to leave out are in
here: a subscriber reads what the lists show. The feed itself is kept out of search engines instead,
where its texts would stand a second time.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import IO, Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import (
    Atom1Feed,
    Rss201rev2Feed,
    SyndicationFeed,
    get_tag_uri,
    rfc3339_date,
)
from django.utils.xmlutils import SimplerXMLGenerator
from django.views.decorators.http import require_safe
from taggit.models import TaggedItem

from articles.models import Article, Category
from articles.models.article import ArticleQuerySet
from articles.views import cover_above, tag_called
from portal.cms.media.display import image_attributes
from portal.cms.media.models import MediaUse
from portal.cms.pagecache.views import cacheable
from portal.cms.richtext.config import ALLOWED
from portal.cms.richtext.document import attributes_html
from portal.cms.richtext.render import plain
from portal.cms.richtext.scan import scan
from portal.cms.site import SiteProfile, absolute

NEWEST = 30
SUMMARY = 120
# What XML 1.0 cannot say, not even escaped: one such character and no reader takes the feed.
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A feed must name a date, and one without articles must not change with every request.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
# Elements and attributes that mean something outside our pages: no ids, classes, scrolling frames.
TAGS: frozenset[str] = frozenset(ALLOWED["tags"])
ATTRIBUTES: dict[str, set[str]] = {
    **ALLOWED["attributes"],
    "img": {"src", "srcset", "alt", "width", "height"},
}


# --- The three formats -----------------------------------------------------------------------------


class FullText(SyndicationFeed):
    """What the formats share. Besides Django's values, the feed has `updated`, the items `content`
    (HTML), `image` and `via` (the original of a repost), which may be None; `description` is no HTML.
    """

    name: ClassVar[str]
    address: ClassVar[str]
    content_type: str

    def latest_post_date(self) -> datetime:
        changed: datetime = self.feed["updated"]
        return changed


def with_summary_as_html(item: dict[str, Any]) -> dict[str, Any]:
    """Return the item as XML formats have it: readers take a summary for HTML, and swallow a "<"."""
    summary = item["description"]
    return {**item, "description": summary and escape(summary, quote=False)}


class Atom(FullText, Atom1Feed):
    name = "atom"
    address = "feed/"

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, with_summary_as_html(item))
        handler.addQuickElement("content", item["content"], {"type": "html"})
        if item["via"]:
            handler.addQuickElement("link", None, {"rel": "via", "href": item["via"]})


class Rss(FullText, Rss201rev2Feed):
    name = "rss"
    address = "rss/"

    def rss_attributes(self) -> dict[str, str]:
        content = {"xmlns:content": "http://purl.org/rss/1.0/modules/content/"}
        return {**super().rss_attributes(), **content}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, with_summary_as_html(item))
        handler.addQuickElement("atom:updated", rfc3339_date(item["updateddate"]))
        handler.addQuickElement("content:encoded", item["content"])


class Json(FullText):
    name = "json"
    address = "feed.json"
    content_type = "application/feed+json; charset=utf-8"

    def write(self, outfile: IO[str], encoding: str) -> None:
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": self.feed["title"],
            "home_page_url": self.feed["link"],
            "feed_url": self.feed["feed_url"],
            "description": self.feed["description"],
            "language": self.feed["language"],
            "authors": [{"name": self.feed["author_name"]}],
            "items": [self.item(item) for item in self.items],
        }
        json.dump(feed, outfile, ensure_ascii=False)

    def item(self, item: dict[str, Any]) -> dict[str, Any]:
        said = {
            "id": item["unique_id"],
            "url": item["link"],
            "title": item["title"],
            "summary": item["description"],
            "content_html": item["content"],
            "image": item["image"],
            "date_published": rfc3339_date(item["pubdate"]),
            "date_modified": rfc3339_date(item["updateddate"]),
            "authors": [{"name": item["author_name"]}] if item["author_name"] else None,
            "tags": item["categories"],
        }
        return {name: value for name, value in said.items() if value is not None}


FORMATS: tuple[type[FullText], ...] = (Atom, Rss, Json)


# --- What a feed is about ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Channel:
    """The articles of one feed, newest first, and the page that lists the same ones."""

    articles: ArticleQuerySet
    label: str
    page: str
    arguments: dict[str, str]


def channel_or_404(slug: str | None = None, name: str | None = None) -> Channel:
    """Return the channel of a category, of a tag, or of all articles.

    One query for a category, one for a tag, two where its capitals are other ones.

    Raises Http404 where there is no such category or tag. A tag without articles is found only when
    they are: see `feed`.
    """
    articles: ArticleQuerySet = Article.objects.published().newest()
    if slug is not None:
        category = get_object_or_404(Category, slug=slug)
        of_it = articles.filter(category=category)
        return Channel(of_it, category.name, category.get_absolute_url(), {"slug": slug})
    if name is not None:
        tag = tag_called(name)
        if tag is None:
            raise Http404
        page = reverse("articles:tag", args=[tag.name])
        return Channel(articles.tagged(tag), tag.name, page, {"name": tag.name})
    return Channel(articles, "人力资讯", reverse("articles:list"), {})


# --- The answer ------------------------------------------------------------------------------------


@cacheable()
@require_safe
def feed(request: HttpRequest, format: type[FullText], **of: str) -> HttpResponseBase:
    """Answer with the feed, or by 304: at most five queries, that read no text and render nothing.

    A feed costs two more, and one for each article with pictures.
    """
    channel = channel_or_404(**of)
    profile = SiteProfile.load()
    stamps = stamps_of(channel.articles)
    if not stamps and "name" in of:
        raise Http404  # a tag that only hidden articles carry: it would tell of them
    # Not joined to the articles: a database may take the category for the outer loop then, and sort all
    # of its articles.
    categories = Category.objects.order_by("pk").values_list("pk", "name")
    facts = [settings.SITE_URL, channel.label, *disclaimers_of(profile), *stamps, *categories]
    etag = etag_of(facts)
    # By the ETag alone, and without a Last-Modified that invites to ask by date. An article that
    # leaves changes the feed, but moves no date: a 304 would leave it with a reader from whom it has
    # been withdrawn.
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(content_type=format.content_type)
        written(channel, format, profile).write(response, "utf-8")
    return dressed(response, etag)


def stamps_of(articles: ArticleQuerySet) -> list[tuple[Any, ...]]:
    """Return what changes when one of the articles does; two queries, nothing without articles.

    `edit_version` counts every save; besides, the names that others give to it, those of its tags, and
    its pictures: one that is replaced gets another address.
    """
    kind = ContentType.objects.get_for_model(Article)
    uses = MediaUse.objects.filter(content_type=kind, object_id=OuterRef("pk"))
    shown = uses.order_by().values("object_id").annotate(at=Max("file__updated_at")).values("at")
    stamps = list(
        articles.annotate(pictures_at=Subquery(shown)).values_list(
            "pk",
            "edit_version",
            "go_live_at",
            "last_published_at",
            "category",
            "author__name",
            "cover__updated_at",
            "pictures_at",
        )[:NEWEST]
    )
    tagged = TaggedItem.objects.filter(content_type=kind, object_id__in=[pk for pk, *_ in stamps])
    tags = tagged.order_by("object_id", "tag__name").values_list("object_id", "tag__name")
    return [*stamps, *tags]


def etag_of(facts: list[Any]) -> str:
    """Return a weak tag: the same facts, though perhaps other bytes after an update of the software."""
    return f'W/"{hashlib.sha256(repr(facts).encode()).hexdigest()[:32]}"'


def disclaimers_of(profile: SiteProfile) -> list[str]:
    return [profile.name, *(getattr(profile, f"disclaimer_{kind}") for kind in Article.Kind.values)]


def changed(go_live_at: datetime | None, last_published_at: datetime | None) -> datetime:
    """Return when readers last got another text: by a publication, at the earliest on going live.

    Not `updated_at`, which every save moves, such as one that pins the article.
    """
    return max(filter(None, (go_live_at, last_published_at)), default=NEVER)


def dressed(response: HttpResponseBase, etag: str) -> HttpResponseBase:
    response["ETag"] = etag
    # May be kept, and is asked about each time: what is withdrawn is gone at once.
    response["Cache-Control"] = "public, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


# --- From articles to entries ------------------------------------------------------------------------


def written(channel: Channel, format: type[FullText], profile: SiteProfile) -> FullText:
    """Return the feed with its entries; four queries, and one for each article with pictures."""
    complete = channel.articles.select_related("cover")
    shown = list(complete.prefetch_related("category", "author", "tags")[:NEWEST])
    made = format(
        title=legible(f"{profile.name} · {channel.label}"),
        link=absolute(channel.page),
        description=legible(f"{profile.name}的新文章：{channel.label}。"),
        language="zh-CN",
        author_name=legible(profile.name),
        feed_url=absolute(reverse(f"articles:{format.name}", kwargs=channel.arguments)),
        updated=max((changed(a.go_live_at, a.last_published_at) for a in shown), default=NEVER),
    )
    for article in shown:
        made.add_item(**entry(article, profile))
    return made


def entry(article: Article, profile: SiteProfile) -> dict[str, Any]:
    """Return what a feed says of one article; one query if there are pictures in its text."""
    page = article.get_absolute_url()
    terms = [article.category.name] if article.category else []
    return {
        "title": legible(article.title),
        "link": absolute(page),
        # Of the id and the day the article was made, which no edit touches; http or https is one.
        "unique_id": get_tag_uri(absolute(page), article.created_at),
        "unique_id_is_permalink": False,
        "pubdate": article.go_live_at,
        "updateddate": changed(article.go_live_at, article.last_published_at),
        "author_name": legible(article.author.name) if article.author else None,
        "categories": [legible(term) for term in [*terms, *map(str, article.tags.all())]],
        "description": legible(article.summary or plain(article.body, SUMMARY)) or None,
        "content": legible(text(article, profile)),
        "image": picture_of(article),
        "via": None if article.kind == Article.Kind.ORIGINAL else article.source_url or None,
    }


def text(article: Article, profile: SiteProfile) -> str:
    """Return the article as it stands in its page: origin, cover, text, disclaimer; for any place."""
    ctx = {
        "article": article,
        "cover": cover_above(article),
        "disclaimer": article.disclaimer(profile),
    }
    html = render_to_string("articles/_feed_entry.html", ctx)
    return "".join(portable(html, article.get_absolute_url()))


def portable(html: str, page: str) -> Iterator[str]:
    """Yield our HTML as it may stand anywhere: whole addresses, and nothing but the allow-list."""
    for token in scan(html):
        if token.kind == "text":
            yield escape(token.value, quote=False)
        elif token.value not in TAGS:
            continue
        elif token.kind == "close":
            yield f"</{token.value}>"
        else:
            kept = ATTRIBUTES.get(token.value, set())
            attributes = {
                name: addressed(name, value, page)
                for name, value in token.attributes.items()
                if name in kept
            }
            yield f"<{token.value}{attributes_html(attributes)}>"


def addressed(name: str, value: str, page: str) -> str:
    """Return the value of an attribute, with whole addresses where it holds any."""
    if name in {"href", "src"}:
        return absolute(value, page)
    if name == "srcset":
        return ", ".join(absolute(offer, page) for offer in value.split(", "))
    return value


def picture_of(article: Article) -> str | None:
    if article.cover is None or not article.cover.image_file:
        return None
    return absolute(str(image_attributes(article.cover, "large")["src"]))


def legible(words: str) -> str:
    """Return the words without what no XML may hold."""
    return NOT_XML.sub("", words)
