"""The index's tables, the words that mean the same, and what visitors searched for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models


class IndexEntry(models.Model):
    """Where an item stands in the index. One row for each, published or not.

    `place` is the item's rowid in the tables of tokens, and says what it is: three bits of the kind,
    33 of its moment in seconds, 27 of its id. So the index itself yields one kind, a span of time,
    newest first, and nothing has to be sorted: the first thousand of 80,000 finds cost a millisecond.
    There is no room for less than a second: of two in the same one, the higher id counts as newer.
    """

    IDS: ClassVar[int] = (1 << 27) - 1
    MOMENTS: ClassVar[int] = (1 << 33) - 1

    place = models.BigIntegerField(primary_key=True)
    kind = models.PositiveSmallIntegerField()
    object_id = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)  # of the words: most saves change none

    class Meta:
        default_permissions = ()
        constraints = [
            # A save looks for the place its item had before.
            models.UniqueConstraint(fields=["kind", "object_id"], name="cms_indexentry_item")
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"


class TokensField(models.TextField):  # type: ignore[type-arg]
    """Tokens as the engine keeps them; looked up with `match`, written by the engine itself."""

    def db_type(self, connection: Any) -> str | None:
        return "tsvector" if connection.vendor == "postgresql" else "text"


class Titles(models.Model):
    """The tokens of titles. An FTS5 table on SQLite, one with a tsvector and GIN on PostgreSQL."""

    rowid = models.BigIntegerField(primary_key=True)
    tokens = TokensField()

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "cms_titles"

    def __str__(self) -> str:
        return str(self.rowid)


class Texts(models.Model):
    """The tokens of titles and texts. On PostgreSQL a very long text has several rows."""

    rowid = models.BigIntegerField(primary_key=True)
    tokens = TokensField()

    class Meta:
        managed = False
        default_permissions = ()
        db_table = "cms_texts"

    def __str__(self) -> str:
        return str(self.rowid)


class Synonyms(models.Model):
    """Words that mean the same: who searches for one finds the others too."""

    words = models.CharField(
        "同义词",
        max_length=200,
        unique=True,
        help_text="用顿号或逗号分开，例如：社保、社会保险。搜其中一个，也会找到写着另一个的内容。",
    )

    class Meta:
        verbose_name = "同义词"
        verbose_name_plural = "同义词"
        ordering = ["words"]

    def __str__(self) -> str:
        return self.words


class SearchedQuery(models.Model):
    """What was searched for, how often, and how much it found. Never by whom."""

    text = models.CharField("搜索词", max_length=100, unique=True)
    asked = models.PositiveIntegerField("搜索次数", default=0)
    found = models.PositiveSmallIntegerField("最近一次找到")
    first_asked_at = models.DateTimeField("第一次搜索", auto_now_add=True)
    last_asked_at = models.DateTimeField("最近搜索")

    class Meta:
        verbose_name = "搜索记录"
        verbose_name_plural = "搜索记录"
        default_permissions = ("view", "delete")
        indexes = [
            # The desk's list: what found nothing first, most asked first.
            models.Index(fields=["found", "-asked"], name="cms_searchedquery_missed"),
            # The oldest go when there are too many.
            models.Index(fields=["last_asked_at"], name="cms_searchedquery_oldest"),
        ]

    def __str__(self) -> str:
        return self.text
