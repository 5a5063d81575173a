"""关键词内链: which words become links, and where they do not."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags
from pytest_django import DjangoAssertNumQueries

from portal.cms.keywords import preview
from portal.cms.keywords.linking import DENSITY, Linker, linker
from portal.cms.keywords.models import KeywordLink
from portal.cms.richtext.render import render
from portal.cms.search import finding
from portal.cms.search.models import Synonyms
from tests import cast
from tests.desk.english import english_in

EFFECT = "/admin/cms/keywordlink/effect/"


@pytest.fixture
def chief(client: Client) -> Client:
    """老周's browser."""
    client.force_login(cast.laozhou())
    return client


def linked(html: str, own: str = "/articles/1/", **targets: str) -> str:
    return str(render(html, Linker(targets, own)).html)


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


@pytest.mark.parametrize(
    ("word", "text", "expected"),
    [
        ("10µm", "厚10µm的", ["10µm"]),
        ("10µm", "厚10μm的", []),  # the Greek letter is another sign than the micro sign
        ("ıso认证", "ıSO认证", ["ıSO认证"]),
        ("iso认证", "ıso认证和ſiso认证", ["iso认证"]),
        ("ſmt", "SMT和ſMT", ["ſMT"]),
        ("smt", "ſmt", []),
        ("300\u212a", "300K和300\u212a的", ["300\u212a"]),  # the Kelvin sign
        ("300k", "300\u212a和300K的", ["300K"]),
        ("İso认证", "前İSO认证后", ["İSO认证"]),
        ("认证", "İİİ认证", ["认证"]),  # its small letter is two characters
        ("Ω电阻", "Ω电阻", ["Ω电阻"]),
    ],
)
def test_letters_beyond_ascii_are_what_they_are(word: str, text: str, expected: list[str]) -> None:
    html = linked(f"<p>{text}</p>", **{word: "/a/"})
    assert anchors(html) == expected
    assert strip_tags(html) == text


class Looks(dict[str, str]):
    """Counts how often it is asked for a word."""

    count = 0

    def __contains__(self, word: object) -> bool:
        self.count += 1
        return super().__contains__(word)


def test_a_long_text_costs_the_same_with_thousands_of_keywords() -> None:
    linker = Linker({f"劳务{chr(0x4E00 + n)}{'工' * (n % 3)}": "/a/" for n in range(3000)}, "/x/")
    linker.targets = looks = Looks(linker.targets)
    assert not list(linker.find("劳务甲乙" * 500))
    assert looks.count == 3 * 500  # one for each length of what begins so


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


def effect(client: Client, word: str = "经营许可", url: str = "/jobs/", **more: str) -> Any:
    return client.post(EFFECT, {"word": word, "url": url, **more})


def pages(response: Any) -> dict[str, bool]:
    return {str(page.item): page.is_linked for page in response.context["effect"].pages}


@pytest.mark.django_db
def test_an_editor_sees_what_a_keyword_would_change(chief: Client) -> None:
    cast.article("核验通知", body="<p>经营许可一年一核。</p>")
    cast.article("只在标题：经营许可", body="<h2>经营许可</h2><p>无</p>")
    cast.article("标题有经营许可", body="<p>无</p>")
    cast.draft("草稿", body="<p>经营许可</p>")
    cast.page("xuke", body="<p>经营许可</p>")

    response = effect(chief, url="/xuke/")
    assert pages(response) == {"核验通知": True, "只在标题：经营许可": False, "关于我们": False}
    assert "<mark>经营许可</mark>" in response.text
    assert "已发布页面共 4 篇" in response.text
    assert "正文里有这个词的 3 篇，全列在下面" in response.text
    assert english_in(response.text, ["laozhou"]) == []
    assert not KeywordLink.objects.exists()


@pytest.mark.both_databases
@pytest.mark.django_db
def test_what_holds_a_synonym_alone_is_no_page_with_the_word(chief: Client) -> None:
    Synonyms.objects.create(words="社保、社会保险")
    cast.article("只有同义词", body="<p>社会保险缴费。</p>")
    cast.article("有这个词", body="<p>社保缴费。</p>")

    response = effect(chief, "社保")
    assert pages(response) == {"有这个词": True}
    assert response.context["effect"].count == 1


