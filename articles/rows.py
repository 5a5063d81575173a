"""The rows of the lists of articles. Many lists show the same ones: each is rendered once an epoch."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.cache import caches
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from articles.models import Article, Category
from portal.cms.pagecache.epochs import once


@once
def categories() -> dict[int | None, Category]:
    """The categories in order, by number; one query an epoch.

    There are few, and many articles in each: a join costs every page what a query costs.
    """
    return {category.pk: category for category in Category.objects.for_list()}


def place(articles: Iterable[Article]) -> None:
    """Give articles their categories, of those that are kept; a younger one is looked up when shown."""
    known = categories()
    for article in articles:
        if article.category_id in known:
            article.category = known[article.category_id]


def rows_of(articles: Iterable[Article]) -> list[SafeString]:
    """Return the row of each article, of which no more than the number need be loaded.

    One query for those that are not kept, one for the categories; none where all are.
    """
    kept = caches["template_fragments"]
    keys = {article.pk: f"row:{article.pk}" for article in articles}
    rows = kept.get_many(keys.values())
    missing = [pk for pk, key in keys.items() if key not in rows]
    made = Article.objects.for_list().in_bulk(missing) if missing else {}
    if made:
        place(made.values())
    for pk, article in made.items():
        rows[keys[pk]] = render_to_string("articles/_row.html", {"article": article})
        kept.set(keys[pk], rows[keys[pk]], None)
    return [rows[key] for key in keys.values() if key in rows]
