"""Who has the same form open, and who has saved meanwhile: on the page, and by its pulse."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portal.cms.revisions.models import Presence
from tests import cast
from tests.desk.forms import form_of, fresh, press, values
from tests.desk.test_autosave import ADD_PULSE, beat, pulse_of, text

pytestmark = pytest.mark.django_db

NOBODY = 'data-news="others" hidden'


def be_at(client: Client, article: Any, **message: Any) -> Any:
    """Have the form of an article open, in a tab of its own; return what its pulse is told."""
    return beat(client, pulse_of(article), **{"token": str(uuid4()), **message}).json()


def test_two_at_the_same_form_see_each_others_names(editor: Client, chief: Client) -> None:
    article = cast.draft()

    assert be_at(editor, article)["others"] == []
    assert be_at(chief, article)["others"] == ["小林"]
    assert be_at(editor, article)["others"] == ["老周"]


def test_a_form_just_opened_names_who_is_there(editor: Client, chief: Client) -> None:
    article = cast.draft()
    be_at(chief, article)

    page = text(editor.get(form_of(article)))

    assert "<b>老周</b>也打开了这一页" in page
    assert NOBODY not in page


def test_nobody_is_shown_their_own_name(editor: Client) -> None:
    article = cast.draft()
    be_at(editor, article)

    assert be_at(editor, article)["others"] == []
    assert NOBODY in text(editor.get(form_of(article)))


def test_somebody_in_two_tabs_is_named_once(editor: Client, chief: Client) -> None:
    article = cast.draft()
    be_at(chief, article)
    be_at(chief, article)

    assert be_at(editor, article)["others"] == ["老周"]


def test_at_another_form_one_is_not_here(editor: Client, chief: Client) -> None:
    article = cast.draft()
    be_at(chief, cast.draft())
    beat(chief, ADD_PULSE, token=str(uuid4()))

    assert be_at(editor, article)["others"] == []


def test_who_closes_the_page_is_gone(editor: Client, chief: Client) -> None:
    article, token = cast.draft(), str(uuid4())
    be_at(chief, article, token=token)

    be_at(chief, article, token=token, closed=True)

    assert be_at(editor, article)["others"] == []


def test_nobody_closes_somebody_elses_page(editor: Client, chief: Client) -> None:
    article, token = cast.draft(), str(uuid4())
    be_at(chief, article, token=token)

    be_at(editor, article, token=token, closed=True)

    assert be_at(editor, article)["others"] == ["老周"]


@pytest.mark.both_databases
def test_who_was_not_heard_of_for_a_minute_is_gone(editor: Client, chief: Client) -> None:
    article, token = cast.draft(), str(uuid4())
    with time_machine.travel(timezone.now() - timedelta(seconds=70), tick=False):
        be_at(chief, article, token=token)
    assert be_at(editor, article)["others"] == []

    be_at(chief, article, token=token)
    assert be_at(editor, article)["others"] == ["老周"]


def test_forms_of_yesterday_are_forgotten(editor: Client, chief: Client) -> None:
    article = cast.draft()
    with time_machine.travel(timezone.now() - timedelta(days=2)):
        be_at(chief, article)

    be_at(editor, article)

    assert [str(row) for row in Presence.objects.all()] == ["小林"]


def test_a_form_does_not_go_on_as_somebody_elses(editor: Client, chief: Client) -> None:
    """小林's login has expired; 老周 signs in, in the same browser."""
    article, token = cast.draft(), str(uuid4())
    be_at(editor, article, token=token)

    answer = beat(chief, pulse_of(article), token=token, data={"title": ["小林写的"]})

    assert answer.status_code == 403
    assert "另一个账号" in answer.json()["error"]


def test_a_new_version_is_told_of(editor: Client, chief: Client) -> None:
    article = cast.draft()
    version = int(values(editor.get(form_of(article)))["edit_version"])
    assert be_at(editor, article, version=version)["newer"] is None

    press(chief, form_of(article), "_save", title="老周的标题")

    told = be_at(editor, article, version=version)
    assert told["newer"]["by"] == "老周"
    assert re.fullmatch(r"\d\d:\d\d", told["newer"]["at"])
    assert told["version"] == fresh(article).edit_version


def test_a_change_of_a_live_page_is_a_new_version(editor: Client, chief: Client) -> None:
    article = cast.article()
    version = int(values(editor.get(form_of(article)))["edit_version"])

    press(chief, form_of(article), "_save", title="老周的修改")

    assert be_at(editor, article, version=version)["newer"]["by"] == "老周"


def test_of_a_version_of_another_day_the_day_is_told(editor: Client, chief: Client) -> None:
    article = cast.draft()
    version = int(values(editor.get(form_of(article)))["edit_version"])
    with time_machine.travel("2026-01-05 09:30+08:00"):
        press(chief, form_of(article), "_save", title="老周的标题")

    assert be_at(editor, article, version=version)["newer"]["at"] == "1月5日 09:30"


def test_ones_own_newer_version_is_called_so(editor: Client) -> None:
    article = cast.draft()
    version = int(values(editor.get(form_of(article)))["edit_version"])
    press(editor, form_of(article), "_save", title="另一个窗口里存的")

    assert be_at(editor, article, version=version)["newer"]["by"] == "您在别处"


def test_what_was_changed_without_a_revision_is_told_of_as_well(editor: Client) -> None:
    article = cast.draft(updated_by=cast.laozhou())
    version = article.edit_version
    article.save()

    assert be_at(editor, article, version=version)["newer"]["by"] == "老周"
