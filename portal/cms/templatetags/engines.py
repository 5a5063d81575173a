"""The head of a page, for search engines and for who shares it, composed around the blocks of templates.

    <title>{% headline brand %}{% block title %}{% endblock %}{% under %}{% block section %}…{% endheadline %}</title>
    {% describe fallback %}{% block description %}{% endblock %}{% enddescribe %}
    {% robots %}{% block robots %}{% endblock %}{% endrobots %}
    {% indexed %}…{% endindexed %}      what only pages tell that engines may have
    {% trail %}<nav>…</nav>{% endtrail %}   the way to the page, and the same for engines

Pages go on filling blocks. What these tags compose of them is kept while the page is rendered: what a
page says of itself to one, it says to all. In a preview `robots` is not asked, and nobody is told.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import template
from django.template import Context, Node, NodeList
from django.template.base import FilterExpression, Parser, Token
from django.utils.encoding import escape_uri_path
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from portal.cms.engines import descriptions, markup, titles
from portal.cms.engines.register import may_index
from portal.cms.media.models import MediaFile
from portal.cms.publishing import Publishable
from portal.cms.site import absolute
from portal.cms.templatetags.structured import structured

register = template.Library()

NOINDEX: Final = mark_safe('<meta name="robots" content="noindex,follow">')
KEPT_AS: Final = "engines.head"


@dataclass
class Head:
    """What a page has said of itself so far."""

    subject: str = ""
    description: str = ""
    address: str = ""
    indexable: bool = False


def head_of(context: Context) -> Head:
    """Return the head of the page that is being rendered."""
    kept = context.render_context
    if KEPT_AS not in kept:
        kept[KEPT_AS] = Head()
    head: Head = kept[KEPT_AS]
    return head


def words_in(nodes: NodeList, context: Context) -> str:
    """Return what a block says, as plain words."""
    return descriptions.one_line(html.unescape(nodes.render(context)))


# --- Title and description -----------------------------------------------------------------------------


class Headline(Node):
    child_nodelists = ("subject", "section")

    def __init__(self, brand: FilterExpression, subject: NodeList, section: NodeList) -> None:
        self.brand, self.subject, self.section = brand, subject, section

    def render(self, context: Context) -> SafeString:
        head = head_of(context)
        head.subject = words_in(self.subject, context)
        section, brand = words_in(self.section, context), str(self.brand.resolve(context))
        return escape(titles.compose(head.subject, section, brand))


@register.tag
def headline(parser: Parser, token: Token) -> Headline:
    """The title: its subject, `under`, its section; the argument is the brand."""
    _, brand = token.split_contents()
    subject = parser.parse(("under",))
    parser.delete_first_token()
    section = parser.parse(("endheadline",))
    parser.delete_first_token()
    return Headline(parser.compile_filter(brand), subject, section)


class Describe(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, fallback: FilterExpression, nodelist: NodeList) -> None:
        self.fallback, self.nodelist = fallback, nodelist

    def render(self, context: Context) -> SafeString | str:
        words = words_in(self.nodelist, context) or str(self.fallback.resolve(context))
        head_of(context).description = words
        return format_html('<meta name="description" content="{}">', words) if words else ""


@register.tag
def describe(parser: Parser, token: Token) -> Describe:
    """The description; of a page that says none, the argument."""
    _, fallback = token.split_contents()
    nodelist = parser.parse(("enddescribe",))
    parser.delete_first_token()
    return Describe(parser.compile_filter(fallback), nodelist)


@register.simple_tag
def described(written: str, summary: str = "", text: str = "") -> str:
    """What an editor wrote for engines, else the summary, and how the text begins."""
    return descriptions.described(written or "", summary or "", text or "")


@register.filter
def brief(words: str) -> SafeString:
    """As much as is shown of what a page says of itself: `{% filter brief %}…{% endfilter %}`."""
    return escape(descriptions.of("", words))


# --- Which page it is, and who may have it -------------------------------------------------------------


class Robots(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """What the page says of robots; else its address, without what came along behind it.

        A view whose page goes by another address than it was asked for gives that as `canonical`.
        """
        head = head_of(context)
        said = mark_safe(self.nodelist.render(context).strip())  # noqa: S308 - a part of the template
        path = context.get("canonical") or escape_uri_path(context["request"].path)
        head.address, head.indexable = absolute(path), "noindex" not in said
        if not head.indexable:
            return said
        return format_html('{}<link rel="canonical" href="{}">', said, head.address)


@register.tag
def robots(parser: Parser, token: Token) -> Robots:
    """The address of the page, unless it tells robots to leave it out."""
    nodelist = parser.parse(("endrobots",))
    parser.delete_first_token()
    return Robots(nodelist)


@register.simple_tag
def robots_of(item: Publishable | None) -> SafeString | str:
    """Tell robots to leave out the page of an item that engines may not have; nothing for None."""
    return "" if not item or may_index(item) else NOINDEX


class IfIndexed(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString | str:
        return self.nodelist.render(context) if head_of(context).indexable else ""


@register.tag
def indexed(parser: Parser, token: Token) -> IfIndexed:
    """What is between is there on pages that engines may have, and on no others."""
    nodelist = parser.parse(("endindexed",))
    parser.delete_first_token()
    return IfIndexed(nodelist)


# --- For who shares it ---------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def social(
    context: Context,
    picture: MediaFile | None = None,
    published: datetime | None = None,
    modified: datetime | None = None,
) -> SafeString:
    """Open Graph of the page; for one with a date it is an article, and 头条 is told its moments.

    Without a picture of its own, a page shows the site's logo. No query.
    """
    head, profile = head_of(context), context["chrome"]["profile"]
    said = {
        "og:type": "article" if published else "website",
        "og:title": head.subject,
        "og:description": head.description,
        "og:url": head.address,
        "og:site_name": profile.name,
        "og:locale": "zh_CN",
    }
    if shown := picture or profile.logo:
        image = markup.image(shown, "wide" if picture else "large")
        said |= {
            "og:image": image.url,
            "og:image:width": str(image.width),
            "og:image:height": str(image.height),
            "og:image:alt": image.alt,
        }
    if published:
        first, last = markup.moment(published), markup.moment(modified or published)
        said |= {
            "article:published_time": first,
            "article:modified_time": last,
            "bytedance:published_time": first,
            "bytedance:lrDate_time": last,
            "bytedance:updated_time": last,
        }
    tags = ((name, value) for name, value in said.items() if value)
    return format_html_join("\n    ", '<meta property="{}" content="{}">', tags)


# --- For engines ---------------------------------------------------------------------------------------


class Trail(Node):
    child_nodelists = ("nodelist",)

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist

    def render(self, context: Context) -> SafeString:
        """The way as it stands in the page, and read from that for engines: the two cannot differ."""
        shown = self.nodelist.render(context)
        told = markup.breadcrumbs(markup.crumbs_of(shown)) if head_of(context).indexable else None
        return format_html("{}{}", shown, structured(told))


@register.tag
def trail(parser: Parser, token: Token) -> Trail:
    """The list of crumbs is between."""
    nodelist = parser.parse(("endtrail",))
    parser.delete_first_token()
    return Trail(nodelist)


@register.simple_tag(takes_context=True)
def listing(context: Context, name: str, items: Iterable[Any]) -> SafeString | str:
    """What a list tells of the rows it shows; nothing of an empty one."""
    return structured(markup.listing(name, head_of(context).address, items))


@register.simple_tag(takes_context=True)
def updated(context: Context, title: str, at: datetime | None) -> SafeString | str:
    """When the newest row came, for Baidu."""
    return structured(markup.updated(title, head_of(context).address, at))


@register.simple_tag(takes_context=True)
def site_markup(context: Context) -> SafeString | str:
    """What the home page tells of the site."""
    return structured(markup.site(context["chrome"]["profile"]))
