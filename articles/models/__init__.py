"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from articles.models.article import Article, Author, Category
from articles.models.ranking import RankedArticle, Ranking
from articles.models.reads import DailyReads

__all__ = ["Article", "Author", "Category", "DailyReads", "RankedArticle", "Ranking"]
