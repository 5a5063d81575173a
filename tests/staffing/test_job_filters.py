"""Narrowing the lists of jobs by links: what they count, where they lead, what engines see of them."""

from __future__ import annotations

import re
from decimal import Decimal
from html import unescape
from itertools import product
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.cms.pagecache.views import parameters_of
from staffing.jobs.listing import BANDS, Selection, board
from staffing.models import Job
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Unit, Settlement, Lodging = Job.PayUnit, Job.Settlement, Job.Lodging
NOINDEX = '<meta name="robots" content="noindex,follow">'


@pytest.fixture
def jobs() -> list[Job]:
    """Jobs of all sorts, in two districts; a third has none."""
    cast.district("dapeng", "大鹏新区")
    longgang = cast.district("longgang", "龙岗区")
    day = {"pay_unit": Unit.DAY, "pay_min": Decimal(230), "pay_max": None}
    month = {"pay_unit": Unit.MONTH, "pay_min": Decimal(6000), "pay_max": None}
    return [
        cast.job("普工", settlement=Settlement.WEEKLY, lodging=Lodging.PROVIDED),
        cast.job("分拣", kind=Job.Kind.DAILY, settlement=Settlement.DAILY, **day),
        cast.job("搬运", settlement=Settlement.DAILY, district=longgang, **day),
        cast.job("理货", kind=Job.Kind.PART_TIME, pay_min=Decimal(28), pay_max=None),
        cast.job("文员", kind=Job.Kind.FULL_TIME, lodging=Lodging.ALLOWANCE, **month),
        cast.job("包装", pay_unit=Unit.PIECE, pay_min=Decimal("0.36"), pay_max=None),
        cast.job("装配", pay_unit=Unit.PIECE, pay_min=Decimal("0.5"), hourly_min=Decimal(30)),
        cast.job("没有写薪酬", pay_min=None, pay_max=None, district=longgang),
    ]


def titles(client: Client, address: str) -> set[str]:
    response = client.get(address)
    assert response.status_code == 200, address
    return {job.title for job in response.context["page"]}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/jobs/district/longgang/", {"搬运", "没有写薪酬"}),
        ("/jobs/district/dapeng/", set()),
        ("/jobs/kind/daily/?district=longgang", {"搬运"}),
        ("/jobs/?pay=hour-20", {"普工", "理货", "装配"}),
        ("/jobs/?pay=hour-25", {"理货", "装配"}),
        ("/jobs/?pay=hour-30", {"装配"}),
        ("/jobs/?pay=day-200", {"分拣", "搬运"}),
        ("/jobs/?pay=month-6000", {"文员"}),
        ("/jobs/?settlement=daily", {"分拣", "搬运"}),
        ("/jobs/?lodging=provided", {"普工"}),
        ("/jobs/district/baoan/?pay=day-200&settlement=daily", {"分拣"}),
        ("/jobs/kind/full-time/?lodging=provided", set()),
    ],
)
def test_shows_what_is_all_of_what_was_chosen(
    client: Client, jobs: list[Job], address: str, expected: set[str]
) -> None:
    assert titles(client, address) == expected


def test_what_is_closed_or_hidden_is_neither_listed_nor_counted(client: Client) -> None:
    cast.job("在招")
    cast.job("招满", filled_at=timezone.now())
    cast.job("草稿", status="draft", go_live_at=None, first_published_at=None)
    assert titles(client, "/jobs/district/baoan/") == {"在招"}
    assert [row.pk for row in board().rows] == [Job.objects.get(title="在招").pk]


@pytest.mark.parametrize("start", ["/jobs/", "/jobs/kind/temporary/", "/jobs/?pay=day-200"])
def test_every_link_leads_to_as_many_jobs_as_it_says(
    client: Client, jobs: list[Job], start: str
) -> None:
    context = client.get(start).context
    options = [
        option
        for facet in (context["kind"], *context["others"])
        for option in (*facet.options, facet.any)
    ]
    assert len(options) > 20
    for option in options:
        page = client.get(option.address).context["page"]
        assert page.paginator.count == option.count, option


def test_a_choice_without_jobs_is_no_link(client: Client, jobs: list[Job]) -> None:
    text = client.get("/jobs/").text
    assert '<span class="none">大鹏新区</span>' in text
    assert "/jobs/district/dapeng/" not in text
    assert re.search(r'<a href="/jobs/district/longgang/">龙岗区&nbsp;<span class="num">2<', text)


def test_every_list_has_one_address() -> None:
    values: dict[str, tuple[str, ...]] = {
        "kind": ("", "daily"),
        "district": ("", "baoan"),
        "pay": ("", "day-200"),
        "settlement": ("", "daily"),
        "lodging": ("", "none"),
    }
    lists = [dict(zip(values, chosen, strict=True)) for chosen in product(*values.values())]
    addresses = [Selection(**chosen).address for chosen in lists]
    assert len(set(addresses)) == len(lists)
    assert Selection(district="baoan").address == "/jobs/district/baoan/"
    assert Selection(kind="daily", district="baoan", pay="day-200").address == (
        "/jobs/kind/daily/?district=baoan&pay=day-200"
    )


