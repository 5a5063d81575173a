"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from articles.models.archive import Month
from articles.models.article import Article, Author, Category
from articles.models.ranking import RankedArticle, Ranking, Window
from articles.models.reads import DailyReads
from articles.models.tagging import TagEntry, TagUse

__all__ = [
    "Article",
    "Author",
    "Category",
    "DailyReads",
    "Month",
    "RankedArticle",
    "Ranking",
    "TagEntry",
    "TagUse",
    "Window",
]
