"""What engines are told of, and when: each change of a page they may have, once; and of nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.delivery import due, outbox, sending
from portal.cms.delivery.fates import Taken, TargetError
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.delivery.sending import deliver_next
from portal.cms.delivery.topics import Message, subscribed_topics
from portal.cms.engines import announcing
from portal.cms.engines.models import PublicAddress
from portal.cms.engines.register import all_indexed
from portal.cms.publishing import Status, rehearsal
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from staffing.models import Job, Service
from tests import cast
from tests.staffing.states import hidden

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
S = Delivery.State
MAKERS: dict[str, Callable[..., Any]] = {
    "articles": cast.article,
    "cases": cast.case,
    "jobs": cast.job,
    "pages": cast.page,
    "services": cast.service,
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def baidu() -> DeliveryTarget:
    return cast.push_target()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Let a worker send all that is due; return the addresses that this tells."""

    def send_all() -> list[str]:
        heard: list[str] = []

        def send(target: DeliveryTarget, message: Message, reference: str) -> Taken:
            heard.extend(message.lines)
            return Taken()

        monkeypatch.setitem(sending._channels, "baidu", send)
        while deliver_next("worker"):
            pass
        return heard

    return send_all


Told = Callable[[], list[str]]


def test_every_kind_but_districts_is_tried_here() -> None:
    assert MAKERS.keys() | {"districts"} == {kind.key for kind in all_indexed()}


# --- Off until it is set up ---------------------------------------------------------------------------


