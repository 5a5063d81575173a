"""What a missing address finds: the words in it, and nothing for robots."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal.cms.redirects.lost import MOST, is_probe, suggest, words_of
from tests import cast

pytestmark = pytest.mark.both_databases

CHROME = 6
DUE_CHANGES = 1
# That address itself, and the patterns.
REDIRECTS = 2
# Once a second: wait little, a transaction, what is known, today's, the new one, all; and back again.
NOTED = 8


def titles(path: str) -> list[str]:
    return [item.title for item in suggest(path)]


# --- Words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/深圳劳务派遣.html", ["深圳劳务派遣"]),
        ("/news/2021/劳务派遣-比例_10/", ["劳务派遣", "比例"]),
        ("/articles/tag/社保/", ["社保"]),
        ("/labour-dispatch_guide/index.html", ["labour", "dispatch", "guide"]),
        ("/dispatch/派遣/SMT普工.asp", ["普工"]),
        ("/%E6%B4%BE%E9%81%A3", ["派遣"]),  # encoded twice
        ("/%C5%C9%C7%B2%B9%A4.htm", ["派遣工"]),  # GBK, as Django hands on what is no UTF-8
        ("/派遣-派遣/", ["派遣"]),
        ("/资讯/派遣比例/12/", ["派遣比例"]),
        ("/" + "栏目/" * 60 + "派遣.html", ["派遣"]),
        ("/articles/17/", []),
        ("/index.html", []),
        ("/a/bb/12345/", []),
        ("/%FF%FE/", []),
        ("", []),
    ],
)
def test_the_words_of_an_address(path: str, words: list[str]) -> None:
    assert words_of(path) == words


@pytest.mark.parametrize(
    "path",
    [
        "/wp-login.php", "/blog/wp-content/plugins/hello/", "/.env", "/.git/config", "/phpmyadmin/",
        "/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php", "/cgi-bin/luci/", "/backup.sql",
        "/backup.tar.gz", "/admin/login/", "/manager/html", "/actuator/health", "/shell.jsp;.png",
        "/..;/secret/", "/console/login", "/dede/login.php5", "/<script>alert", "/a//etc/passwd",
    ],
)  # fmt: skip
def test_what_robots_ask_for_has_no_words(path: str) -> None:
    assert words_of(path) == []


@given(st.one_of(st.text(), st.binary().map(quote), st.text().map(quote)))
def test_no_address_has_words_that_break_anything(path: str) -> None:
    for word in words_of("/" + path):
        assert 0 < len(word) <= 100
        assert not re.search(r"[\d\s_/%]", word)


# --- Finding -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_finds_what_the_words_name_in_every_part_of_the_site() -> None:
    cast.article("深圳劳务派遣怎样收费")
    cast.service(name="劳务派遣")
    cast.job("劳务派遣普工")
    cast.page(title="劳务派遣说明")
    cast.article("别的", body="<p>与此无关。</p>")

    found = suggest("/old/劳务派遣.html")

    assert {(item.label, item.title) for item in found} == {
        ("服务", "劳务派遣"),
        ("正在招的岗位", "劳务派遣普工"),
        ("资讯", "深圳劳务派遣怎样收费"),
        ("本站页面", "劳务派遣说明"),
    }
    assert "/services/dispatch/" in {item.url for item in found}


@pytest.mark.django_db
def test_finds_a_few_and_nothing_hidden() -> None:
    for number in range(MOST + 4):
        cast.article(f"公开的派遣{number}")
    cast.hidden_articles()

    assert len(titles("/派遣/")) == MOST
    assert all(title.startswith("公开的派遣") for title in titles("/不公开的稿/"))


# --- The page ------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/资讯/派遣比例.html", "/" + quote("派遣比例", encoding="gbk")]
)
def test_the_page_offers_what_it_found(client: Client, address: str) -> None:
    article = cast.article("派遣比例怎样计算")

    response = client.get(address)
    html = response.content.decode()

    assert response.status_code == 404
    assert f'<a href="{article.get_absolute_url()}">派遣比例怎样计算</a>' in html
    assert 'value="派遣比例"' in html


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/wp-login.php", "/a/1/", "/articles/999999/", "/old/.env"])
def test_a_robot_costs_no_search(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    cast.profile()
    cast.hotline()
    looked_up = 2 if address.startswith("/articles/") else 0
    noted = 0 if is_probe(address) else NOTED
    with django_assert_num_queries(DUE_CHANGES + looked_up + REDIRECTS + noted + CHROME):
        assert client.get(address).status_code == 404


@pytest.mark.django_db
def test_what_comes_near_is_looked_for_in_so_many_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Nothing holds the words as they stand, so that all is looked through twice, of every kind."""
    cast.profile()
    cast.hotline()
    cast.article("深圳各区劳务派遣单位")
    cast.service(name="深圳的派遣")
    cast.page(title="深圳市派遣")
    cast.job("深圳来的派遣工")
    address = "/深圳派遣.html"
    exact, near, shown = 3, 4, 7
    asked = DUE_CHANGES + REDIRECTS + NOTED + exact + near + shown + CHROME
    with django_assert_num_queries(asked):
        response = client.get(address)
    assert response.status_code == 404
    assert len(response.context["suggestions"]) == 4

    assert client.head(address)["Content-Length"] == str(len(response.content))


@pytest.mark.django_db
def test_words_that_find_nothing_are_not_offered_again(client: Client) -> None:
    cast.article("派遣比例怎样计算")

    assert 'name="q" value=""' in client.get("/量子物理.html").text
    assert 'name="q" value=""' in client.get("/paiqian-bili/").text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/" + "%C9%EE%" * 1500,
        "/" + "%E6%B4%BE" * 1200,
        "/" + "%25" * 3000,
        "/" + "a-" * 5000 + "/",
        "/%00%00/派遣%00/",
        "/" + "%F0%9F%99%82" * 800,
        "/%ED%A0%80/%FF/派",
        "/%%%/%zz/",
        "/" + "派遣-" * 1000,
    ],
)
def test_a_hostile_address_is_a_plain_404(client: Client, address: str) -> None:
    cast.article("派遣")

    assert client.get(address).status_code == 404
