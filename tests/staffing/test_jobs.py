"""`/jobs/` and `/jobs/kind/<slug>/`: the jobs one can still apply for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from staffing.models import Job
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db

KINDS = {
    "temporary": "临时工招聘信息",
    "part-time": "兼职招聘信息",
    "daily": "日结招聘信息",
    "full-time": "全职招聘信息",
}


def titles(client: Client, path: str) -> list[str]:
    return [job.title for job in client.get(path).context["page"]]


@pytest.mark.both_databases
def test_lists_open_jobs_newest_first(client: Client) -> None:
    cast.hotline()
    cast.page("safety", "防骗提示")
    cast.job("注塑操作工", **cast.live(30))
    cast.job("仓库分拣员", **cast.live(10))
    cast.job("展会引导员", **cast.live(20))

    assert titles(client, "/jobs/") == ["仓库分拣员", "展会引导员", "注塑操作工"]
    text = client.get("/jobs/").text
    assert "3 个岗位正在招" in text
    assert "23.50–25 元/时" in text
    assert "本公司不向求职者收取任何费用" in text
    assert 'href="/safety/"' in text
    assert "客服热线:0755-8882 8155" in text


@pytest.mark.both_databases
def test_leaves_out_what_is_filled_past_or_not_public(client: Client) -> None:
    today = timezone.localdate()
    cast.job("今天截止的岗位", valid_through=today)
    cast.job("不列出：昨天截止", valid_through=today - timedelta(days=1))
    cast.job("不列出：招满", filled_at=timezone.now())
    for state, fields in {**states.hidden(), "withdrawn": states.WITHDRAWN}.items():
        cast.job(f"不列出：{state}", **fields)
    assert titles(client, "/jobs/") == ["今天截止的岗位"]
    assert "不列出" not in client.get("/jobs/").text


EVERYWHERE = (
    *("/", "/jobs/", "/jobs/kind/part-time/", "/jobs/district/baoan/", "/sitemap/"),
    *("/jobs/kind/part-time/?district=baoan", "/jobs/?lodging=none", "/search/?q=夜班验布员"),
)
CLOSED: dict[str, dict[str, Any]] = {
    **states.hidden(),
    "withdrawn": states.WITHDRAWN,
    "filled": {"filled_at": timezone.now()},
    "past": {"valid_through": timezone.localdate() - timedelta(days=1)},
    "long past": {"valid_through": timezone.localdate() - timedelta(days=31)},
}


@pytest.mark.parametrize("state", CLOSED)
def test_what_nobody_can_apply_for_is_nowhere(client: Client, state: str) -> None:
    job = cast.job("夜班验布员", kind=Job.Kind.PART_TIME, **CLOSED[state])
    like_it = cast.job("白班验布员", kind=Job.Kind.PART_TIME)
    for address in (*EVERYWHERE, like_it.get_absolute_url(), f"/jobs/{like_it.pk}/apply/"):
        assert job.get_absolute_url() not in client.get(address).text, address
    assert client.get(f"/jobs/{job.pk}/apply/").status_code != 200


def test_what_one_can_apply_for_is_there(client: Client) -> None:
    job = cast.job("夜班验布员", kind=Job.Kind.PART_TIME)
    found = [one for one in EVERYWHERE if job.get_absolute_url() in client.get(one).text]
    assert set(EVERYWHERE) - set(found) == {"/sitemap/"}  # which lists kinds


@pytest.mark.parametrize(("kind", "heading"), KINDS.items())
def test_each_kind_has_a_list_of_its_own(client: Client, kind: str, heading: str) -> None:
    for value, label in Job.Kind.choices:
        cast.job(f"{label}岗位", kind=value)

    response = client.get(f"/jobs/kind/{kind}/")

    assert [job.kind for job in response.context["page"]] == [kind]
    assert f"<h1>{heading}</h1>" in response.text
    assert f'href="/jobs/kind/{kind}/" aria-current="page"' in response.text


@pytest.mark.both_databases
def test_kinds_are_counted_and_paid_by_the_day_is_daily_too(client: Client) -> None:
    cast.job("搬运工", kind=Job.Kind.TEMPORARY, settlement=Job.Settlement.DAILY)
    cast.job("普工", kind=Job.Kind.TEMPORARY)
    cast.job("日结分拣", kind=Job.Kind.DAILY)

    counts = {option.label: option.count for option in client.get("/jobs/").context["kind"].options}

    assert counts == {"临时工": 2, "兼职": 0, "日结": 2, "全职": 0}
    assert titles(client, "/jobs/kind/daily/") == ["日结分拣", "搬运工"]
    for kind in Job.Kind:
        assert Job.objects.open().of_kind(kind).count() == counts[kind.label]


@pytest.mark.parametrize("path", ["/jobs/kind/gold/", "/jobs/kind/Temporary/", "/jobs/kind/日结/"])
def test_an_unknown_kind_is_not_found(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_twenty_a_page(client: Client) -> None:
    for number in range(21):
        cast.job(f"岗位{number}", **cast.live(number + 1))
    assert titles(client, "/jobs/")[0] == "岗位0"
    assert len(titles(client, "/jobs/")) == 20
    assert titles(client, "/jobs/?page=2") == ["岗位20"]
    assert titles(client, "/jobs/kind/temporary/?page=2") == ["岗位20"]
    text = client.get("/jobs/?page=2").text
    assert '<meta name="robots" content="noindex,follow">' in text
    assert "<title>第2页_招工信息" in text
    assert '<p class="page-label num">第2页</p>' in text


@pytest.mark.parametrize("page", ["x", "-1", "0", "1.5", "１", "9999999999999999999", "%00", "2"])
def test_a_page_there_is_not_is_not_found(client: Client, page: str) -> None:
    cast.job()
    assert client.get(f"/jobs/?page={page}").status_code == 404


def test_without_jobs_it_says_so_and_offers_to_call_back(client: Client) -> None:
    cast.hotline()
    cast.job(kind=Job.Kind.FULL_TIME)
    text = client.get("/jobs/kind/part-time/").text
    assert "现在没有正在招的兼职岗位" in text
    assert '<a class="btn btn-solid" href="/enquiry/call-back/?from=/jobs/kind/part-time/"' in text


@pytest.mark.parametrize("path", ["/jobs/", "/jobs/kind/daily/"])
def test_takes_no_form(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.parametrize("path", ["/jobs/", "/jobs/kind/temporary/"])
def test_cost_does_not_grow(
    client: Client, path: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    cast.job()
    # What is open, districts, count, rows, safety page; chrome 6, due changes.
    with django_assert_num_queries(12):
        client.get(path)
    for number in range(25):
        cast.job(f"岗位{number}", district=cast.district(f"district-{number}", f"第{number}区"))
    with django_assert_num_queries(12):
        client.get(path)
