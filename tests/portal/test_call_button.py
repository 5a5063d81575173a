"""The clock of the hotline on every page: the call button, and what it becomes when nobody answers."""

from __future__ import annotations

import re
from datetime import datetime, time

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.cms.pagecache import epochs
from portal.cms.pagecache.epochs import clock
from staffing.hotlines.now import next_opening_or_closing
from staffing.models import Hotline, HotlineHours, SpecialDay
from tests import cast

pytestmark = pytest.mark.django_db

TEL = '<a class="btn btn-call" href="tel:+8675588828155">'
NIGHT_TEL = '<a class="btn btn-call" href="tel:4001234567">'


def at(*moment: int) -> datetime:
    return timezone.make_aware(datetime(*moment))  # type: ignore[arg-type]


def call_back(page: str) -> str:
    return f'<a class="btn btn-solid" href="/enquiry/call-back/?from={page}" rel="nofollow">'


PAGES = ["/", "/services/", "/licences/", "/contact/", "/articles/", "/jobs/", "/no/such/page/"]


@pytest.mark.parametrize("page", PAGES)
def test_while_somebody_answers_it_calls(client: Client, page: str) -> None:
    cast.hotline()
    with time_machine.travel(at(2026, 11, 24, 10)):
        text = client.get(page).text
    assert TEL in text
    bar = text.split('<nav class="thumb"')[1]
    assert call_back(page) not in bar


@pytest.mark.parametrize("page", [*PAGES, "/cases/"])
def test_it_says_that_it_calls_whatever_else_the_page_says(client: Client, page: str) -> None:
    """Names in the context of a page, such as the words at its head, are not taken for those of the button."""
    cast.hotline()
    cast.profile(hero_text="派遣、外包、招聘，先问明白再签合同。")
    cast.page("cases", "客户案例")
    with time_machine.travel(at(2026, 11, 24, 10)):
        text = client.get(page).text
    said = re.findall(rf"{re.escape(TEL)}.*</svg>\s*(.*)</a>", text)
    assert said
    assert set(said) <= {
        "0755-8882 8155",
        "拨打热线",
        "拨打 0755-8882 8155",
        "索要证照 0755-8882 8155",
    }


@pytest.mark.parametrize("page", PAGES)
def test_out_of_hours_it_asks_for_a_call(client: Client, page: str) -> None:
    cast.hotline()
    with time_machine.travel(at(2026, 11, 24, 21)):
        text = client.get(page).text
    assert TEL not in text
    assert call_back(page) in text
    # The number itself stays in head and foot, for who wants to keep it.
    assert '<a href="tel:+8675588828155">' in text
    assert 'class="foot-call" href="tel:+8675588828155"' in text


@pytest.mark.parametrize(
    ("day", "kind", "calls"),
    [
        ((2026, 10, 1), SpecialDay.Kind.REST, False),  # a Thursday of 国庆
        ((2026, 10, 4), SpecialDay.Kind.REST, False),
        ((2026, 10, 11), SpecialDay.Kind.WORK, True),  # a Sunday worked in its place
        ((2026, 10, 18), None, False),  # any Sunday
    ],
)
def test_holidays_and_make_up_days(
    client: Client, day: tuple[int, int, int], kind: SpecialDay.Kind | None, calls: bool
) -> None:
    cast.hotline()
    if kind:
        cast.special_day(datetime(*day).date(), kind)
    with time_machine.travel(at(*day, 10)):
        assert (TEL in client.get("/services/").text) is calls


def test_the_article_says_where_the_call_comes_from(client: Client) -> None:
    cast.hotline()
    with time_machine.travel(at(2026, 11, 24, 21)):
        address = cast.article().get_absolute_url()
        text = client.get(address).text
    assert text.count(f"/enquiry/call-back/?from={address}") == 2  # the panel, the thumb bar
    assert text.count(f"/enquiry/?from={address}") == 2


def test_the_service_says_which_it_is(client: Client) -> None:
    cast.hotline()
    with time_machine.travel(at(2026, 11, 24, 10)):
        service = cast.service()
        text = client.get(service.get_absolute_url()).text
    address = f"/enquiry/?service={service.slug}&amp;from={service.get_absolute_url()}"
    assert address in text
    chosen = client.get(address.replace("&amp;", "&")).text
    assert f'<option value="{service.pk}" selected>{service.name}</option>' in chosen


def test_pages_change_when_the_hotline_closes() -> None:
    cast.hotline()
    assert next_opening_or_closing(at(2026, 11, 24, 10)) == at(2026, 11, 24, 18)
    assert next_opening_or_closing(at(2026, 11, 24, 21)) == at(2026, 11, 25, 8, 30)
    assert next_opening_or_closing in epochs._sources


def test_a_number_without_hours_is_offered_at_any_time(client: Client) -> None:
    cast.hotline()
    HotlineHours.objects.all().delete()
    with time_machine.travel(at(2026, 11, 24, 3)):
        assert TEL in client.get("/services/").text
    assert next_opening_or_closing(at(2026, 11, 24, 3)) is None


def night_line(**hours: object) -> None:
    """A second number, round the clock unless `hours` say something else."""
    line = Hotline.objects.create(number="+864001234567", display="400-123-4567", on_holidays=True)
    day_and_night = {"last_day": 7, "opens": time(0), "closes": time(0)}
    HotlineHours.objects.create(hotline=line, **{**day_and_night, **hours})


@pytest.mark.parametrize("page", ["/", "/services/", "/enquiry/"])
def test_what_is_said_to_be_answered_is_what_is_dialled(client: Client, page: str) -> None:
    cast.hotline()
    night_line()
    with time_machine.travel(at(2026, 11, 24, 3)):
        text = client.get(page).text
    assert TEL not in text
    assert NIGHT_TEL in text
    assert "客服热线:400-123-4567" in text
    with time_machine.travel(at(2026, 11, 24, 10)):
        text = client.get(page).text
    assert TEL in text
    assert "客服热线:0755-8882 8155" in text
    assert next_opening_or_closing(at(2026, 11, 24, 3)) == at(2026, 11, 24, 8, 30)
    assert next_opening_or_closing(at(2026, 11, 24, 10)) == at(2026, 11, 24, 18)


def test_a_number_offered_at_any_time_stays_though_another_has_hours(client: Client) -> None:
    cast.hotline()
    HotlineHours.objects.all().delete()
    night_line(opens=time(8, 30), closes=time(18))
    with time_machine.travel(at(2026, 11, 24, 3)):
        assert TEL in client.get("/services/").text


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_turns_to_the_other_number_at_six_sharp(client: Client) -> None:
    cast.hotline()
    night_line()
    clock.reset()
    with time_machine.travel(at(2026, 11, 24, 17, 59, 59), tick=False) as traveller:
        assert TEL in client.get("/services/").text
        traveller.move_to(at(2026, 11, 24, 18))
        clock.look_again()
        text = client.get("/services/").text
    clock.reset()
    assert TEL not in text
    assert NIGHT_TEL in text


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_flips_at_six_sharp(client: Client) -> None:
    cast.hotline()
    clock.reset()
    with time_machine.travel(at(2026, 11, 24, 17, 59, 59), tick=False) as traveller:
        assert TEL in client.get("/services/").text
        traveller.move_to(at(2026, 11, 24, 18))
        clock.look_again()
        assert TEL not in client.get("/services/").text
    clock.reset()
