"""首次设置 and the demo content: what a new owner is asked to do, and how the demo goes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.site import SiteProfile
from portal.demo import content
from portal.demo.models import DemoItem
from staffing.models import Hotline, Licence
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import said
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db

DESK = "/admin/"
REMOVE = "/admin/demo/remove/"


def steps(user: User) -> dict[str, bool]:
    """What the desk lists under 首次设置, and whether it is done."""
    return {step.title: step.done for step in browser_of(user).get(DESK).context["steps"]}


def set_up(**fields: Any) -> None:
    cast.profile(**fields)


def set_up_all() -> None:
    set_up(name="鹏城人力", logo=picture(), icp_number="粤ICP备12345678号")
    cast.hotline()
    cast.licence()


# --- The list --------------------------------------------------------------------------------------


def test_a_new_site_has_everything_to_do_but_the_demo() -> None:
    assert steps(cast.laochen()) == {
        "网站名称": False,
        "标志": False,
        "ICP 备案号": False,
        "客服热线": False,
        "许可证": False,
        "移除演示内容": True,
    }


def test_each_step_is_ticked_by_the_data_itself() -> None:
    owner = cast.laochen()
    set_up(name="鹏城人力")
    assert steps(owner)["网站名称"]
    set_up(logo=picture())
    assert steps(owner)["标志"]
    set_up(icp_number="粤ICP备12345678号")
    assert steps(owner)["ICP 备案号"]
    cast.hotline()
    assert steps(owner)["客服热线"]


@pytest.mark.parametrize("kind", [Licence.Kind.DISPATCH, Licence.Kind.HR_SERVICE])
def test_a_licence_to_work_with_ticks_its_step(kind: str) -> None:
    owner = cast.laochen()
    cast.licence(kind=Licence.Kind.BUSINESS, number="91440300")
    cast.licence(kind=kind, number="过期的", valid_to=timezone.localdate() - timedelta(days=1))
    cast.licence(kind=kind, number="不公示的", public=False)
    assert not steps(owner)["许可证"]
    cast.licence(kind=kind)
    assert steps(owner)["许可证"]


def test_the_list_goes_away_when_all_is_done() -> None:
    set_up_all()
    response = browser_of(cast.laochen()).get(DESK)
    assert response.context["steps"] == []
    assert "首次设置" not in response.content.decode()


def test_undone_steps_lead_to_where_they_are_done() -> None:
    owner = browser_of(cast.laochen())
    for step in owner.get(DESK).context["steps"]:
        if not step.done:
            assert owner.get(step.url, follow=True).status_code == 200


def test_an_owner_who_is_no_superuser_sees_the_list_too() -> None:
    assert "网站名称" in steps(cast.person("xiaochen", "小陈", "站长"))


@pytest.mark.parametrize("who", [cast.xiaolin, cast.laozhou, cast.amin])
def test_nobody_else_sees_the_list(who: Any) -> None:
    assert steps(who()) == {}


# --- With demo content -----------------------------------------------------------------------------


def load_demo() -> dict[str, Any]:
    """Some demo content, as `load_demo` marks it."""
    said_by_demo: dict[str, Any] = content.read("content/site.toml")["profile"]
    logo = picture()
    items: list[Model] = [
        logo,
        cast.hotline(),
        cast.licence(),
        cast.article("演示文章", tags=("劳务派遣",)),
        cast.article("改写过的演示文章"),
    ]
    set_up(name=said_by_demo["name"], icp_number=said_by_demo["icp_number"], logo=logo)
    for item in items:
        DemoItem.remember(item)
    Article.objects.filter(title="改写过的演示文章").update(title="我改写过的文章")
    return said_by_demo


def test_what_the_demo_put_there_is_not_done() -> None:
    load_demo()
    assert set(steps(cast.laochen()).values()) == {False}


def test_what_the_owner_changed_in_the_demo_is_done() -> None:
    load_demo()
    Hotline.objects.update(number="+8675512345678", display="0755-1234 5678")
    set_up(name="鹏城人力", icp_number="粤ICP备12345678号")
    done = steps(cast.laochen())
    assert done["客服热线"]
    assert done["网站名称"]
    assert done["ICP 备案号"]
    assert not done["标志"]


def test_a_banner_stands_on_every_page_while_the_demo_is_there() -> None:
    load_demo()
    for user in (cast.xiaolin(), cast.laochen()):
        client = browser_of(user)
        for address in (DESK, "/admin/articles/article/", "/admin/password_change/"):
            assert "网站里还有演示内容" in client.get(address).content.decode()


def test_only_a_superuser_is_offered_to_remove_it() -> None:
    load_demo()
    assert REMOVE in browser_of(cast.laochen()).get(DESK).content.decode()
    assert REMOVE not in browser_of(cast.xiaolin()).get(DESK).content.decode()
    assert (
        REMOVE not in browser_of(cast.person("xiaochen", "小陈", "站长")).get(DESK).content.decode()
    )


def test_there_is_no_banner_for_strangers_popups_or_without_demo() -> None:
    owner = browser_of(cast.laochen())
    assert "demo-banner" not in owner.get(DESK).content.decode()
    load_demo()
    assert "demo-banner" not in Client().get("/admin/login/").content.decode()
    popup = owner.get("/admin/articles/category/add/", {"_popup": "1"})
    assert "demo-banner" not in popup.content.decode()


# --- Removing it -----------------------------------------------------------------------------------


def test_the_owner_is_shown_what_would_go_before_it_goes() -> None:
    load_demo()
    html = browser_of(cast.laochen()).get(REMOVE).content.decode()
    assert "文章：1 项" in html
    assert "演示文章" in html
    assert "会保留（您改动过）" in html
    assert "文章：我改写过的文章" in html
    assert Article.objects.count() == 2


def test_removing_takes_the_demo_and_leaves_what_was_changed() -> None:
    load_demo()
    mine = cast.article("我自己写的")
    response = browser_of(cast.laochen()).post(REMOVE, follow=True)
    assert set(Article.objects.values_list("title", flat=True)) == {mine.title, "我改写过的文章"}
    assert "已移除演示内容" in said(response)
    assert "我改写过的文章" in said(response)
    assert not DemoItem.objects.exists()
    assert SiteProfile.load().name == "劳务派遣网站"
    assert "demo-banner" not in response.content.decode()


def test_with_nothing_to_remove_the_page_says_so() -> None:
    for method in ("get", "post"):
        response = getattr(browser_of(cast.laochen()), method)(REMOVE, follow=True)
        assert "网站里没有演示内容" in said(response)


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_but_a_superuser_removes_it(method: str) -> None:
    load_demo()
    for user in (cast.xiaolin(), cast.person("xiaochen", "小陈", "站长")):
        assert getattr(browser_of(user), method)(REMOVE).status_code == 403
    assert getattr(Client(), method)(REMOVE).status_code == 302
    assert Article.objects.count() == 2


def test_other_methods_are_refused() -> None:
    load_demo()
    assert browser_of(cast.laochen()).delete(REMOVE).status_code == 405


def test_a_post_without_its_token_is_refused() -> None:
    load_demo()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast.laochen())
    assert strict.post(REMOVE).status_code == 403
    assert DemoItem.objects.exists()
