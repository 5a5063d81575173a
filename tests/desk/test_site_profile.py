"""网站设置, and the links of menu and footer."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.publishing import Status
from portal.cms.site import SiteLink, SiteProfile
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import press, url, values
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/siteprofile/"
FORM = f"{LIST}1/change/"
LINKS = "/admin/cms/sitelink/"
ADD_LINK = f"{LINKS}add/"


@pytest.fixture
def deputy() -> Client:
    """The browser of 小陈, in the group 站长."""
    cast.profile()
    return browser_of(cast.person("xiaochen", "小陈", "站长"))


def errors(response: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


# --- The profile -----------------------------------------------------------------------------------


def test_the_list_is_the_form_even_on_a_new_site() -> None:
    response = browser_of(cast.laochen()).get(LIST, follow=True)
    assert response.redirect_chain == [(FORM, 302)]
    assert response.status_code == 200


def test_there_is_one_profile_none_to_add_and_none_to_delete(deputy: Client) -> None:
    for client in (deputy, browser_of(cast.laochen())):
        assert client.get(f"{LIST}add/").status_code == 403
        assert client.post(f"{LIST}1/delete/", {"post": "yes"}).status_code == 403
    assert SiteProfile.objects.count() == 1


def test_saving_comes_back_to_the_form(deputy: Client) -> None:
    response = press(deputy, FORM, "_save", name="鹏城人力", further_titles="0")
    assert deputy.get(response["Location"], follow=True).redirect_chain == [(FORM, 302)]
    profile = SiteProfile.load()
    assert (profile.name, profile.further_titles) == ("鹏城人力", 0)
    assert "鹏城人力后台</title>" in deputy.get(FORM).content.decode()


def test_numbers_are_accepted_as_people_type_and_paste_them(deputy: Client) -> None:
    response = press(
        deputy,
        FORM,
        "_save",
        icp_number=" 粤ｉｃｐ备１２３４５６７８号－１ ",
        police_number="粤公网安备 4403 0000 0000 00号",
        credit_code="9144 0300 ma5f ul00 2x",
    )
    assert response.status_code == 302
    profile = SiteProfile.load()
    assert profile.icp_number == "粤ICP备12345678号-1"
    assert profile.police_number == "粤公网安备44030000000000号"
    assert profile.credit_code == "91440300MA5FUL002X"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("icp_number", "12345678", "请按备案号原样填写"),
        ("icp_number", "粤ICP备12345678号" * 20, "最多 30 个字"),
        ("police_number", "粤公网安备123号", "请按备案号原样填写"),
        ("credit_code", "91440300MA5FUL002", "18 位"),
        ("credit_code", "91440300MA5FUL00IO", "18 位"),
        ("complaint_email", "不是邮箱", "有效的邮箱地址"),
        ("further_titles", "101", "100"),
        ("further_titles", "-1", "0"),
        ("name", "", "必填"),
        ("logo", "999999", "选择"),
        ("logo", "x", "选择"),
    ],
)
def test_what_is_wrong_is_said_in_chinese_at_its_field(
    deputy: Client, field: str, value: str, message: str
) -> None:
    response = press(deputy, FORM, "_save", **{field: value})
    assert message in "".join(errors(response)[field])


def test_pictures_are_chosen_from_the_library(deputy: Client) -> None:
    logo = picture("logo.png")
    assert press(deputy, FORM, "_save", logo=str(logo.pk)).status_code == 302
    assert SiteProfile.load().logo == logo


def test_home_facts_are_written_in_the_same_form(deputy: Client) -> None:
    row = {"facts-TOTAL_FORMS": "1", "facts-0-id": "", "facts-0-profile": "1"}
    fact = {"facts-0-value": "不收求职者", "facts-0-label": "任何费用", "facts-0-order": "1"}
    assert press(deputy, FORM, "_save", **row, **fact).status_code == 302
    assert [str(fact) for fact in SiteProfile.load().facts.all()] == ["不收求职者 任何费用"]


@pytest.mark.parametrize("who", [cast.xiaolin, cast.laozhou, cast.amin])
def test_only_owners_see_the_profile(who: Any) -> None:
    cast.profile()
    client = browser_of(who())
    assert client.get(FORM).status_code == 403
    assert client.post(FORM, {"name": "黑客"}).status_code == 403
    assert Client().get(FORM).status_code == 302
    assert SiteProfile.load().name == "劳务派遣网站"


def test_another_row_does_not_exist(deputy: Client) -> None:
    response = deputy.get(f"{LIST}2/change/", follow=True)
    assert "找不到" in response.content.decode()


# --- Links -----------------------------------------------------------------------------------------


def link(**changes: Any) -> dict[str, Any]:
    return {
        "placement": SiteLink.Placement.COMPANY,
        "label": "关于我们",
        "url": "/about/",
        "order": "1",
        **changes,
    }


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("/about/", "/about/"),
        ("/about", "/about/"),
        ("/services/", "/services/"),
        ("/articles/?page=2", "/articles/?page=2"),
        ("/articles#top", "/articles/#top"),
        ("/jobs/kind/part-time/", "/jobs/kind/part-time/"),
        ("/", "/"),
        ("https://www.gsxt.gov.cn/", "https://www.gsxt.gov.cn/"),
    ],
)
def test_links_that_lead_somewhere_are_stored(deputy: Client, typed: str, stored: str) -> None:
    cast.page()
    assert deputy.post(ADD_LINK, link(url=typed)).status_code == 302
    assert SiteLink.objects.latest("pk").url == stored


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("/nowhere/at/all/", "站内没有这个网址：/nowhere/at/all/"),
        ("/abuot/", "站内没有这个网址：/abuot/"),
        ("/abuot", "站内没有这个网址：/abuot"),
        ("http://", "请填写以 / 或 http(s):// 开头的网址"),
        ("https:///about/", "请填写以 / 或 http(s):// 开头的网址"),
        ("http://:80/", "请填写以 / 或 http(s):// 开头的网址"),
        ("//evil.example", "请填写以 / 或 http(s):// 开头的网址"),
        ("javascript:alert(1)", "请填写以 / 或 http(s):// 开头的网址"),
        ("about", "请填写以 / 或 http(s):// 开头的网址"),
        ("http://[", "网址写法不对"),
        ("", "必填"),
    ],
)
def test_dead_links_are_refused_with_their_path(deputy: Client, typed: str, message: str) -> None:
    before = SiteLink.objects.count()
    response = deputy.post(ADD_LINK, link(url=typed))
    assert message in "".join(errors(response)["url"])
    assert SiteLink.objects.count() == before


def test_a_page_in_the_bin_is_nowhere_and_a_draft_is_somewhere(deputy: Client) -> None:
    page = cast.page(status=Status.DRAFT)
    assert deputy.post(ADD_LINK, link()).status_code == 302
    page.bin()
    assert "站内没有" in "".join(errors(deputy.post(ADD_LINK, link()))["url"])


def test_the_order_is_changed_in_the_list(deputy: Client) -> None:
    SiteLink.objects.all().delete()
    first = SiteLink.objects.create(placement="menu", label="服务", url="/services/", order=1)
    data = {**values(deputy.get(LINKS)), "form-0-order": "7", "_save": "1"}
    assert deputy.post(LINKS, data).status_code == 302
    first.refresh_from_db()
    assert first.order == 7


def test_the_list_is_filtered_by_place(deputy: Client) -> None:
    SiteLink.objects.create(placement="menu", label="服务", url="/services/")
    friend = SiteLink.objects.create(
        placement="friend", label="公示系统", url="https://www.gsxt.gov.cn/"
    )
    response = deputy.get(LINKS, {"placement__exact": "friend"})
    assert list(response.context["cl"].result_list) == [friend]


def test_chief_editors_keep_links_and_staff_do_not_see_them() -> None:
    assert browser_of(cast.laozhou()).get(LINKS).status_code == 200
    assert browser_of(cast.amin()).get(LINKS).status_code == 403
    assert browser_of(cast.xiaolin()).get(LINKS).status_code == 403


def test_the_list_of_links_costs_the_same_for_any_number(
    deputy: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Session, person, two for their rights; profile, demo; count, rows."""
    with django_assert_num_queries(10):
        deputy.get(LINKS)
    for n in range(9):
        SiteLink.objects.create(placement="keyword", label=f"关键词{n}", url="/services/")
    with django_assert_num_queries(10):
        deputy.get(LINKS)


def test_a_link_is_deleted_after_a_question(deputy: Client) -> None:
    made = SiteLink.objects.create(placement="menu", label="服务", url="/services/")
    address = url("cms_sitelink", "delete", made.pk)
    assert "服务" in deputy.get(address).content.decode()
    assert deputy.post(address, {"post": "yes"}).status_code == 302
    assert not SiteLink.objects.filter(pk=made.pk).exists()
