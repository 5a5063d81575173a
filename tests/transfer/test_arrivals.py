"""New articles that are saved together: each as if it had been saved by itself."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models.signals import post_save
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from taggit.models import Tag

from articles.models import Article, TagEntry
from portal.cms.media.models import MediaUse
from portal.cms.pagecache.models import Changes
from portal.cms.publishing import Status
from portal.cms.search.models import IndexEntry, Texts, Titles
from portal.transfer.arrivals import save_new
from tests import cast
from tests.cms import samples

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

TAGS = ["社保", "SMT普工"]
# What differs between any two articles.
OWN = {"id", "created_at", "updated_at", "first_published_at", "last_published_at"}


def new(**fields: Any) -> Article:
    return Article(
        title="参保登记要在三十日内办",
        category=cast.category(),
        author=cast.author(),
        **{"go_live_at": timezone.now(), **fields},
    )


def follows(article: Article) -> dict[str, Any]:
    """What there is of an article in the database, but its own numbers and moments."""
    entry = IndexEntry.objects.get(object_id=article.pk)
    stored = Article.objects.values().get(pk=article.pk)
    entries = TagEntry.objects.filter(article=article).order_by("tag")
    return {
        "article": {name: value for name, value in stored.items() if name not in OWN},
        "tags": sorted(article.tags.names()),
        "entries": list(entries.values_list("tag__name", "go_live_at", "expire_at")),
        "files": list(MediaUse.objects.filter(object_id=article.pk).values_list("file", flat=True)),
        "words": [
            table._default_manager.get(rowid=entry.place).tokens for table in (Titles, Texts)
        ],
    }


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.DRAFT])
def test_together_articles_become_what_a_save_makes_of_each(status: Status) -> None:
    Tag.objects.create(name="smt普工")
    body = f'<p>正文</p><figure><img data-file="{samples.picture().pk}"></figure>'
    fields = {"body": body, "status": status, "go_live_at": timezone.now()}
    saved, together = new(**fields), new(**fields)
    saved.save()
    saved.tags.set(TAGS)

    save_new([(together, TAGS)])

    assert follows(together) == follows(saved)
    assert follows(together)["tags"] == ["smt普工", "社保"]
    assert bool(follows(together)["entries"]) == (status == Status.PUBLISHED)
    assert bool(together.first_published_at) == (status == Status.PUBLISHED)


def test_tags_are_made_in_one_order_whatever_order_they_are_named_in() -> None:
    """Of two imports at once, each would wait for a tag of the other's."""
    save_new([(new(), ["社保", "smt普工"]), (new(), ["工伤", "SMT普工"])])

    # Written as they were named first.
    made = list(Tag.objects.order_by("pk").values_list("name", flat=True))
    assert made == ["smt普工", "工伤", "社保"]


def test_who_listens_to_saves_is_known_here() -> None:
    """What a new one does belongs into `save_new`, too."""
    listeners, _ = post_save._live_receivers(Article)

    names = {listener.__name__ for listener in listeners}
    assert names == {"record_uses", "enter_saved", "_saved", "_changed"}


def test_readers_are_shown_new_articles_at_once() -> None:
    before = sum(Changes.objects.values_list("count", flat=True))

    save_new([(new(status=Status.PUBLISHED), [])])

    assert sum(Changes.objects.values_list("count", flat=True)) == before + 1


@pytest.mark.parametrize("count", [1, 9])
def test_only_the_index_asks_for_each(
    django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    some = [(new(body="<p>文</p>", status=Status.PUBLISHED), TAGS) for _ in range(count)]
    save_new([(new(), TAGS)])  # the tags are made, the content type is known

    with django_assert_max_num_queries(20 + 4 * count):
        save_new(some)
