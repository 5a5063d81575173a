"""No order of what two people do, and no moment at which the server dies, loses a text that was sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article
from portal.cms.publishing import State
from portal.cms.revisions.models import Autosave, Event, PendingDraft, Revision
from tests import cast
from tests.desk.forms import form_of, fresh, press, values

pytestmark = pytest.mark.django_db

PRESSES = ["_save", "_publish", "_submit", "_withdraw", "_discard", "_bin"]
CHOICES = {"merge": "_merge", "mine": "_mine", "theirs": "_theirs"}
people = st.integers(0, 1)
steps = st.one_of(
    st.tuples(st.just("open"), people),
    st.tuples(st.sampled_from(PRESSES), people),
    st.tuples(st.just("unbin"), people),
    st.tuples(st.just("restore"), people),
    st.tuples(st.sampled_from([*CHOICES]), people),
    st.tuples(st.just("pulse"), people),
)


class Desk:
    """One article, two people with a form each, and all they have ever sent."""

    def __init__(self, *clients: Client) -> None:
        self.article = cast.article("最初的标题")
        self.clients = clients
        self.forms: list[dict[str, Any]] = [{}, {}]
        self.conflicts = ["", ""]
        self.sent = {"最初的标题"}
        self.pulsed: dict[str, str] = {}
        self.numbers = count(1)

    def do(self, step: str, who: int) -> None:
        client, address = self.clients[who], form_of(self.article)
        if step == "open" or not self.forms[who]:
            self.forms[who] = values(client.get(address))
        if step in PRESSES:
            self.press(client, address, step, who)
        elif step == "pulse":
            self.pulse(client, address, who)
        elif step == "unbin":
            client.post(address, {"_unbin": "1"})
        elif step == "restore":
            oldest = Revision.objects.about(self.article).order_by("pk").first()
            if oldest is not None:
                client.post(address.replace("change", f"restore/{oldest.pk}"))
        elif step in CHOICES and self.conflicts[who]:
            page = client.get(self.conflicts[who])
            client.post(self.conflicts[who], {**values(page), CHOICES[step]: "1"})
            self.conflicts[who] = ""

    def typed(self, who: int) -> dict[str, Any]:
        """The form with a title nobody has ever typed; only its version where it is read-only."""
        if "title" not in self.forms[who]:
            return {"edit_version": "0"}
        return {**self.forms[who], "title": f"第{next(self.numbers)}次打的标题"}

    def press(self, client: Client, address: str, button: str, who: int) -> None:
        typed, self.forms[who] = self.typed(who), {}
        answer = client.post(address, {**typed, button: "1"})
        if answer.status_code in (200, 302, 303):
            self.sent.discard(self.pulsed.get(typed.get("form_token", ""), ""))  # typed over
        if answer.status_code != 403 and "title" in typed:
            self.sent.add(typed["title"])
        if "conflict" in answer.headers.get("Location", ""):
            self.conflicts[who] = answer["Location"]

    def pulse(self, client: Client, address: str, who: int) -> None:
        typed = self.typed(who)
        fields = {name: v if isinstance(v, list) else [v] for name, v in typed.items()}
        beat = {"token": typed.get("form_token", str(uuid4())), "data": fields}
        answer = client.post(
            address.replace("change", "pulse"), json.dumps(beat), content_type="application/json"
        )
        if answer.status_code == 200 and "title" in typed:
            assert answer.json()["saved_at"]
            # What the same form had sent before was typed over by the person who typed it.
            self.sent.discard(self.pulsed.get(beat["token"], ""))
            self.pulsed[beat["token"]] = typed["title"]
            self.forms[who] = typed
            self.sent.add(typed["title"])

    def kept(self) -> set[str]:
        """Every title that is anywhere: on the page, in the draft, in a revision, in an autosave."""
        contents = [
            *Revision.objects.about(self.article).values_list("content", flat=True),
            *PendingDraft.objects.about(self.article).values_list("content", flat=True),
        ]
        sent = Autosave.objects.values_list("data", flat=True)
        titles = {title for data in sent for title in data.get("title", [])}
        return {content["title"] for content in contents} | {fresh(self.article).title} | titles


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(order=st.lists(steps, min_size=3, max_size=10))
def test_no_order_of_saves_loses_a_text_that_was_sent(
    editor: Client, chief: Client, order: list[tuple[str, int]]
) -> None:
    with transaction.atomic():
        desk = Desk(editor, chief)
        for step, who in order:
            desk.do(step, who)
            assert desk.sent <= desk.kept()
            article = fresh(desk.article)
            pending = PendingDraft.objects.about(article).count()
            assert pending <= (article.state in (State.LIVE, State.EXPIRED, State.SCHEDULED))
        transaction.set_rollback(True)


# --- The server dies --------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing after this statement has run."""


class KilledBefore:
    """Dies instead of sending the n-th writing statement."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if (
            sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
            and "django_session" not in sql
        ):
            self.left -= 1
            if self.left < 0:
                raise Killed
        return execute(sql, params, many, context)


def picture_of(article: Article) -> tuple[Any, ...]:
    """All there is to know about an article, its draft and its revisions."""
    pending = PendingDraft.objects.about(article).values_list("content", "status").first()
    revisions = list(Revision.objects.about(article).order_by("pk").values_list("event", "content"))
    now = fresh(article)
    return (now.title, now.status, sorted(now.tags.names()), now.edit_version, pending, revisions)


def before_each_write(client: Client, address: str, sent: dict[str, Any]) -> Iterator[bool]:
    """Send a form again and again, killed one statement later each time; True once it got through."""
    for n in count():
        with connection.execute_wrapper(KilledBefore(n)):
            try:
                with (
                    transaction.atomic()
                ):  # stands for the connection that dies with its transaction
                    client.post(address, sent)
            except Killed:
                yield False
                continue
        yield True
        return


@pytest.mark.parametrize("button", ["_save", "_publish"])
@pytest.mark.parametrize("live", [True, False])
def test_a_server_killed_at_any_statement_has_saved_all_or_nothing(
    editor: Client, button: str, live: bool
) -> None:
    article = cast.article("线上的标题") if live else cast.draft("草稿的标题")
    article.tags.add("社保")
    press(editor, form_of(article), "_save", summary="先存一次")
    sent = {**values(editor.get(form_of(article))), "title": "新的标题", "tags": "工伤"}
    before = picture_of(article)

    deaths = 0
    for through in before_each_write(editor, form_of(article), {**sent, button: "1"}):
        if not through:
            deaths += 1
            assert picture_of(article) == before

    assert deaths > 5
    after = picture_of(article)
    assert after[-1][-1][1]["title"] == "新的标题"
    published = button == "_publish"
    assert (after[0] == "新的标题") is (published or not live)
    assert after[-1][-1][0] == (Event.PUBLISHED if published else Event.SAVED)
