"""Two people in one form: neither text is lost, and none is overwritten unawares."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from articles.models import Article
from portal.cms.publishing import State
from tests import cast
from tests.desk.forms import form_of, fresh, press, values

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
ADD = f"{LIST}add/"


@pytest.fixture
def stale(chief: Client, editor: Client) -> tuple[Article, dict[str, Any]]:
    """An article 老周 saved while 小林 had it open, and what 小林 is about to send."""
    article = cast.draft("原来的标题")
    typed = {**values(editor.get(form_of(article))), "title": "小林的标题", "_save": "1"}
    press(chief, form_of(article), "_save", title="老周的标题")
    return article, typed


def test_a_stale_save_keeps_both_texts(
    editor: Client, stale: tuple[Article, dict[str, Any]]
) -> None:
    article, typed = stale

    page = editor.post(form_of(article), typed)

    assert fresh(article).title == "老周的标题"
    text = page.content.decode()
    assert "小林的标题" in text
    assert "没有保存：您打开这一页之后，老周在" in text
    assert 'target="_blank"' in text
    assert "用我的内容覆盖" in text


def test_sending_a_stale_form_again_does_not_overwrite_either(
    editor: Client, stale: tuple[Article, dict[str, Any]]
) -> None:
    article, typed = stale
    page = editor.post(form_of(article), typed)

    editor.post(form_of(article), {**values(page), "_save": "1"})

    assert fresh(article).title == "老周的标题"


def test_a_stale_save_overwrites_where_that_is_ticked(
    editor: Client, stale: tuple[Article, dict[str, Any]]
) -> None:
    article, typed = stale
    page = editor.post(form_of(article), typed)
    seen = page.context["adminform"].form.newer_version

    editor.post(form_of(article), {**values(page), "overwrite": seen, "_save": "1"})

    assert fresh(article).title == "小林的标题"


def test_overwriting_holds_for_the_version_that_was_seen(
    editor: Client, chief: Client, stale: tuple[Article, dict[str, Any]]
) -> None:
    article, typed = stale
    page = editor.post(form_of(article), typed)
    seen = page.context["adminform"].form.newer_version
    press(chief, form_of(article), "_save", title="老周又改了")

    editor.post(form_of(article), {**values(page), "overwrite": seen, "_save": "1"})

    assert fresh(article).title == "老周又改了"


@pytest.mark.parametrize("version", [None, "", "x", "-1", "999"])
def test_a_form_without_its_version_counts_as_stale(editor: Client, version: str | None) -> None:
    article = cast.draft("原来的标题")

    page = press(editor, form_of(article), "_publish", title="改", edit_version=version)

    assert "没有保存" in page.content.decode()
    assert fresh(article).title == "原来的标题"
    assert fresh(article).state == State.DRAFT


def test_reads_counted_while_a_form_is_open_are_kept(editor: Client) -> None:
    article = cast.article()
    typed = values(editor.get(form_of(article)))
    Article.objects.filter(pk=article.pk).update(read_count=7)

    editor.post(form_of(article), {**typed, "title": "改错字", "_save": "1"})

    assert fresh(article).title == "改错字"
    assert fresh(article).read_count == 7


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_moment_one_is_told(editor: Client, chief: Client) -> None:
    article = cast.draft("原来的标题")
    opened = values(editor.get(form_of(article)))
    ready = Barrier(2)

    def save(client: Client, title: str) -> bool:
        ready.wait()
        try:
            page = client.post(form_of(article), {**opened, "title": title, "_save": "1"})
        finally:
            connection.close()
        return page.status_code == 302

    with ThreadPoolExecutor() as pool:
        titles = {"小林的标题": editor, "老周的标题": chief}
        saves = {title: pool.submit(save, client, title) for title, client in titles.items()}
        saved = [title for title, done in saves.items() if done.result()]

    assert saved == [fresh(article).title]
