"""How articles are found."""

from __future__ import annotations

from articles.models import Article
from portal.cms.richtext.words import words_of
from portal.cms.search.register import Searchable, register


def category_facet(category_id: int) -> str:
    return f"category{category_id}"


register(
    Searchable(
        number=1,
        key="article",
        label="资讯",
        model=Article,
        public=Article.objects.published,
        title=lambda article: article.title,
        text=lambda article: f"{article.summary}\n{words_of(article.body)}",
        facets=lambda article: [category_facet(article.category_id)] if article.category_id else [],
        prefetch=("category",),
    )
)
