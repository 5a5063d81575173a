"""Which groups of words an editor may make."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.cms.search.finding import spellings
from portal.cms.search.models import Synonyms
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.forms import press

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

ADD = "/admin/cms/synonyms/add/"


@pytest.fixture
def chief() -> Client:
    return browser_of(cast.laozhou())


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("社、社会保险", "每个词至少两个字"),
        ("社保、！！", "每个词至少两个字"),
        ("、".join(f"叫法{number}" for number in range(13)), "一组最多 12 个词，现在有 13 个"),
        ("、".join("长" * 19 + str(n) for n in range(10)), "最多 200 个字，现在有 209 个"),
    ],
)
def test_what_a_search_cannot_use_is_refused(chief: Client, typed: str, told: str) -> None:
    assert told in press(chief, ADD, "_save", words=typed).content.decode()
    assert not Synonyms.objects.exists()


def test_no_browser_cuts_what_is_pasted(chief: Client) -> None:
    html = chief.get(ADD).content.decode()
    textarea = html[html.index("<textarea") : html.index("</textarea>")]
    assert "maxlength" not in textarea


@pytest.mark.parametrize("typed", ["社保=社会保险", "社保/社会保险", "社保｜社会保险"])
def test_other_signs_part_words_too(chief: Client, typed: str) -> None:
    press(chief, ADD, "_save", words=typed)
    assert Synonyms.objects.get().words == "社保、社会保险"


def test_latin_names_are_whole_words() -> None:
    Synonyms.objects.create(words="hr、人事")
    assert spellings(["chrome"]) == [["chrome"]]
    assert spellings(["hr经理"]) == [["hr经理", "人事经理"]]
    assert spellings(["人事经理"]) == [["人事经理", "hr经理"]]
