"""New articles, a hundred at once: what saving each would do, in a few statements for all."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.db import transaction

from articles.models import Article
from articles.models.tagging import tag_new
from portal.cms.pagecache.epochs import content_changed
from portal.cms.richtext.clean import clean
from portal.cms.richtext.field import record_uses
from portal.cms.search import indexing


@transaction.atomic
def save_new(new: Sequence[tuple[Article, Collection[str]]]) -> None:
    """Save articles that are new, each with the names of its tags.

    A dozen queries, and four an article for the index; more for pictures and for unknown tags.
    """
    articles = [article for article, _ in new]
    for article in articles:
        article.count_save()
    Article.objects.bulk_create(articles)
    # From here on, what listens to saves (tests/transfer/test_arrivals.py knows who does).
    for article in articles:
        if clean(article.body).files:
            record_uses(Article, article, False, article._state.db or "default", None)
    tag_new(new)
    indexing.index_all(articles)
    content_changed()
