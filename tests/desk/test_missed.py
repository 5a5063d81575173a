"""404 记录 at the desk: what is missing, and what is done about it."""

from __future__ import annotations

import html
import re

import pytest
from django.conf import settings
from django.test import Client

from portal.cms.redirects.counting import host_of
from portal.cms.redirects.models import MissedAddress, Redirect
from tests import cast
from tests.desk.forms import act, press, said, values

pytestmark = pytest.mark.django_db

LIST = "/admin/cms/missedaddress/"


def test_what_is_asked_for_most_comes_first_with_a_way_to_mend_it(chief: Client) -> None:
    cast.missed("/seldom.html", hits=2)
    cast.missed("/often.html", hits=90, from_host=host_of(settings.SITE_URL))
    response = chief.get(LIST)
    assert [row.path for row in response.context["cl"].result_list] == [
        "/often.html",
        "/seldom.html",
    ]
    page = response.content.decode()
    assert "本站" in page
    # Beside the address, where a telephone shows it.
    first = page.split('class="field-address"')[1]
    assert first.index("field-verb") < first.index("field-hits") < first.index("field-last")
    link = "/admin/cms/redirect/add/?old=%2Foften.html"
    assert link in page
    assert values(chief.get(link))["old"] == "/often.html"
    assert len(chief.get(LIST, {"link": "own"}).context["cl"].result_list) == 1


def test_what_is_settled_stands_last_and_counts_on(chief: Client) -> None:
    first = cast.missed("/a.html", hits=90)
    cast.missed("/b.html", hits=2)
    assert "1 个网址" in said(act(chief, LIST, "settle", first))
    rows = chief.get(LIST).context["cl"].result_list
    assert [row.path for row in rows] == ["/b.html", "/a.html"]


def test_what_is_gone_for_good_is_said_so(chief: Client, client: Client) -> None:
    gone = cast.missed("/a.html"), cast.missed("/b.html?id=3")
    act(chief, LIST, "answer_gone", *gone)
    assert not MissedAddress.objects.exists()
    assert set(Redirect.objects.values_list("code", flat=True)) == {410}
    assert client.get("/b.html?id=3").status_code == 410


def test_a_row_of_many_addresses_is_answered_as_a_class_of_them(
    chief: Client, client: Client
) -> None:
    row = cast.missed("/news/….html")
    cast.missed("/other.html")
    told = said(act(chief, LIST, "answer_gone", row))
    assert "1 行带“…”" in told
    assert not Redirect.objects.exists()
    link = re.search(r'add/\?(kind=[^"]+)"', chief.get(LIST).content.decode())
    assert link is not None
    form = f"/admin/cms/redirect/add/?{html.unescape(link[1])}"
    press(chief, form, "_save", target="/articles/")
    assert client.get("/news/1234567.html")["Location"] == "/articles/"
    assert [row.path for row in MissedAddress.objects.all()] == ["/other.html"]


def test_nothing_is_typed_here_and_only_by_who_may(chief: Client, editor: Client) -> None:
    row = cast.missed()
    assert chief.get(f"{LIST}add/").status_code == 403
    assert chief.post(f"{LIST}{row.pk}/change/", {"path": "/x"}).status_code in (302, 403)
    assert editor.get(LIST).status_code == 403


def test_an_empty_log_says_so(chief: Client) -> None:
    assert "还没有打不开的网址" in chief.get(LIST).content.decode()


def test_what_strangers_made_up_leads_nobody_to_them(chief: Client, client: Client) -> None:
    client.get("/%5Cevil.example/%E6%8B%9B%E8%81%98/<b>")
    row = MissedAddress.objects.get()
    page = chief.get(LIST).content.decode()
    assert row.path.startswith("/\\evil.example/")
    assert 'href="/%5Cevil.example/' in page
    assert "<b>" not in page.split('id="result_list"')[1]
