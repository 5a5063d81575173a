"""What makes an article pleasant to read, and easy to hand on."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from articles.models import Article
from portal.cms.preview import Preview
from portal.cms.revisions import drafts
from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.django_db

PARAGRAPH = f"<p>{'用工单位应当核对。' * 50}</p>"
LONG = "".join(f"<h2>第{n}节</h2>{PARAGRAPH}<h3>细说{n}</h3>{PARAGRAPH}" for n in "一二三")


def get(client: Client, article: Article) -> str:
    return client.get(article.get_absolute_url()).content.decode()


def test_a_long_text_has_a_table_of_contents_that_leads_to_its_sections(client: Client) -> None:
    html = get(client, cast.article(body=LONG))

    contents = re.findall(r'<nav class="toc.*?</nav>', html, re.DOTALL)
    assert len(contents) == 2, "one for phones, one beside the text"
    for nav in contents:
        links = re.findall(r'<a href="#([^"]+)">(.*?)</a>', nav)
        assert [title for _, title in links] == [
            "第一节", "细说一", "第二节", "细说二", "第三节", "细说三",
        ]  # fmt: skip
        assert all(f' id="{anchor}">{title}</h' in html for anchor, title in links)


@pytest.mark.parametrize("body", ["", "<p>一段。</p>", "<h2>一</h2><h2>二</h2><h2>三</h2>"])
def test_a_short_text_has_none(client: Client, body: str) -> None:
    assert "目录" not in get(client, cast.article(body=body))


def test_titles_in_the_contents_are_escaped(client: Client) -> None:
    body = LONG + "<h2>&lt;script&gt;alert(1)&lt;/script&gt; &amp; 其他</h2>"

    html = get(client, cast.article(body=body))

    assert html.count(">&lt;script&gt;alert(1)&lt;/script&gt; &amp; 其他</a>") == 2
    assert "<script>" not in html


def test_length_and_time_are_told_as_on_the_desk(client: Client) -> None:
    html = get(client, cast.article(body=f"<p>{'字' * 1234}，</p>"))

    assert "1,234 字，阅读约 4 分钟" in html
    assert "分钟" not in get(client, cast.article(body=""))


def test_the_page_says_its_address_and_draws_it(client: Client, settings: Settings) -> None:
    settings.SITE_URL = "https://www.our-site.example"
    article = cast.article()

    html = get(client, article)

    path = article.get_absolute_url()
    assert f'<a href="{path}">https://www.our-site.example{path}</a>' in html
    assert re.search(r'<svg viewBox="0 0 (\d+) \1" role="img" aria-label="[^"]+"><path d="M', html)


def test_a_preview_has_no_address_to_hand_on(client: Client) -> None:
    draft = cast.draft(body=LONG)
    content = drafts.working_content(draft)
    look = Preview.objects.keep(Article, draft.pk, content, cast.laochen())
    client.force_login(cast.laochen())

    html = client.get(look.get_absolute_url()).content.decode()

    assert 'class="share"' not in html
    assert html.count('" target="_self">第一节</a>') == 2, "or it would lead the desk's window away"


@pytest.mark.parametrize("with_cover", [True, False])
def test_the_lead_picture_is_fetched_first(client: Client, with_cover: bool) -> None:
    cover, shown = samples.picture("封面.jpg"), samples.picture("正文.jpg")
    figure = f'<figure><img data-file="{shown.pk}" alt=""></figure>'
    fields: dict[str, Any] = {"cover": cover, "body": f"<p>字</p>{figure}"}
    if not with_cover:
        fields = {"body": f"{figure}<p>字</p>"}

    html = get(client, cast.article(**fields))

    lead = cover if with_cover else shown
    pictures = re.findall(r"<img [^>]*fetchpriority[^>]*>", html)
    assert len(pictures) == 1
    assert str(lead.image_file.large) in pictures[0]
    assert "loading=" not in pictures[0]
    assert re.findall(r"<img (?![^>]*width=)[^>]*>", html) == []


def test_the_pictures_of_a_text_cost_one_query(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.hotline()
    words = cast.article(body=LONG)
    figure = f'<figure><img data-file="{samples.picture().pk}" alt=""></figure>'
    pictures = cast.article(body=LONG + figure * 3)

    with CaptureQueriesContext(connection) as needed:
        get(client, words)
    with django_assert_num_queries(len(needed) + 1):
        get(client, pictures)
