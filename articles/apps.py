from __future__ import annotations

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    verbose_name = "资讯"

    def ready(self) -> None:
        from taggit.models import Tag, TaggedItem

        from articles.models import Article, Author, Category
        from portal.cms import addresses
        from portal.cms.pagecache import epochs

        addresses.register("articles:article", Article)
        epochs.watch(Article, Author, Category, Tag, TaggedItem)