def test_nothing_is_noted_as_long_as_no_engine_wants_to_hear(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    article = cast.article()
    cast.push_target(active=False)
    article.save()
    assert not PublicAddress.objects.exists()
    with django_assert_num_queries(1):
        announcing.announce(article)
    with django_assert_num_queries(0):
        announcing.announce(Article(title="从没公开过的草稿"))
    announcing.compare(timezone.now())
    assert not PublicAddress.objects.exists()


def test_nobody_can_subscribe_to_it() -> None:
    assert announcing.TOPIC not in [topic.key for topic in subscribed_topics()]


def test_a_save_costs_some_queries_and_reads_no_text(baidu: DeliveryTarget) -> None:
    article = cast.article()
    article.last_published_at = timezone.now()
    with CaptureQueriesContext(connection) as asked:
        article.save()
        Article.objects.filter(pk=article.pk).update(last_published_at=NOON)
    with CaptureQueriesContext(connection) as asked, transaction.atomic():
        announcing.announce(article)
    assert len(asked) <= 14
    assert '"body"' not in "".join(query["sql"] for query in asked.captured_queries)


# --- Comes, changes, goes -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", MAKERS)
def test_what_is_published_changed_and_withdrawn_is_told_each_time_once(
    key: str, baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    boss = cast.laozhou()
    item = MAKERS[key]()
    address = item.get_absolute_url()
    assert told() == [address]
    item.save()
    assert told() == [], "nothing has changed for readers"

    clock.shift(timedelta(minutes=5))
    item.last_published_at = timezone.now()
    item.save()
    item.save()
    assert told() == [address]

    clock.shift(timedelta(minutes=5))
    item.withdraw(boss)
    assert told() == [address]
    item.bin(boss)
    item.delete()
    assert told() == [], "it had gone already"


def test_what_is_deleted_at_once_is_told_too(baidu: DeliveryTarget, told: Told) -> None:
    article = cast.article()
    address = article.get_absolute_url()
    assert told() == [address]
    article.delete()
    assert told() == [address]


def test_reads_and_pins_are_no_change(baidu: DeliveryTarget, told: Told) -> None:
    article = cast.article()
    told()
    article.pinned, article.read_count = True, 99
    article.save()
    assert told() == []


def test_what_an_editor_publishes_by_the_desk_is_told(baidu: DeliveryTarget, told: Told) -> None:
    article = cast.draft()
    actions.publish(article, cast.laozhou())
    assert told() == [article.get_absolute_url()]


@pytest.mark.both_databases
def test_what_is_rolled_back_or_only_rehearsed_is_not(baidu: DeliveryTarget, told: Told) -> None:
    with transaction.atomic():
        cast.article()
        transaction.set_rollback(True)
    with rehearsal():
        cast.article()
    assert told() == []
    assert not PublicAddress.objects.exists()


def test_a_page_that_moves_is_told_under_both_addresses(baidu: DeliveryTarget, told: Told) -> None:
    service = cast.service("dispatch")
    assert told() == ["/services/dispatch/"]
    service.slug = "labour-dispatch"
    service.save()
    assert sorted(told()) == ["/services/dispatch/", "/services/labour-dispatch/"]
    service.slug = "dispatch"
    service.save()
    assert sorted(told()) == ["/services/dispatch/", "/services/labour-dispatch/"]


@pytest.mark.both_databases
def test_two_pages_that_swap_their_addresses_are_both_told(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    first, second = cast.service("a"), cast.service("b")
    told()
    for service, slug in ((first, "x"), (second, "a"), (first, "b")):
        clock.shift(timedelta(minutes=1))
        service.slug, service.last_published_at = slug, timezone.now()
        service.save()
    assert set(told()) == {"/services/a/", "/services/b/", "/services/x/"}
    assert PublicAddress.objects.get(path="/services/a/").item == second


def test_what_is_imported_is_not_told(baidu: DeliveryTarget, told: Told) -> None:
    with announcing.untold():
        cast.page()
        cast.article().delete()
    assert told() == []
    page = cast.page("prices")
    assert told() == [page.get_absolute_url()]


# --- What never leaves --------------------------------------------------------------------------------


@pytest.mark.parametrize("state", [state for state in hidden() if state != "deleted"])
@pytest.mark.parametrize("key", MAKERS)
def test_what_nobody_may_see_is_not_told(
    key: str, state: str, baidu: DeliveryTarget, told: Told
) -> None:
    fields = hidden()[state]
    item = MAKERS[key](**fields)
    item.save()
    if state == "expired":
        assert told() == [item.get_absolute_url()], "it was public, and says 404"
    else:
        assert told() == []


@pytest.mark.parametrize("key", sorted(MAKERS.keys() - {"jobs"}))
def test_what_is_not_to_be_indexed_is_not_told_nor_that_it_went(
    key: str, baidu: DeliveryTarget, told: Told
) -> None:
    item = MAKERS[key](indexable=False)
    item.save()
    item.withdraw(cast.laozhou())
    item.delete()
    assert told() == []


def test_a_page_that_is_no_longer_to_be_indexed_has_not_gone(
    baidu: DeliveryTarget, told: Told
) -> None:
    article = cast.article()
    told()
    article.indexable = False
    article.save()
    assert told() == []
    article.indexable = True
    article.save()
    assert told() == [article.get_absolute_url()], "engines may look again"


def test_what_waits_and_is_hidden_meanwhile_is_dropped(baidu: DeliveryTarget, told: Told) -> None:
    article = cast.article()
    article.indexable = False
    article.save()
    assert told() == []
    row = Delivery.objects.get()
    assert (row.state, row.problem[:8]) == (S.DROPPED, "网页没有公开，或")


def test_a_draft_that_was_public_long_ago_is_not_told(baidu: DeliveryTarget, told: Told) -> None:
    article = cast.draft(first_published_at=NOON - timedelta(days=9))
    article.save()
    assert told() == []


def test_of_what_went_before_engines_heard_of_anything_they_are_told(told: Told) -> None:
    article = cast.article()
    cast.push_target()
    article.withdraw(cast.laozhou())
    assert told() == [article.get_absolute_url()]


# --- By the clock -------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_what_goes_live_later_is_told_at_its_second_and_when_it_ends(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    article = cast.article(**cast.live(-60), expire_at=NOON + timedelta(hours=2))
    address = article.get_absolute_url()
    clock.shift(timedelta(minutes=59, seconds=59))
    assert told() == []
    clock.shift(timedelta(seconds=2))
    assert told() == [address]
    article.pinned = True
    article.save()
    assert told() == [], "that it came is known"
    clock.shift(timedelta(hours=1))
    assert told() == [address]
    article.pinned = False
    article.save()
    assert told() == [], "that it went is known, too"


def test_what_is_put_off_is_told_at_the_new_moment_alone(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    article = cast.article(**cast.live(-60))
    article.go_live_at = NOON + timedelta(hours=3)
    article.save()
    assert Delivery.objects.count() == 1
    clock.shift(timedelta(hours=2))
    assert told() == []
    clock.shift(timedelta(hours=2))
    assert told() == [article.get_absolute_url()]


def test_what_is_withdrawn_before_its_moment_is_never_told(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    article = cast.article(**cast.live(-60))
    article.withdraw(cast.laozhou())
    assert article.status == Status.DRAFT
    clock.shift(timedelta(hours=2))
    assert told() == []


def test_a_scheduled_change_is_told_when_it_is_applied(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    boss, article = cast.laozhou(), cast.article()
    told()
    changed = {**content_of(article), "title": "换了题目"}
    actions.save(article, changed, boss)
    actions.schedule(article, boss, NOON + timedelta(hours=1))
    assert told() == [], "readers see what they saw"
    clock.shift(timedelta(hours=1))
    assert actions.apply_due() == 1
    assert told() == [article.get_absolute_url()]


def test_at_its_moment_it_waits_for_an_engine_that_rests_whatever_is_saved_meanwhile(
    baidu: DeliveryTarget,
    told: Told,
    clock: time_machine.Traveller,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    article, tomorrow = cast.article(**cast.live(-60)), NOON + timedelta(days=1)

    def refuse(*sent: Any) -> Taken:
        raise TargetError("今天的配额用完了。", tomorrow)

    clock.shift(timedelta(hours=1))
    monkeypatch.setitem(sending._channels, "baidu", refuse)
    assert deliver_next("worker")
    article.pinned = True
    article.save()
    assert told() == [], "it rests"
    clock.move_to(tomorrow)
    assert told() == [article.get_absolute_url()]


def test_a_target_that_is_put_right_hurries_nothing_that_waits_for_its_moment(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    article = cast.article(**cast.live(-60))
    outbox.hurry(baidu)
    assert told() == []
    clock.shift(timedelta(hours=1))
    assert told() == [article.get_absolute_url()]


@pytest.mark.both_databases
def test_a_moment_is_the_same_in_every_zone(baidu: DeliveryTarget) -> None:
    article = cast.article(**cast.live(-60))
    row = Delivery.objects.get()
    article.go_live_at = timezone.localtime(article.go_live_at)
    article.save()
    assert Delivery.objects.get() == row


def test_a_job_is_told_gone_when_its_address_says_so_and_not_on_its_last_day(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    job = cast.job(valid_through=timezone.localdate(NOON) + timedelta(days=3))
    address = job.get_absolute_url()
    assert told() == [address]
    clock.shift(timedelta(days=5))
    job.save()
    assert told() == [], "it is shown, and says noindex"
    clock.shift(timedelta(days=30))
    assert Job.objects.get(pk=job.pk).is_gone
    assert told() == [address]


def test_a_job_that_is_filled_and_open_again_is_told(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    job = cast.job()
    told()
    job.filled_at = timezone.now()
    job.save()
    assert told() == []
    job.filled_at = None
    job.save()
    assert told() == [job.get_absolute_url()]


# --- Without a save -----------------------------------------------------------------------------------


def test_at_night_it_is_told_what_came_and_went_by_what_stands_on_it(
    baidu: DeliveryTarget, told: Told, clock: time_machine.Traveller
) -> None:
    district = cast.district_page()
    assert told() == [], "it has nothing to show yet"
    jobs = [cast.job() for _ in range(3)]
    told()
    announcing.compare(timezone.now())
    assert told() == [district.get_absolute_url()]
    announcing.compare(timezone.now())
    assert told() == []
    Job.objects.filter(pk=jobs[0].pk).update(filled_at=timezone.now())
    announcing.compare(timezone.now())
    assert told() == [district.get_absolute_url()], "it is not shown any more"


def test_at_night_nothing_is_told_of_what_was_imported_or_there_before(
    told: Told, clock: time_machine.Traveller
) -> None:
    with announcing.untold():
        for make in MAKERS.values():
            make()
    cast.push_target()
    announcing.compare(timezone.now())
    assert told() == []
    service = Service.objects.get()
    clock.shift(timedelta(minutes=5))
    service.last_published_at = timezone.now()
    service.save()
    assert told() == [service.get_absolute_url()]
    assert due._tasks["engines-compare"].run is announcing.compare


def test_what_was_scheduled_before_anybody_wanted_to_hear_is_told_at_its_moment(
    told: Told, clock: time_machine.Traveller
) -> None:
    article = cast.article(**cast.live(-600))
    cast.push_target()
    announcing.compare(timezone.now())
    announcing.compare(timezone.now())
    assert told() == []
    clock.shift(timedelta(hours=11))
    assert told() == [article.get_absolute_url()]


@pytest.mark.both_databases
def test_many_rows_are_compared_in_a_few_queries(
    baidu: DeliveryTarget, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(30):
        cast.service(f"s{n}")
    announcing.compare(timezone.now())
    with django_assert_max_num_queries(30):
        announcing.compare(timezone.now())
