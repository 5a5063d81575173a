"""The one visibility rule, and the verbs that change what it says."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from articles.models import Article, TagEntry
from portal.cms.publishing import (
    Gone,
    State,
    Status,
    get_published_or_404,
    is_rehearsal,
    rehearsal,
)
from portal.cms.search.models import IndexEntry
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

NOON = datetime(2026, 11, 23, 12, tzinfo=timezone.get_fixed_timezone(480))


def test_property_and_queryset_agree_for_every_combination() -> None:
    moments = (None, timedelta(hours=-2), timedelta(0), timedelta(hours=2))
    with time_machine.travel(NOON, tick=False):
        for status, live, expire, binned in itertools.product(
            Status, moments, moments, (None, NOON)
        ):
            dated: dict[str, Any] = {
                "go_live_at": live if live is None else NOON + live,
                "expire_at": expire if expire is None else NOON + expire + timedelta(minutes=1),
            }
            if status == Status.PUBLISHED and live is None:
                continue
            if live is not None and expire is not None and expire + timedelta(minutes=1) <= live:
                continue
            cast.article(status=status, deleted_at=binned, first_published_at=NOON, **dated)

        assert Article.objects.count() > 50
        for article in Article.objects.all():
            states = [
                s for s in State if Article.objects.in_state(s).filter(pk=article.pk).exists()
            ]
            assert states == [article.state]
            assert article.is_public == Article.objects.published().filter(pk=article.pk).exists()


def test_goes_live_and_expires_by_the_clock_alone() -> None:
    at = NOON + timedelta(hours=1)
    article = cast.article(go_live_at=at, expire_at=at + timedelta(hours=1))
    for second, state in (
        (-1, State.SCHEDULED),
        (0, State.LIVE),
        (3599, State.LIVE),
        (3600, State.EXPIRED),
    ):
        with time_machine.travel(at + timedelta(seconds=second), tick=False):
            assert article.state == state


def test_publishing_a_draft_dates_it_now() -> None:
    draft = cast.draft()
    with time_machine.travel(NOON, tick=False):
        draft.publish(cast.laozhou())
    draft.refresh_from_db()
    assert (draft.status, draft.go_live_at, draft.first_published_at) == (
        Status.PUBLISHED,
        NOON,
        NOON,
    )
    assert draft.updated_by == cast.laozhou()


def test_publishing_keeps_a_date_in_the_past() -> None:
    draft = cast.draft(go_live_at=datetime(2022, 1, 26, tzinfo=NOON.tzinfo))
    draft.publish()
    assert draft.byline == "编辑部 - bianjibu 于2022年01月26日发表"


def test_what_comes_under_a_date_of_the_past_is_as_old_as_that_until_published_anew() -> None:
    article = cast.draft()
    article.go_live_at = timezone.now() - timedelta(days=3650)
    article.publish()
    assert article.last_published_at == article.go_live_at

    article.publish()
    assert timezone.localdate(article.last_published_at) == timezone.localdate()


def test_a_draft_with_holes_is_not_published_and_says_which() -> None:
    draft = cast.draft(body="", category=None, kind=Article.Kind.REPOST)
    Article.objects.filter(pk=draft.pk).update(category=None)
    draft.refresh_from_db()
    with pytest.raises(ValidationError) as refused:
        draft.publish()
    assert set(refused.value.message_dict) == {"body", "category", "source_name"}
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_an_end_in_the_past_is_refused() -> None:
    draft = cast.draft(expire_at=NOON)
    with (
        time_machine.travel(NOON, tick=False),
        pytest.raises(ValidationError, match="下线时间已过"),
    ):
        draft.publish()


def test_the_database_refuses_a_published_item_without_a_date() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.article(go_live_at=None)


def test_a_withdrawn_page_is_gone_and_a_draft_was_never_there() -> None:
    article = cast.article()
    article.withdraw()
    with pytest.raises(Gone):
        get_published_or_404(Article.objects, pk=article.pk)
    with pytest.raises(Http404) as missing:
        get_published_or_404(Article.objects, pk=cast.draft().pk)
    assert not isinstance(missing.value, Gone)


def test_what_is_withdrawn_before_it_went_live_is_a_draft_again() -> None:
    draft = cast.draft(go_live_at=timezone.now() + timedelta(days=1))
    draft.publish()
    draft.withdraw()
    assert draft.state == State.DRAFT
    with time_machine.travel(timezone.now() + timedelta(days=2)), pytest.raises(Http404) as missing:
        get_published_or_404(Article.objects, pk=draft.pk)
    assert not isinstance(missing.value, Gone)


def test_what_was_postponed_and_called_off_was_never_public() -> None:
    draft = cast.draft(go_live_at=NOON)
    with time_machine.travel(NOON - timedelta(hours=1), tick=False):
        draft.publish()
        draft.go_live_at = NOON + timedelta(days=7)
        draft.save()
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        draft.withdraw()
    assert draft.state == State.DRAFT


def test_what_was_brought_forward_was_public_and_is_gone() -> None:
    draft = cast.draft(go_live_at=NOON + timedelta(days=7))
    with time_machine.travel(NOON, tick=False):
        draft.publish()
        draft.go_live_at = NOON - timedelta(hours=1)
        draft.save()
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        draft.withdraw()
        with pytest.raises(Gone):
            get_published_or_404(Article.objects, pk=draft.pk)


def test_a_save_of_some_fields_counts_too() -> None:
    article = cast.article()
    before = article.edit_version
    article.save(update_fields=["title"])
    article.refresh_from_db()
    assert article.edit_version == before + 1


def test_from_the_bin_an_item_comes_back_as_a_draft() -> None:
    article = cast.article()
    article.bin()
    assert not Article.objects.published().exists()
    assert Article.objects.binned().get() == article
    article.unbin()
    assert article.state == State.DRAFT


def test_every_save_counts() -> None:
    article = cast.article()
    before = article.edit_version
    article.save()
    article.refresh_from_db()
    assert article.edit_version == before + 1


def test_a_rehearsal_is_undone_and_nothing_is_written_for_others() -> None:
    article = cast.article("原来的标题", tags=("社保",))
    before = [list(model.objects.values()) for model in (IndexEntry, TagEntry)]

    with rehearsal():
        article.title, article.status = "试一试的标题", Status.WITHDRAWN
        article.save()
        assert Article.objects.get().title == "试一试的标题"
        assert [list(model.objects.values()) for model in (IndexEntry, TagEntry)] == before

    assert Article.objects.get().title == "原来的标题"
    assert not is_rehearsal()