@pytest.mark.parametrize(
    "address",
    [
        "/jobs/district/nowhere/",
        "/jobs/district/Baoan/",
        "/jobs/?district=baoan",  # has a path
        "/jobs/district/baoan/?district=baoan",
        "/jobs/kind/daily/?district=nowhere",
        "/jobs/?pay=hour-21",
        "/jobs/?pay=1",
        "/jobs/?settlement=never",
        "/jobs/?lodging=%00",
        "/jobs/?settlement=日结",
        "/jobs/?lodging=provided&page=2",
    ],
)
def test_what_cannot_be_chosen_is_not_found(client: Client, jobs: list[Job], address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_district_has_a_page_of_its_own(client: Client, jobs: list[Job]) -> None:
    text = client.get("/jobs/district/longgang/").text
    assert "<h1>龙岗区招聘信息</h1>" in text
    assert "<title>龙岗区招聘信息_" in text
    assert '<a href="/jobs/district/longgang/" aria-current="page">' in text
    assert "<h1>龙岗区日结招聘信息</h1>" in client.get("/jobs/kind/daily/?district=longgang").text


@pytest.mark.parametrize(
    ("address", "canonical"),
    [
        ("/jobs/", "/jobs/"),
        ("/jobs/kind/daily/", "/jobs/kind/daily/"),
        ("/jobs/district/baoan/", "/jobs/district/baoan/"),
        ("/jobs/?lodging=provided", "/jobs/"),
        ("/jobs/district/dapeng/", ""),  # nothing there
        ("/jobs/kind/daily/?district=baoan", ""),
        ("/jobs/?pay=day-200&settlement=daily", ""),
    ],
)
def test_engines_see_lists_of_one_thing(
    client: Client, jobs: list[Job], address: str, canonical: str
) -> None:
    text = client.get(address).text
    assert (NOINDEX in text) is (not canonical)
    link = f'<link rel="canonical" href="http://127.0.0.1:8000{canonical}">'
    assert (link in text) is bool(canonical)


def test_engines_are_not_led_into_lists_of_several_things(client: Client, jobs: list[Job]) -> None:
    def links(address: str) -> dict[str, bool]:
        found = re.findall(r'<a href="(/jobs/[^"]*)"( rel="nofollow")?', client.get(address).text)
        return {unescape(link): not nofollow for link, nofollow in found}

    start = links("/jobs/")
    assert start["/jobs/kind/daily/"]
    assert start["/jobs/district/longgang/"]
    assert start["/jobs/?pay=day-200"]
    daily = links("/jobs/kind/daily/")
    assert daily["/jobs/kind/temporary/"]
    assert not daily["/jobs/kind/daily/?district=longgang"]
    assert not daily["/jobs/kind/daily/?pay=day-200"]
    two = links("/jobs/kind/daily/?district=longgang")
    assert two["/jobs/kind/daily/"]  # back to what has a page of its own
    assert not two["/jobs/kind/daily/?district=longgang&pay=day-200"]


def test_pages_keep_what_was_chosen(client: Client) -> None:
    for number in range(21):
        cast.job(f"岗位{number}", lodging=Lodging.PROVIDED, **cast.live(number + 1))
    text = client.get("/jobs/?lodging=provided").text
    assert "/jobs/?lodging=provided&amp;page=2" in text
    assert titles(client, "/jobs/?lodging=provided&page=2") == {"岗位20"}


def test_an_empty_list_says_what_to_give_up(client: Client, jobs: list[Job]) -> None:
    text = client.get("/jobs/kind/full-time/?lodging=provided&pay=month-6000").text
    assert "现在没有这样的岗位" in text
    assert '<a class="btn" href="/jobs/kind/full-time/?pay=month-6000">不限住宿（1 个）</a>' in text
    assert "不限薪酬" not in text  # would be empty, too
    assert 'href="/enquiry/call-back/?from=/jobs/kind/full-time/"' in text
    assert "现在没有正在招的大鹏新区岗位" in client.get("/jobs/district/dapeng/").text


@pytest.mark.parametrize("path", ["/jobs/", "/jobs/kind/daily/", "/jobs/district/baoan/"])
def test_narrowed_lists_are_kept_like_any_page(path: str) -> None:
    names = frozenset({"page", "before", "district", "pay", "settlement", "lodging"})
    assert parameters_of(path) == names


def test_a_slug_is_escaped_wherever_it_stands(client: Client) -> None:
    nasty: dict[str, Any] = {"slug": "x", "name": "<b>区</b>"}
    cast.job(district=cast.district(**nasty))
    assert "<b>区" not in client.get("/jobs/").text
    assert "<b>区" not in client.get("/jobs/district/x/").text


def test_bands_are_named_by_what_they_ask_for() -> None:
    assert [value for value, *_ in BANDS] == [
        "hour-20", "hour-25", "hour-30", "day-200", "day-250", "day-300",
        "month-5000", "month-6000", "month-7000",
    ]  # fmt: skip
