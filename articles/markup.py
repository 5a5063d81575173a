"""What search engines are told of an article, and Baidu of the lists: `portal.cms.engines.markup`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.utils import timezone
from taggit.models import Tag

from articles.models import Article, Author
from portal.cms.engines.descriptions import described
from portal.cms.engines.markup import (
    CAMBRIAN,
    SCHEMA,
    Markup,
    images,
    moment,
    organization,
    without_zone,
)
from portal.cms.engines.register import published_at
from portal.cms.paging import ListPage
from portal.cms.site import SiteProfile, absolute

# What somebody reports or announces is news. A guide is none, nor is what a reader sent in.
NEWS: Final = frozenset({Article.Kind.REPOST, Article.Kind.ANNOUNCEMENT})


def changed_at(item: Article) -> datetime | None:
    """Return when it was published anew, where the page says so: on a later day than it came."""
    changed = published_at(item)
    if changed is None or item.go_live_at is None:
        return None
    later = timezone.localdate(changed) > timezone.localdate(item.go_live_at)
    return changed if later else None


def article(item: Article, tags: Sequence[Tag], profile: SiteProfile) -> Markup | None:
    """Return the markup of an article's page; None without a date. No query where its author, category
    and cover are loaded.
    """
    if item.go_live_at is None:
        return None
    address = absolute(item.get_absolute_url())
    found: Markup = {
        "@context": SCHEMA,
        "@type": "NewsArticle" if item.kind in NEWS else "Article",
        "@id": address,
        "mainEntityOfPage": address,
        "headline": item.title,
        "description": description(item),
        "image": images(item.cover),
        "datePublished": moment(item.go_live_at),
        "dateModified": moment(changed_at(item) or item.go_live_at),
        "author": written_by(item.author) if item.author else None,
        "publisher": organization(profile),
        "articleSection": item.category.name if item.category else "",
        "keywords": [tag.name for tag in tags],
        "isBasedOn": item.source_url if item.kind == Article.Kind.REPOST else "",
        "inLanguage": "zh-CN",
    }
    return {key: value for key, value in found.items() if value}


def description(item: Article) -> str:
    return described(item.seo_description, item.summary, item.body)


def written_by(author: Author) -> Markup:
    """Return whose name stands under the title: a person's, or that of an editorial office."""
    return {"@type": "Organization" if author.is_organization else "Person", "name": author.name}


def baidu(item: Article) -> Markup | None:
    """Return when an article came and changed, as Baidu asks for it: the same where it never changed."""
    if item.go_live_at is None:
        return None
    found: Markup = {
        "@context": CAMBRIAN,
        "@id": absolute(item.get_absolute_url()),
        "title": item.title,
        "images": images(item.cover),
        "description": description(item),
        "pubDate": without_zone(item.go_live_at),
        "upDate": without_zone(changed_at(item) or item.go_live_at),
    }
    return {key: value for key, value in found.items() if value}


def newest(page: ListPage) -> datetime | None:
    """Return when the newest row came that a page of a list shows; no query."""
    # The lists of tags hold the moment in the entries of their index.
    shown = [item.__dict__.get("listed_at") or item.go_live_at for item in page.object_list]
    return max(filter(None, shown), default=None)
