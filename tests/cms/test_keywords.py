"""关键词内链: which words become links, and where they do not."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.keywords.linking import DENSITY, Linker
from portal.cms.keywords.models import KeywordLink
from portal.cms.richtext.render import render
from tests import cast

EFFECT = "/admin/cms/keywordlink/effect/"


def linked(html: str, own: str = "/articles/1/", **targets: str) -> str:
    keywords = [KeywordLink(word=word, url=url) for word, url in targets.items()]
    return str(render(html, Linker(keywords, own)).html)


def anchors(html: str) -> list[str]:
    return [
        part.split(">", 1)[1]
        for part in html.split("</a>")[:-1]
        for part in [part[part.rfind("<a ") :]]
    ]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>劳务派遣很常见</p>", ["劳务派遣"]),  # the longest
        ("<p>派遣和派遣</p>", ["派遣"]),  # once a page
        ("<h2>派遣</h2><p>别的</p>", []),
        ("<h2>派遣</h2><p>派遣</p>", ["派遣"]),
        ('<p><a href="/x/">劳务派遣</a></p>', ["劳务派遣"]),  # the editor's own link stays
        ("<p>s<strong>m</strong>t</p>", []),
        ("<p>SMT和smt</p>", ["SMT"]),
        ("<p>SMTP 与 aSMT</p>", []),
        ("<ul><li><p>派遣</p></li></ul>", ["派遣"]),
        ("<table><tbody><tr><td><p>派遣</p></td></tr></tbody></table>", ["派遣"]),
        ("<p>C++工程师</p>", ["C++"]),
        ("<p>A&amp;B公司</p>", ["A&amp;B"]),
        ("", []),
    ],
)
def test_words_become_links(html: str, expected: list[str]) -> None:
    targets = {"派遣": "/a/", "劳务派遣": "/b/", "smt": "/c/", "C++": "/d/", "A&B": "/e/"}
    assert anchors(linked(html, **targets)) == expected


def test_a_target_is_linked_once_whatever_the_word() -> None:
    assert anchors(linked("<p>派遣，劳务工</p>", 派遣="/a/", 劳务工="/a/")) == ["派遣"]


def test_a_page_does_not_link_to_itself_nor_a_word_within_its_own() -> None:
    html = linked("<p>劳务派遣</p>", own="/b/", 派遣="/a/", 劳务派遣="/b/#fees")
    assert anchors(html) == []


def test_no_more_than_a_few_in_a_thousand_characters() -> None:
    words = {
        f"{one}{two}": f"/{at}-{to}/"
        for at, one in enumerate("甲乙丙丁")
        for to, two in enumerate("子丑寅卯")
    }
    text = "，".join(words)
    assert len(anchors(linked(f"<p>{text}</p>", **words))) == 1
    assert len(anchors(linked(f"<p>{text}{'字' * 2000}</p>", **words))) == 2 * DENSITY


def test_links_that_leave_the_site_vouch_for_nothing() -> None:
    html = linked("<p>人社局</p>", 人社局="https://hrss.example.com/")
    assert '<a href="https://hrss.example.com/" rel="nofollow noopener">人社局</a>' in html


def test_nothing_but_links_can_be_put_in() -> None:
    html = linked("<p>派遣</p>", 派遣='/"onclick="alert(1)')
    assert "&quot;onclick=&quot;" in html or "%22" in html
    assert linked("<p>派遣</p>") == "<p>派遣</p>"


@pytest.mark.django_db
def test_articles_services_and_pages_link_them(client: Client) -> None:
    KeywordLink.objects.create(word="经营许可", url="/licences/")
    KeywordLink.objects.create(word="用工单位", url="/join/", active=False)
    article = cast.article(body="<p>用工单位应当核对经营许可。</p>")
    service = cast.service(body="<p>经营许可齐全。</p>")
    page = cast.page(body="<p>经营许可见附件。</p>")
    for item in (article, service, page):
        text = client.get(item.get_absolute_url()).text
        assert '<a href="/licences/">经营许可</a>' in text
        assert 'href="/join/">用工单位' not in text


# --- On the desk -------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_an_editor_sees_what_a_keyword_would_change(client: Client) -> None:
    client.force_login(cast.laozhou())
    cast.article("核验通知", body="<p>经营许可一年一核。</p>")
    cast.article("只在标题：经营许可", body="<h2>经营许可</h2><p>无</p>")
    cast.article("标题有经营许可", body="<p>无</p>")
    cast.draft("草稿", body="<p>经营许可</p>")
    cast.page("xuke", body="<p>经营许可</p>")

    response = client.get(EFFECT, {"word": "经营许可", "url": "/xuke/"})
    pages = {str(page.item): page.is_linked for page in response.context["effect"].pages}
    assert pages == {"核验通知": True, "只在标题：经营许可": False, "关于我们": False}
    assert "<mark>经营许可</mark>" in response.text
    assert not KeywordLink.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"word": "工", "url": "/"},
        {"word": "派遣", "url": "javascript:alert(1)"},
        {"word": "派遣", "url": "/nowhere/x/"},
        {"id": "x\0"},
    ],
)
def test_what_is_not_filled_in_is_said(client: Client, typed: dict[str, str]) -> None:
    client.force_login(cast.laozhou())
    response = client.get(EFFECT, typed)
    assert response.status_code == 200
    assert "请先填好关键词和网址" in response.text


@pytest.mark.django_db
def test_who_may_not_is_refused(client: Client) -> None:
    client.force_login(cast.xiaolin())
    assert client.get(EFFECT).status_code == 403
    assert client.get("/admin/cms/keywordlink/").status_code == 403


@pytest.mark.django_db
def test_one_word_leads_to_one_place(client: Client) -> None:
    client.force_login(cast.laozhou())
    KeywordLink.objects.create(word="SMT", url="/jobs/")
    response = client.post(
        "/admin/cms/keywordlink/add/", {"word": "smt", "url": "/services/", "active": "on"}
    )
    assert "这个关键词已经有链接了。" in response.text


@pytest.mark.django_db
def test_many_keywords_cost_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from portal.cms.keywords.linking import linker

    KeywordLink.objects.bulk_create(KeywordLink(word=f"词语{n}", url=f"/a{n}/") for n in range(500))
    with django_assert_num_queries(1):
        render("<p>词语77和词语7</p>", linker("/"))
