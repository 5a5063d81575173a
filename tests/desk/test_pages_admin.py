"""单页 in the admin: 关于我们 and its like. What every published thing has is tested with articles."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.signals import pre_save
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from portal.cms.publishing import State, Status
from portal.cms.site import Page
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import act, agree, press, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/page/"
ADD = f"{LIST}add/"


def errors(response: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = response.context["adminform"].form.errors
    return found


def text(**changes: str) -> dict[str, str]:
    return {"title": "加入我们", "slug": "join", "body": "<p>我们在招驻厂管理员。</p>", **changes}


def test_a_page_is_written_published_and_read(chief: Client) -> None:
    assert press(chief, ADD, "_publish", **text()).status_code == 302
    page = Page.objects.get(slug="join")
    assert page.state == State.LIVE
    assert page.created_by == cast.laozhou()
    assert "驻厂管理员" in Client().get("/join/").content.decode()


def test_a_draft_is_not_read_by_a_stranger(chief: Client) -> None:
    press(chief, ADD, "_save", **text())
    assert Page.objects.get(slug="join").state == State.DRAFT
    assert Client().get("/join/").status_code == 404


def test_a_page_is_withdrawn_and_its_address_says_so(chief: Client) -> None:
    page = cast.page()
    agree(chief, url("cms_page", "change", page.pk), "_withdraw")
    page.refresh_from_db()
    assert page.status == Status.WITHDRAWN
    assert Client().get("/about/").status_code == 410


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("about", "已存在"),
        ("articles", "这个网址名已被网站的其他栏目使用"),
        ("admin", "这个网址名已被网站的其他栏目使用"),
        ("关于我们", "slug"),
        ("a b", "slug"),
        ("", "必填"),
    ],
)
def test_an_address_that_cannot_be_is_refused(chief: Client, slug: str, message: str) -> None:
    cast.page()
    response = press(chief, ADD, "_save", **text(slug=slug))
    said = "".join(errors(response)["slug"])
    assert said if message == "slug" else message in said
    assert Page.objects.count() == 1


@pytest.mark.parametrize("moved_to", ["houtai", "houtai/desk"])
def test_the_address_of_a_moved_admin_is_refused(settings: Settings, moved_to: str) -> None:
    settings.ADMIN_PATH = moved_to
    with pytest.raises(ValidationError, match="这个网址名已被网站的其他栏目使用"):
        Page(title="后台", slug="houtai").full_clean()


def test_the_form_explains_the_address(chief: Client) -> None:
    assert "网址即 /about/" in chief.get(ADD).content.decode()


def test_the_list_shows_addresses_and_states_and_finds_by_title(chief: Client) -> None:
    cast.page()
    other = cast.page("safety", "防骗提示", status=Status.DRAFT)
    html = chief.get(LIST).content.decode()
    assert "/about/" in html
    assert "草稿" in html
    found = chief.get(LIST, {"q": "防骗"}).context["cl"].result_list
    assert list(found) == [other]


def test_pages_are_published_and_binned_from_the_list(chief: Client) -> None:
    page = cast.page(status=Status.DRAFT)
    act(chief, LIST, "publish_selected", page)
    assert Page.objects.get().state == State.LIVE
    act(chief, LIST, "bin_selected", page, confirmed="1")
    assert Page.objects.get().state == State.DELETED


@pytest.mark.parametrize("who", [cast.xiaolin, cast.amin])
def test_editors_and_staff_have_no_pages(who: Any) -> None:
    page = cast.page()
    client = browser_of(who())
    for address in (LIST, ADD, url("cms_page", "change", page.pk)):
        assert client.get(address).status_code == 403
        assert client.post(address).status_code == 403


def test_the_list_costs_the_same_for_any_number_of_pages(
    chief: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.page("first", "第一页")
    with django_assert_num_queries(12):
        chief.get(LIST)
    for n in range(6):
        cast.page(f"page-{n}", f"单页{n}", created_by=cast.laozhou(), updated_by=cast.laozhou())
    with django_assert_num_queries(12):
        chief.get(LIST)


# --- At the same moment ----------------------------------------------------------------------------------


@contextmanager
def met_before_saving(people: int) -> Iterator[None]:
    """Let so many pages find their addresses free before the first is saved. SQLite lets in one by one."""
    ready = Barrier(people)

    def wait(**_: Any) -> None:
        with suppress(BrokenBarrierError):
            ready.wait(timeout=1)

    pre_save.connect(wait, sender=Page)
    yield
    pre_save.disconnect(wait, sender=Page)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_one_address_at_the_same_moment_one_is_told() -> None:
    clients = [browser_of(cast.laozhou()), browser_of(cast.laochen())]
    sent = [
        {**values(client.get(ADD)), **text(title=f"第{n}稿")} for n, client in enumerate(clients)
    ]

    def publish(client: Client, typed: dict[str, Any]) -> Any:
        try:
            return client.post(ADD, {**typed, "_publish": "1"})
        finally:
            connection.close()

    with met_before_saving(2), ThreadPoolExecutor() as pool:
        first, second = sorted(pool.map(publish, clients, sent), key=lambda page: page.status_code)

    assert (first.status_code, second.status_code) == (200, 302)
    assert errors(first) == {"slug": ["具有 网址名 的 单页 已存在。"]}
    assert {Page.objects.get().title, values(first)["title"]} == {"第0稿", "第1稿"}
