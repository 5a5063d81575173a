"""跳转 at the desk: typed, tried, brought in and taken out as a sheet."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from pytest_django import DjangoAssertNumQueries

from portal.cms.redirects import remember
from portal.cms.redirects.models import MissedAddress, Redirect
from portal.cms.sheets.writing import write
from tests import cast
from tests.desk.forms import form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/redirect/"
ADD = f"{LIST}add/"
IMPORT = f"{LIST}import/"


def typed(**changes: str) -> dict[str, str]:
    return {
        "kind": "exact",
        "old": "/news/12.html",
        "target": "/jobs/",
        "code": "301",
        "note": "",
        **changes,
    }


def complaint(client: Client, **changes: str) -> str:
    response = client.post(ADD, typed(**changes))
    assert response.status_code == 200, "it was saved"
    return str(response.context["errors"])


# --- Typing --------------------------------------------------------------------------------------------


def test_a_chief_editor_makes_one_and_it_answers(chief: Client, client: Client) -> None:
    cast.missed("/news/12.html")
    chief.post(ADD, typed(old="news/12.html"))
    row = Redirect.objects.get()
    assert (row.old, row.target, row.origin) == ("/news/12.html", "/jobs/", "")
    assert row.created_by is not None
    assert not MissedAddress.objects.exists()
    assert client.get("/NEWS/12.html")["Location"] == "/jobs/"


def test_an_editor_sees_nothing_of_it(editor: Client) -> None:
    for address in (LIST, ADD, IMPORT, f"{LIST}try/", f"{LIST}sheet/"):
        assert editor.get(address).status_code == 403


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"old": "/articles/"}, "现在打得开"),
        ({"old": "/"}, "首页不能跳转"),
        ({"old": "/?x=1"}, "首页不能跳转"),
        ({"old": "/jobs/?id=3"}, "现在打得开"),
        ({"old": "/articles"}, "现在打得开"),
        ({"target": "/articles/category/never/"}, "站内没有这个网址"),
        ({"target": "/media/never.pdf"}, "站内没有这个网址"),
        ({"old": "/a(.*)", "kind": "pattern", "target": "/never/"}, "站内没有这个网址"),
        ({"target": "/never/"}, "站内没有这个网址"),
        ({"target": "/NEWS/12.html"}, "同一个网址"),
        ({"target": "jobs"}, "请填写以 /"),
        ({"target": ""}, "跳转要有一个去处"),
        ({"code": "410"}, "已删除的没有去处"),
        ({"old": r"/news/(\w+).html", "kind": "pattern"}, "没有括号"),
        ({"old": r"/news/(\d+).html", "kind": "pattern", "target": "/a/$2"}, "没有对应的括号"),
        ({"old": "/(.*)", "kind": "pattern"}, "所有打不开的网址"),
        ({"old": "/b.html", "target": "/a.html"}, "成了一个圈"),
        ({"old": "http://www.old.example/A.html?from=x"}, "这个旧网址已有跳转"),
    ],
)
def test_what_would_not_work_is_said_before(
    chief: Client, changes: dict[str, str], says: str
) -> None:
    cast.redirect("/a.html", "/b.html")
    assert says in complaint(chief, **changes)
    assert Redirect.objects.count() == 1


@pytest.mark.parametrize(
    "old",
    [
        *("/articles/category/never/", "/articles/tag/never/", "/articles/archive/2001/"),
        *("/jobs/district/never/", "/media/old/1.jpg", "/static/upload/1.jpg", "/?p=12"),
    ],
)
def test_where_nothing_is_one_is_made_whatever_the_url_map_says(
    chief: Client, client: Client, old: str
) -> None:
    chief.post(ADD, typed(old=old))
    assert client.get(old)["Location"] == "/jobs/"


def test_a_target_gets_the_slash_of_its_page(chief: Client) -> None:
    service = cast.service("paiqian").get_absolute_url()
    chief.post(ADD, typed(target=f"{service[:-1]}#why"))
    chief.post(ADD, typed(old="/13.html", target="/articles"))
    assert set(Redirect.objects.values_list("target", flat=True)) == {
        f"{service}#why",
        "/articles/",
    }


def test_a_class_of_addresses_takes_what_was_missed_along(chief: Client) -> None:
    cast.missed("/news/1.html")
    cast.missed("/list.php?id=3")
    cast.missed("/other.html")
    chief.post(ADD, typed(kind="pattern", old=r"/news/(\d+).html", target="/articles/"))
    chief.post(ADD, typed(kind="pattern", old=r"/list.php?id=(\d+)", target="/articles/"))
    assert list(MissedAddress.objects.values_list("path", flat=True)) == ["/other.html"]


def test_one_that_leads_to_an_item_stays_with_it_until_a_target_is_typed(chief: Client) -> None:
    article = cast.article()
    remember([("/1.html", article)], "old.example")
    row = Redirect.objects.get()
    assert article.get_absolute_url() in chief.get(form_of(row)).content.decode()
    press(chief, form_of(row), "_save", note="看过")
    assert (fresh(row).item, fresh(row).origin) == (article, "")
    press(chief, form_of(row), "_save", target="/jobs/")
    assert (fresh(row).item, fresh(row).target) == (None, "/jobs/")


def test_what_may_have_been_meant_is_offered(chief: Client) -> None:
    article = cast.article("劳务派遣比例怎样计算")
    response = chief.get(ADD, {"old": "/派遣比例.html"})
    assert values(response)["old"] == "/派遣比例.html"
    html = response.content.decode()
    assert "劳务派遣比例怎样计算" in html
    assert f"target={article.get_absolute_url().replace('/', '%2F')}" in html


# --- The list ------------------------------------------------------------------------------------------


def test_the_list_says_what_leads_nowhere(chief: Client) -> None:
    article = cast.article()
    remember([("/1.html", article), ("/2.html", cast.hidden_articles()["draft"])], "old.example")
    cast.redirect("/3.html", "/articles/")
    cast.redirect("/4.html", "/services/never/")
    cast.redirect("/5.html", "https://other.example/")
    cast.redirect("/6.html", code=410)
    cast.redirect(r"/n/(\d+)", "/a/$1/", kind="pattern")
    cast.redirect("/7.html", "/1.html")
    cast.redirect("/8.html", article.get_absolute_url().rstrip("/"))
    rows = chief.get(LIST).context["cl"].result_list
    assert {row.old: row.condition.value for row in rows} == {
        "/1.html": "正常", "/2.html": "打不开", "/3.html": "正常", "/4.html": "打不开",
        "/5.html": "站外", "/6.html": "已删除", r"/n/(\d+)": "正常", "/7.html": "正常",
        "/8.html": "正常",
    }  # fmt: skip
    for origin, number in (("hand", 7), ("moved", 0), ("import", 2)):
        assert len(chief.get(LIST, {"from": origin}).context["cl"].result_list) == number


def test_rows_that_lead_nowhere_cost_the_list_nothing_each(
    chief: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        cast.redirect(f"/{number}.html", f"/services/never-{number}/")
    chief.get(LIST)
    with django_assert_max_num_queries(25):
        rows = chief.get(LIST).context["cl"].result_list
    assert {row.condition.value for row in rows} == {"打不开"}
    with django_assert_max_num_queries(15):
        chief.get(f"{LIST}sheet/")


def test_an_address_is_tried(chief: Client) -> None:
    row = cast.redirect(r"/n/(\d+)", "/articles/", kind="pattern")
    html = chief.get(f"{LIST}try/", {"address": "http://old.example/n/7"}).content.decode()
    assert 'href="/articles/"' in html
    assert form_of(row) in html
    assert "没有跳转会生效" in chief.get(f"{LIST}try/", {"address": "/x"}).content.decode()
    assert "没有跳转" not in chief.get(f"{LIST}try/").content.decode()


# --- Sheets --------------------------------------------------------------------------------------------


def upload(
    client: Client, rows: list[list[Any]], headers: tuple[str, ...] = ("旧网址", "跳转到", "答复")
) -> Any:
    sheet = SimpleUploadedFile("a.xlsx", write(headers, rows))
    return client.post(IMPORT, {"sheet": sheet})


def test_a_sheet_is_looked_at_before_it_is_done(chief: Client) -> None:
    cast.redirect("/2.html", "/jobs/")
    cast.redirect("/3.html", "/jobs/")
    response = upload(
        chief,
        [
            ["/1.html", "/articles/", ""],
            ["/2.html", "/articles/", ""],
            ["/3.html", "/jobs/", ""],
            ["/4.html", "", "410"],
            ["/1.HTML", "/jobs/", ""],
            ["/5.html", "", ""],
            [r"/n/(\d+).html", "/articles/", ""],
            ["/6.html", "javascript:alert(1)", ""],
        ],
    )
    found = {one.number: (one.outcome, one.says) for one in response.context["planned"]}
    assert [found[n][0] for n in range(2, 10)] == [
        "新建", "改动", "不变", "新建", "有误", "有误", "新建", "有误",
    ]  # fmt: skip
    assert "/jobs/" in found[3][1]
    assert "第 2 行" in found[6][1]
    assert Redirect.objects.count() == 2, "nothing is done yet"

    done = chief.post(IMPORT, {"agreed": values(response)["agreed"]}, follow=True)
    assert "新建 3 条，改动 1 条，有误 3 行没有导入" in said(done)
    assert set(Redirect.objects.values_list("old", "target", "code", "kind")) == {
        ("/1.html", "/articles/", 301, "exact"),
        ("/2.html", "/articles/", 301, "exact"),
        ("/3.html", "/jobs/", 301, "exact"),
        ("/4.html", "", 410, "exact"),
        (r"/n/(\d+).html", "/articles/", 301, "pattern"),
    }


def test_what_was_not_looked_at_is_not_done(chief: Client, owner: Client) -> None:
    signed = values(upload(chief, [["/1.html", "/jobs/", ""]]))["agreed"]
    for client, sent in ((owner, signed), (chief, "forged"), (chief, signed[:-2])):
        assert "重新上传" in said(client.post(IMPORT, {"agreed": sent}, follow=True))
    assert not Redirect.objects.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a,b"])
def test_what_is_no_sheet_is_said(chief: Client, content: bytes) -> None:
    sheet = SimpleUploadedFile("a.xlsx", content)
    assert chief.post(IMPORT, {"sheet": sheet}).context["problem"]
    assert "旧网址" in upload(chief, [["a", "b"]], ("甲", "乙")).context["problem"]
    assert "请选择" in chief.post(IMPORT).context["problem"]


def test_what_is_taken_out_changes_nothing_when_it_comes_back(chief: Client) -> None:
    article = cast.article()
    remember([("/1.html", article)], "old.example")
    cast.redirect("/2.html", code=410, note="=1+1")
    cast.redirect(r"/n/(\d+)", "/a/$1", kind="pattern")
    response = chief.get(url("cms_redirect", "sheet"))
    book: Any = load_workbook(BytesIO(response.content))
    rows = list(book.active.values)
    assert {row[:4] for row in rows[1:]} == {
        ("/1.html", article.get_absolute_url(), "一个网址", 301),
        ("/2.html", None, "一个网址", 410),
        (r"/n/(\d+)", "/a/$1", "一类网址", 301),
    }
    planned = chief.post(IMPORT, {"sheet": SimpleUploadedFile("a.xlsx", response.content)})
    assert {one.outcome for one in planned.context["planned"]} == {"不变"}


def test_a_note_in_a_sheet_leaves_the_item_where_it_is(chief: Client) -> None:
    article = cast.article()
    remember([("/1.html", article)], "old.example")
    headers = ("旧网址", "跳转到", "备注")
    response = upload(chief, [["/1.html", article.get_absolute_url(), "看过"]], headers)
    assert [one.outcome for one in response.context["planned"]] == ["改动"]
    chief.post(IMPORT, {"agreed": values(response)["agreed"]})
    row = Redirect.objects.get()
    assert (row.item, row.target, row.note, row.origin) == (article, "", "看过", "old.example")
    response = upload(chief, [["/1.html", "/jobs/", ""]])
    chief.post(IMPORT, {"agreed": values(response)["agreed"]})
    row = Redirect.objects.get()
    assert (row.item, row.target, row.origin) == (None, "/jobs/", "")


def test_a_sheet_says_what_would_never_be_answered_or_lead_nowhere(chief: Client) -> None:
    article = cast.article().get_absolute_url()
    draft = cast.hidden_articles()["draft"].get_absolute_url()
    rows = [
        *(["/l1", "/l2", ""], ["/l2", "/l1", ""], ["/services/", article, ""]),
        *(["/z", "/no/such/", ""], ["/d", draft, ""], ["/articles/tag/never/", article[:-1], ""]),
        *([article, "", "410"], ["/e", "https://other.example/x", ""]),
    ]
    planned = upload(chief, rows).context["planned"]
    found = {one.row.old: one.outcome for one in planned}
    good = ["/articles/tag/never/", "/e"]
    assert found == {row[0]: "新建" if row[0] in good else "有误" for row in rows}
    assert [one.row.target for one in planned if one.row.old == good[0]] == [article]
    says = {one.row.old: one.says for one in planned}
    assert "打得开" in says["/services/"]
    assert "/no/such/" in says["/z"]


def test_a_sheet_holds_what_the_list_shows_and_not_too_much(
    chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.redirect("/1.html", "/jobs/")
    cast.redirect("/2.html", "/jobs/", origin="old.example")
    assert "sheet/?from=hand" in chief.get(LIST, {"from": "hand"}).content.decode()
    response = chief.get(f"{LIST}sheet/", {"from": "hand"})
    book: Any = load_workbook(BytesIO(response.content))
    assert [row[0] for row in book.active.values] == ["旧网址", "/1.html"]
    monkeypatch.setattr("portal.cms.redirects.sheets.MOST_WRITTEN", 1)
    assert "请先用右边的筛选" in said(chief.get(f"{LIST}sheet/", follow=True))
