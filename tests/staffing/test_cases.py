"""`/cases/` and `/cases/<slug>/`: what was done, and who may be named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.search import finding
from staffing.cases.views import CASES_A_PAGE
from staffing.models import Case
from tests import cast
from tests.desk.pictures import picture
from tests.staffing import states

pytestmark = pytest.mark.django_db

PATH = "/cases/peak-season/"
CLIENT = "深圳市示例电子有限公司"


def consent(days: int = 30) -> dict[str, Any]:
    """The fields of a case whose client may be named so many days more."""
    return {
        "client_name": CLIENT,
        "permission_note": "八月书面同意",
        "permission_until": timezone.localdate() + timedelta(days=days),
    }


def test_shows_what_was_done(client: Client) -> None:
    cast.case(
        district=cast.district(),
        service=cast.service(),
        headcount=40,
        period="2026 年 8 月",
        seo_description="宝安电子厂的旺季。",
    )
    text = client.get(PATH).text
    for shown in (
        "<h1>旺季加两条线</h1>",
        "订单提前三周，分四批到岗。",
        "<p>先按直签人数算上限，再倒排到岗日期。</p>",
        "宝安区电子制造企业",
        "<dd>40 人</dd>",
        "2026 年 8 月",
        '<a href="/services/dispatch/">劳务派遣</a>',
        '<meta name="description" content="宝安电子厂的旺季。">',
    ):
        assert shown in text


def test_the_client_is_named_to_the_last_day_of_its_consent(client: Client) -> None:
    logo = picture(image_alt_text="客户标志")
    cast.case(**consent(days=0), logo=logo, cover=picture("cover.png"))
    for path in (PATH, "/cases/"):
        assert CLIENT in client.get(path).text
    assert "客户标志" in client.get(PATH).text
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        for path in (PATH, "/cases/", "/"):
            text = client.get(path).text
            assert CLIENT not in text
            assert "客户标志" not in text
        assert "电子制造企业" in client.get(PATH).text


@pytest.mark.parametrize("missing", ["permission_note", "permission_until"])
def test_without_consent_nobody_is_named(client: Client, missing: str) -> None:
    cast.case(**{**consent(), missing: "" if missing == "permission_note" else None})
    assert CLIENT not in client.get(PATH).text


def test_a_named_client_has_agreed_and_stands_in_no_text() -> None:
    case = cast.case(client_name=CLIENT, body=f"<p>{CLIENT}来电。</p>")
    assert set(case.publish_errors()) == {"permission_note", "permission_until", "body"}
    agreed = cast.case("agreed", **consent())
    assert agreed.publish_errors() == {}


def test_nobody_finds_a_client_by_searching() -> None:
    cast.case(**consent())
    assert finding.search("旺季加两条线").count() == 1
    assert finding.search("示例电子").count() == 0


def test_lists_cases_newest_first_and_leads_on(client: Client) -> None:
    cast.case("older", "早些的", **cast.live(60))
    cast.case("newer", "新近的", **cast.live(1))
    text = client.get("/cases/").text
    assert text.index("新近的") < text.index("早些的")
    assert 'href="/services/"' in text
    assert client.get("/cases/newer/").context["others"][0].slug == "older"


def test_the_list_has_pages(client: Client) -> None:
    for n in range(CASES_A_PAGE + 1):
        cast.case(f"case-{n}", f"案例{n}")
    assert len(client.get("/cases/").context["page"].object_list) == CASES_A_PAGE
    second = client.get("/cases/?page=2")
    assert len(second.context["page"].object_list) == 1
    assert 'content="noindex,follow"' in second.text
    for beyond in ("3", "0", "一", "-1"):
        assert client.get("/cases/", {"page": beyond}).status_code == 404


def test_the_staffs_own_words_stand_above(client: Client) -> None:
    cast.page("cases", "我们做过的事", summary="先看这一句", body="<p>再看这一段。</p>")
    text = client.get("/cases/").text
    for words in ("<h1>我们做过的事</h1>", "先看这一句", "再看这一段。"):
        assert words in text


def test_without_cases_it_says_so(client: Client) -> None:
    cast.hotline(always=True)
    text = client.get("/cases/").text
    assert "案例还在整理" in text
    assert "拨打 0755-8882 8155" in text
    assert 'content="noindex,follow"' in text


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted"])
def test_what_is_not_public_is_not_found(client: Client, state: str) -> None:
    cast.service()
    cast.case(title="不公开的案例", service=cast.service("a", "甲"), **states.hidden()[state])
    assert client.get(PATH).status_code == 404
    for path in ("/cases/", "/", "/sitemap/", "/services/a/", "/search/?q=不公开的案例"):
        assert PATH not in client.get(path).text


def test_what_was_withdrawn_is_gone(client: Client) -> None:
    cast.case(**states.WITHDRAWN)
    assert client.get(PATH).status_code == 410


@pytest.mark.parametrize("path", ["/cases/none/", "/cases/案例/", "/cases/a%00b/"])
def test_what_there_is_not_is_not_found(client: Client, path: str) -> None:
    cast.case()
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/cases/", PATH])
def test_takes_no_form(client: Client, path: str) -> None:
    cast.case()
    assert client.post(path).status_code == 405


def test_a_hidden_service_is_not_named(client: Client) -> None:
    cast.case(service=cast.service(name="没发布的服务", **states.hidden()["draft"]))
    assert "没发布的服务" not in client.get(PATH).text


def test_a_lapsed_licence_takes_the_invitation_from_its_cases(client: Client) -> None:
    cast.hotline(always=True)
    yesterday = timezone.localdate() - timedelta(days=1)
    licence = cast.licence(valid_to=yesterday)
    cast.case(service=cast.service(required_licence=licence))
    text = client.get(PATH).text
    assert "证照换发中，暂不受理" in text
    assert "先问清楚，再签合同" not in text
    assert 'class="thumb"' not in text


def test_escapes_what_editors_type(client: Client) -> None:
    cast.case(title="<script>一", industry="<b>电子</b>", summary="<i>摘要</i>")
    for path in (PATH, "/cases/"):
        text = client.get(path).text
        assert "&lt;script&gt;一" in text
        assert "<b>电子</b>" not in text
        assert "<i>摘要</i>" not in text


def test_the_service_names_its_newest_cases(client: Client) -> None:
    service = cast.service()
    for n in range(4):
        cast.case(f"case-{n}", f"案例{n}", service=service, **cast.live(n + 1))
    cast.case("other", "别的案例")
    shown = client.get("/services/dispatch/").context["cases"]
    assert [case.title for case in shown] == ["案例0", "案例1", "案例2"]


@pytest.mark.parametrize(("path", "own"), [("/cases/", 3), (PATH, 3)])
def test_cost_does_not_grow(
    client: Client, path: str, own: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    cast.case(service=cast.service(), district=cast.district())
    with django_assert_num_queries(7 + own):  # the chrome's six, due changes
        client.get(path)
    for n in range(8):
        cast.case(f"case-{n}", f"案例{n}", district=cast.district(f"d-{n}", f"第{n}区"))
    with django_assert_num_queries(7 + own):
        client.get(path)
    assert Case.objects.count() == 9
