"""What must not wait: off the site, into the bin, no such draft; and in whose name a form is saved."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.cms.publishing import State
from portal.cms.revisions.models import Autosave, Event, PendingDraft, Revision
from tests import cast
from tests.desk.forms import agree, form_of, fresh, press, said, values

pytestmark = pytest.mark.django_db


def test_a_page_is_withdrawn_whatever_stands_in_its_form(editor: Client) -> None:
    article = cast.article("要马上撤下的页面")

    agree(editor, form_of(article), "_withdraw", title="", go_live_at_0="二月三十日")

    assert fresh(article).state == State.WITHDRAWN
    assert fresh(article).title == "要马上撤下的页面"
    assert "没有存进稿件" in said(editor.get(form_of(article)))
    kept = [row.data["go_live_at_0"] for row in Autosave.objects.all() if row.data]
    assert kept == [["二月三十日"]]


def test_a_draft_is_thrown_away_and_binned_whatever_stands_in_its_form(editor: Client) -> None:
    live, draft = cast.article(), cast.draft()
    press(editor, form_of(live), "_save", title="改到一半")

    agree(editor, form_of(live), "_discard", title="")
    press(editor, form_of(draft), "_bin", title="")

    assert not PendingDraft.objects.exists()
    assert fresh(draft).state == State.DELETED


def test_what_is_withdrawn_already_is_not_withdrawn_again(editor: Client) -> None:
    draft = cast.draft()

    agree(editor, form_of(draft), "_withdraw")

    assert fresh(draft).state == State.DRAFT


@pytest.mark.parametrize("button", ["_save", "_publish", "_submit"])
def test_a_form_sent_twice_accuses_nobody(editor: Client, button: str) -> None:
    article = cast.draft("原来的标题")
    sent = {**values(editor.get(form_of(article))), "title": "点了两次的标题", button: "1"}

    answers = [editor.post(form_of(article), sent) for _ in range(2)]

    assert [answer["Location"] for answer in answers] == [form_of(article)] * 2
    assert fresh(article).title == "点了两次的标题"
    assert not Revision.objects.filter(event=Event.REFUSED).exists()


def test_a_form_is_not_saved_in_the_name_of_who_signed_in_meanwhile(editor: Client) -> None:
    article = cast.draft("原来的标题")
    typed = {**values(editor.get(form_of(article))), "title": "小林打的字"}
    editor.force_login(cast.laozhou())

    page = editor.post(form_of(article), {**typed, "_save": "1"})

    assert "现在登录的是老周" in page.content.decode()
    assert fresh(article).title == "原来的标题"
    editor.post(form_of(article), {**values(page), "_save": "1"})
    assert fresh(article).title == "小林打的字"