@pytest.mark.both_databases
@pytest.mark.django_db
def test_the_beginning_of_a_longer_latin_word_is_not_the_word(chief: Client) -> None:
    cast.article("邮件", body="<p>SMTP 服务器</p>")
    cast.article("贴片", body="<p>smt 操作工</p>")
    response = effect(chief, "SMT")
    assert pages(response) == {"贴片": True}
    assert response.context["effect"].count == 1


@pytest.mark.both_databases
@pytest.mark.django_db
def test_as_many_pages_are_shown_as_hold_the_word(
    chief: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has it in the title alone comes first in a search, and takes no page's place."""
    monkeypatch.setattr(preview, "SHOWN", 3)
    for number in range(7):
        cast.article(f"标题里的经营许可 {number}", body="<p>无</p>")
        cast.article(f"正文 {number}", body="<p>经营许可</p>")

    response = effect(chief)
    assert len(pages(response)) == 3
    assert "已发布页面共 14 篇。正文里有这个词的，下面先列出 3 篇。" in response.text


@pytest.mark.django_db
def test_more_than_are_counted_is_said(chief: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "COUNTED", 3)
    for number in range(5):
        cast.article(f"正文 {number}", body="<p>经营许可</p>")
    assert "已发布页面3 篇以上。" in effect(chief).text


@pytest.mark.django_db
def test_a_word_that_is_nowhere_is_said(chief: Client) -> None:
    cast.article("标题有经营许可", body="<p>无</p>")
    text = effect(chief).text
    assert "没有哪个已发布页面的正文里有“经营许可”（标题、摘要等处有的共 1 篇）" in text
    assert "没有哪个已发布页面的正文里有“\u200b\u200b”；" in effect(chief, "\u200b\u200b").text


@pytest.mark.django_db
def test_the_form_is_posted_with_its_token_in_no_address(chief: Client) -> None:
    keyword = KeywordLink.objects.create(word="经营许可", url="/jobs/")
    form = chief.get(f"/admin/cms/keywordlink/{keyword.pk}/change/").text
    assert f'formaction="{EFFECT}"' in form
    assert "formmethod" not in form
    cast.article("核验通知", body="<p>经营许可</p>")
    assert pages(effect(chief, id=str(keyword.pk))) == {"核验通知": True}
    assert chief.get(EFFECT).headers["Location"] == "/admin/cms/keywordlink/"


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
def test_what_is_not_filled_in_is_said(chief: Client, typed: dict[str, str]) -> None:
    response = chief.post(EFFECT, typed)
    assert response.status_code == 200
    assert "请先填好关键词和网址" in response.text
    assert english_in(response.text, ["laozhou", "http(s)"]) == []


@pytest.mark.django_db
def test_a_word_too_short_or_too_long_is_refused_in_clear_words(chief: Client) -> None:
    for word, told in (("工", "关键词至少要有 2 个字"), ("工" * 31, "关键词最多 30 个字")):
        typed = {"word": word, "url": "/jobs/", "active": "on"}
        assert told in chief.post("/admin/cms/keywordlink/add/", typed).text
    assert not KeywordLink.objects.exists()


@pytest.mark.django_db
def test_who_may_not_is_refused(client: Client) -> None:
    client.force_login(cast.xiaolin())
    assert client.post(EFFECT).status_code == client.get(EFFECT).status_code == 403
    assert client.get("/admin/cms/keywordlink/").status_code == 403
    client.logout()
    assert client.post(EFFECT).status_code == client.get(EFFECT).status_code == 302


@pytest.mark.django_db
def test_one_word_leads_to_one_place(chief: Client) -> None:
    KeywordLink.objects.create(word="SMT", url="/jobs/")
    response = chief.post(
        "/admin/cms/keywordlink/add/", {"word": "smt", "url": "/services/", "active": "on"}
    )
    assert "这个关键词已经有链接了。" in response.text


@pytest.mark.django_db
def test_many_keywords_cost_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    KeywordLink.objects.bulk_create(KeywordLink(word=f"词语{n}", url=f"/a{n}/") for n in range(500))
    with django_assert_num_queries(1):
        render("<p>词语77和词语7</p>", linker("/"))
