"""`/districts/<slug>/`: a district's own text, once it has jobs or articles to show."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.compliance.decisions import findings
from portal.cms.compliance.findings import Severity
from portal.cms.publishing import Status
from portal.cms.search import finding
from portal.districts.models import LEAST_WORDS, DistrictPage
from staffing.services.related import pages
from tests import cast
from tests.staffing import states

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PATH = "/districts/baoan/"
# Where it is named; the jobs' own pages are others'.
LISTS = ("/", "/sitemap/", "/districts/longhua/", "/services/dispatch/", "/search/?q=宝安区用工")


def with_jobs(count: int = 3, slug: str = "baoan", name: str = "宝安区") -> None:
    for n in range(count):
        cast.job(f"岗位{n}", district=cast.district(slug, name))


def linked(client: Client) -> set[str]:
    """The lists, of a site with another live district, that lead to the page."""
    with_jobs(3, "longhua", "龙华区")
    cast.district_page("longhua", "龙华区")
    cast.service().districts.add(cast.district())
    return {path for path in LISTS if PATH in client.get(path).text}


def test_is_live_with_three_open_jobs(client: Client) -> None:
    cast.district_page(office="沙井驻厂服务点")
    with_jobs()
    text = client.get(PATH).text
    for shown in (
        "<h1>宝安区用工与招工</h1>",
        "宝安区的厂区、班车和旺季。",
        "宝安区的电子厂集中在北边。",
        "沙井驻厂服务点",
        "岗位0",
        'href="/jobs/district/baoan/"',
    ):
        assert shown in text
    assert linked(client) == set(LISTS)


def test_is_live_with_three_articles_under_its_name(client: Client) -> None:
    cast.district_page()
    for n in range(3):
        cast.article(f"宝安的第{n}篇", tags=("宝安区", "社保"))
    text = client.get(PATH).text
    assert "宝安的第0篇" in text
    assert 'href="/articles/tag/%E5%AE%9D%E5%AE%89%E5%8C%BA/"' in text
    assert linked(client) == set(LISTS)


def test_with_less_it_is_not_there(client: Client) -> None:
    page = cast.district_page()
    with_jobs(2)
    cast.job("招满的", filled_at=timezone.now())
    cast.job("过期的", valid_through=timezone.localdate() - timedelta(days=1))
    cast.job("没发布的", status=Status.DRAFT)
    cast.job("别区的", district=cast.district("longhua", "龙华区"))
    for _ in range(2):
        cast.article(tags=("宝安区",))
    cast.draft(tags=("宝安区",))
    cast.article(tags=("宝安",))
    assert client.get(PATH).status_code == 404
    assert linked(client) == set()
    assert not page.is_live
    assert finding.search("宝安区用工与招工").count() == 0
    assert pages([PATH]) == []


def test_it_goes_with_its_third_job(client: Client) -> None:
    cast.district_page()
    with_jobs(2)
    third = cast.job()
    assert client.get(PATH).status_code == 200
    third.withdraw()
    assert client.get(PATH).status_code == 404


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted"])
def test_what_is_not_public_is_not_found(client: Client, state: str) -> None:
    with_jobs()
    cast.district_page(**states.hidden()[state])
    assert client.get(PATH).status_code == 404
    assert linked(client) == set()


def test_what_was_withdrawn_is_gone(client: Client) -> None:
    with_jobs()
    cast.district_page(**states.WITHDRAWN)
    assert client.get(PATH).status_code == 410


@pytest.mark.parametrize(
    "path", ["/districts/", "/districts/none/", "/districts/宝安/", "/districts/a%00b/"]
)
def test_what_there_is_not_is_not_found(client: Client, path: str) -> None:
    with_jobs()
    cast.district_page()
    assert client.get(path).status_code == 404


def test_takes_no_form(client: Client) -> None:
    with_jobs()
    cast.district_page()
    assert client.post(PATH).status_code == 405


def test_cases_and_services_of_the_district_stand_there(client: Client) -> None:
    with_jobs()
    cast.district_page()
    cast.service().districts.add(cast.district())
    cast.service("elsewhere", "别处的服务").districts.add(cast.district("longhua", "龙华区"))
    cast.case(district=cast.district())
    cast.case("elsewhere", "别处的案例", district=cast.district("longhua", "龙华区"))
    text = client.get(PATH).text
    assert "旺季加两条线" in text
    assert 'href="/services/dispatch/"' in text
    assert "别处的" not in text


# --- What is published ------------------------------------------------------------------------------------


def test_it_has_a_text_of_some_length() -> None:
    page = cast.district_page(body=f"<p>{'短' * (LEAST_WORDS - 1)}</p>")
    assert "不少于 300 字" in page.publish_errors()["body"]
    page.body = f"<p>{'够' * LEAST_WORDS}</p>"
    assert page.publish_errors() == {}


def test_it_has_a_text_of_its_own() -> None:
    cast.district_page()
    copy = cast.district_page("longhua", "龙华区")
    found = [each for each in findings(copy) if each.rule == "same-words"]
    assert [each.severity for each in found] == [Severity.BLOCK]
    assert "宝安区用工与招工" in found[0].message
    copy.body = f"<p>{'分拨场的件量按天变，日结的工资当晚到账。' * 20}</p>"
    assert [each for each in findings(copy) if each.rule == "same-words"] == []


def test_a_page_without_its_district_is_not_published() -> None:
    page = DistrictPage(title="哪里", slug="where")
    assert {"district", "summary", "body"} <= set(page.publish_errors())


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    cast.district_page()
    with_jobs()
    cast.article(tags=("宝安区",))
    # The page, whether it is live, tag, articles, jobs, cases, services, other districts, keywords; the
    # chrome's six, due changes.
    with django_assert_num_queries(9 + 7):
        client.get(PATH)
    for n in range(8):
        with_jobs(3, f"d-{n}", f"第{n}区")
        cast.district_page(f"d-{n}", f"第{n}区")
        cast.article(tags=("宝安区",))
        cast.case(f"case-{n}", district=cast.district())
    with_jobs(8)
    with django_assert_num_queries(9 + 7):
        client.get(PATH)
