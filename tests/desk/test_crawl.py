"""页面检查 at the desk: what is wrong with which page, and the way to its form."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from portal.cms.delivery.models import DueTask
from portal.cms.engines.crawl import TASK
from portal.cms.engines.models import CrawledPage
from tests import cast
from tests.desk.forms import act, form_of, said, values

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/crawledpage/"


def test_editors_see_what_is_wrong_and_open_the_form(editor: Client) -> None:
    article = cast.article()
    path = article.get_absolute_url()
    CrawledPage.objects.create(
        path=path, title="标题", words=10, broken=[["/%E6%97%A7/", "dead"]], has_dead_links=True
    )
    response = editor.get(LIST)
    html = response.content.decode()
    assert form_of(article) in html
    assert "/旧/" in html
    assert "没有页面直接链到这一页" in html
    assert {words: count for words, count, _ in response.context["issues"]} == {
        "有死链": 1, "没有描述": 1, "文字不到 200 字": 1, "没有页面直接链到": 1,
    }  # fmt: skip
    assert response.context["left"] > 0
    assert "现在检查" not in html, "looking is for those who may change"
    for _, count, query in response.context["issues"]:
        assert len(editor.get(f"{LIST}?{query}").context["cl"].result_list) == count


def test_what_is_dead_comes_first_and_leads_to_a_redirect(chief: Client, editor: Client) -> None:
    dead = [[f"/{n}/", "dead"] for n in ("%E6%97%A7", "%BE%C9", "2", "3")]
    CrawledPage.objects.create(path="/a/", title="标题", broken=dead, has_dead_links=True)
    moved = [["/moved", "moved"]]
    CrawledPage.objects.create(path="/b/", title="标题", broken=moved, is_linked=True)
    page = chief.get(LIST).content.decode()
    old = quote("/旧/", safe="")
    assert page.count(f'href="/admin/cms/redirect/add/?old={old}"') == 2, "in UTF-8 and in GBK"
    assert values(chief.get(f"/admin/cms/redirect/add/?old={old}"))["old"] == "/旧/"
    assert page.count("add/?old=") == 3, "what leads on wants none, and three of a page are shown"
    # The count is that of the links, not of pages that link here.
    assert page.index("还有 1 个") < page.index("没有页面直接链到这一页")
    first = page.split('class="field-address"')[1]
    assert first.index("field-links") < first.index("field-shown_title")
    assert "建跳转" not in editor.get(LIST).content.decode(), "redirects are the chief's"


def test_pages_are_looked_at_anew_by_a_click(chief: Client) -> None:
    path = cast.article("现在的标题").get_absolute_url()
    row = CrawledPage.objects.create(path=path, title="从前的标题")
    assert "检查了 1 个页面" in said(act(chief, LIST, "look_again", row))
    row.refresh_from_db()
    assert "现在的标题" in row.title


def test_all_are_looked_at_at_the_next_turn(chief: Client, editor: Client) -> None:
    assert "马上开始检查" in said(chief.post(f"{LIST}begin/", follow=True))
    assert DueTask.objects.get(name=TASK).due_at <= timezone.now()
    assert chief.get(f"{LIST}begin/").status_code == 405
    assert editor.post(f"{LIST}begin/").status_code == 403


def test_nothing_is_typed_here(chief: Client) -> None:
    row = CrawledPage.objects.create(path="/", title="首页")
    assert chief.get(f"{LIST}add/").status_code == 403
    assert chief.get(f"{LIST}{row.pk}/change/").status_code == 200
    assert "还没有检查过" not in chief.get(LIST).content.decode()
    row.delete()
    assert "还没有检查过" in chief.get(LIST).content.decode()
