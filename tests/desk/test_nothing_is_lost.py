"""No order of what two people do, and no moment at which the server dies, loses a text that was sent."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article
from portal.cms.admin.verbs import ASKING, CONFIRMED
from portal.cms.preview import Preview
from portal.cms.publishing import Status
from portal.cms.revisions.models import Autosave, Event, PendingDraft, Revision
from portal.cms.site import SiteProfile
from portal.transfer.articles import import_articles
from portal.transfer.report import Outcome
from tests import cast
from tests.desk.forms import form_of, fresh, press, say_yes, url, values

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/articles/article/"
# A run of the tests tries the same orders each time; `EXAMPLES=2000` tries others, and more.
EXAMPLES = int(os.environ.get("EXAMPLES", "0"))

OFFERED = re.compile(r'<button type="submit" name="(_\w+)"')
STARTS: dict[str, dict[str, Any]] = {
    "live": cast.live(5),
    "draft": {"status": Status.DRAFT, "go_live_at": None, "first_published_at": None},
    "scheduled": cast.live(-20),
}
QUESTIONS = tuple(f"/{verb.page}/" for verb in ASKING)
BULK = ["发布", "下线", "移入回收站", "恢复"]
STEPS = [
    *["press"] * 6,
    *["press_for_later"] * 2,
    *["pulse"] * 2,
    *["open", "put_back", "choose", "restore", "bulk", "arrive", "sheet", "rule", "right"],
]


class Desk:
    """One article, two people with a form each, and every text that was ever sent.

    Each sending has a title, a text and a tag that are nobody else's, and each must be found again.
    """

    def __init__(self, start: str, clock: time_machine.Traveller, *clients: Client) -> None:
        self.clock, self.clients = clock, clients
        self.numbers = count(1)
        self.imported = self.texts("最初")
        title, body, tag = self.imported
        self.article = cast.article(title, (tag,), body=body, legacy_id="77", **STARTS[start])
        self.sent = set(self.imported)
        self.pages: list[str] = ["", ""]
        self.forms: list[dict[str, Any]] = [{}, {}]
        self.conflicts = ["", ""]
        # By form: the texts that whoever types there is going to type over.
        self.unsaved: dict[str, set[str]] = {}

    @staticmethod
    def texts(mark: str) -> list[str]:
        return [f"{mark}的标题", f"<p>{mark}的正文。</p>", f"{mark}的标签"]

    def do(self, step: str, who: int, choice: int) -> None:
        if not self.forms[who]:
            self.open(who, choice)
        getattr(self, step)(who, choice)

    # --- At the form ---

    def open(self, who: int, choice: int) -> None:
        self.show(who, self.clients[who].get(form_of(self.article)))

    def show(self, who: int, answer: Any) -> None:
        assert answer.status_code == 200
        self.pages[who], self.forms[who] = answer.content.decode(), values(answer)

    def typed(self, who: int) -> dict[str, Any]:
        """What stands in the form once it has been typed over; of a read-only one, what there is."""
        form = self.forms[who]
        if "title" not in form:
            return form
        words = zip(("title", "body", "tags"), self.texts(f"第{next(self.numbers)}次"), strict=True)
        return {**form, **dict(words)}

    def has_sent(self, form: dict[str, Any]) -> set[str]:
        """Note what a form sent: it takes the place of what the same form had sent before."""
        self.sent -= self.unsaved.pop(form.get("form_token", ""), set())
        texts = {form[name] for name in ("title", "body", "tags") if name in form}
        self.sent |= texts
        return texts

    def press(self, who: int, choice: int, **dates: str) -> None:
        """Press one of the buttons that the form offered when it was opened."""
        offered = OFFERED.findall(self.pages[who])
        if not offered:
            return
        button = offered[choice % len(offered)]
        form = {**self.typed(who), **dates}
        answer = self.clients[who].post(form_of(self.article), {**form, button: "1"})
        assert answer.status_code in (200, 302, 303), button  # a bare refusal would lose the text
        if button in ("_unbin", "_copy"):
            self.forms[who] = {}  # these two are about what is stored, and say so
            return
        texts = self.has_sent(form)
        if button == "_preview":
            self.unsaved[form["form_token"]] = texts
            return  # the form is still open
        self.forms[who] = {}
        if "/conflict/" in answer.headers.get("Location", ""):
            self.conflicts[who] = answer["Location"]
        if answer.headers.get("Location", "").endswith(QUESTIONS) and choice % 2:
            say_yes(self.clients[who], answer["Location"])

    def press_for_later(self, who: int, choice: int) -> None:
        """Press a button with a moment to come: of the change, or of the article."""
        moment = timezone.localtime() + timedelta(minutes=10)
        field = "apply_at" if "apply_at_0" in self.forms[who] else "go_live_at"
        self.press(
            who, choice, **{f"{field}_0": f"{moment:%Y-%m-%d}", f"{field}_1": f"{moment:%H:%M}"}
        )

    def pulse(self, who: int, choice: int) -> None:
        form = self.typed(who)
        token = form.setdefault("form_token", str(uuid4()))
        fields = {name: v if isinstance(v, list) else [v] for name, v in form.items()}
        address = url("articles_article", "pulse", self.article.pk)
        beat = json.dumps({"token": token, "data": fields})
        answer = self.clients[who].post(address, beat, content_type="application/json")
        assert answer.json()["saved_at"]
        self.unsaved[token] = self.has_sent(form)
        self.forms[who] = form

    def put_back(self, who: int, choice: int) -> None:
        """Take what was left in one of this person's forms into a form of its own."""
        user = [cast.xiaolin, cast.laozhou][who]()
        tokens = [str(row.token) for row in Autosave.objects.filter(user=user).order_by("pk")]
        if tokens and "title" in self.forms[who]:
            token = tokens[choice % len(tokens)]
            answer = self.clients[who].post(form_of(self.article), {"_put_back": token})
            if answer.status_code == 302:  # saved since: its row is empty
                self.open(who, choice)
                return
            self.show(who, answer)
            here = self.forms[who].get("form_token", "")
            self.unsaved[here] = self.unsaved.get(here, set()) | self.unsaved.pop(token, set())

    # --- Around it ---

    def choose(self, who: int, choice: int) -> None:
        """Decide about a text that came too late."""
        if address := self.conflicts[who]:
            page = self.clients[who].get(address)
            self.clients[who].post(
                address, {**values(page), ["_merge", "_mine", "_theirs"][choice % 3]: "1"}
            )
            self.conflicts[who] = ""

    def restore(self, who: int, choice: int) -> None:
        revisions = list(Revision.objects.about(self.article).order_by("pk"))
        if revisions:
            pk = revisions[choice % len(revisions)].pk
            self.clients[who].post(url("articles_article", "restore", self.article.pk, pk))

    def bulk(self, who: int, choice: int) -> None:
        """Tick the article in the list."""
        label = BULK[choice % len(BULK)]
        known: Any = admin.site.get_model_admin(Article).actions
        names = {action.short_description: action.__name__ for action in known}
        ticked = {"action": names[label], "_selected_action": self.article.pk, "index": 0}
        query = "?state=deleted" if label == "恢复" else ""
        answer = self.clients[who].post(LIST + query, {**ticked, "confirmed": "1"})
        assert answer.status_code in (200, 302)

    def arrive(self, who: int, choice: int) -> None:
        """Time goes by; then a stranger comes, who has what is due applied."""
        self.clock.shift(timedelta(minutes=15))
        assert Client().get(self.article.get_absolute_url()).status_code in (200, 404, 410)

    def sheet(self, who: int, choice: int) -> None:
        """Import a sheet that has the article once more: over what it, or another, brought before."""
        texts = self.texts(f"第{next(self.numbers)}次")
        row = dict(zip(("标题", "正文", "标签"), texts, strict=True)) | {"编号": "77"}
        (entry,) = import_articles([(1, row)]).entries
        if entry.outcome == Outcome.CHANGED:
            self.sent -= set(self.imported)
            self.sent |= set(texts)
            self.imported = texts

    def rule(self, who: int, choice: int) -> None:
        """Have the site ask for review, or ask no more."""
        profile = SiteProfile.load()
        profile.review_required = not profile.review_required
        profile.save()

    def right(self, who: int, choice: int) -> None:
        """Take this person's right to publish away, or give it back."""
        user, name = [(cast.xiaolin(), "编辑"), (cast.laozhou(), "主编")][who]
        rights = ["add_article", "change_article", "view_article"]
        if user.groups.exists():
            user.groups.clear()
            user.user_permissions.set(Permission.objects.filter(codename__in=rights))
        else:
            user.groups.add(Group.objects.get(name=name))

    # --- What there is ---

    def lost(self) -> set[str]:
        """Return what is nowhere: not on the page, nor in a draft, a revision, an autosave, a look."""
        article = fresh(self.article)
        places = [article.title, article.body, *article.tags.names()]
        for kind in (Revision, PendingDraft, Preview):
            contents = kind.objects.about(article).values_list("content", flat=True)
            places += [json.dumps(content, ensure_ascii=False) for content in contents]
        typed = Autosave.objects.values_list("data", flat=True)
        places += [json.dumps(data, ensure_ascii=False) for data in typed]
        everywhere = "\n".join(places)
        return {text for text in self.sent if text not in everywhere}


@settings(
    max_examples=EXAMPLES or 10,
    derandomize=not EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    start=st.sampled_from([*STARTS]),
    order=st.lists(
        st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.integers(0, 59)),
        min_size=3,
        max_size=7,
    ),
)
def test_no_order_of_saves_loses_a_text_that_was_sent(
    editor: Client, chief: Client, start: str, order: list[tuple[str, int, int]]
) -> None:
    with transaction.atomic(), time_machine.travel(timezone.now(), tick=False) as clock:
        desk = Desk(start, clock, editor, chief)
        for step, who, choice in order:
            desk.do(step, who, choice)
            assert desk.lost() == set()
            article = fresh(desk.article)
            drafts = PendingDraft.objects.about(article).count()
            assert drafts <= (article.status == Status.PUBLISHED and article.deleted_at is None)
        transaction.set_rollback(True)


# --- The server dies --------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process is gone: nothing after this statement has run, and nobody catches it."""


class KilledBefore:
    """Dies instead of sending the n-th writing statement."""

    def __init__(self, n: int) -> None:
        self.left = n

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE", "DELETE")) and "django_session" not in sql:
            self.left -= 1
            if self.left < 0:
                raise Killed
        return execute(sql, params, many, context)


def everything() -> dict[str, list[Any]]:
    """Return every row there is of the site's own: articles, drafts, revisions, autosaves, notices, log."""
    labels = {"admin", "articles", "cms", "staffing", "taggit"}
    models = [model for model in apps.get_models() if model._meta.app_label in labels]
    rows: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:  # past the models, which would cost more than what is tried
        for table in (model._meta.db_table for model in models):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - a name of ours
            rows[table] = sorted(cursor.fetchall(), key=repr)
    return rows


Send = Callable[[], Any]


def live(client: Client) -> Article:
    """A live article with a draft."""
    article = cast.article("线上的标题", tags=("社保",))
    press(client, form_of(article), "_save", summary="先存一次")
    return article


def draft(client: Client) -> Article:
    return cast.draft("草稿的标题")


def pressing(
    button: str, make: Callable[[Client], Article], **dates: str
) -> Callable[[Client], Send]:
    """Return what types into the form, with a text kept of it already, and is about to press a button."""

    def typing(client: Client) -> Send:
        address = form_of(make(client))
        sent = {**values(client.get(address)), **dates, "title": "新的标题", "tags": "工伤"}
        beat = json.dumps({"token": sent["form_token"], "data": {"title": ["新的标题"]}})
        client.post(address.replace("change", "pulse"), beat, content_type="application/json")
        return lambda: client.post(address, {**sent, button: CONFIRMED})

    return typing


def binning_what_is_live(client: Client) -> Send:
    address = url("articles_article", "bin", live(client).pk)
    agreed = values(client.get(address))
    return lambda: client.post(address, agreed)


def taking_out_of_the_bin(client: Client) -> Send:
    article = draft(client)
    press(client, form_of(article), "_bin")
    return lambda: client.post(form_of(article), {"_unbin": "1"})


def going_back_to_an_old_version(client: Client) -> Send:
    article = live(client)
    first = Revision.objects.about(article).order_by("pk").first()
    assert first is not None
    address = url("articles_article", "restore", article.pk, first.pk)
    return lambda: client.post(address)


def merging_what_came_too_late(client: Client) -> Send:
    article = draft(client)
    opened = values(client.get(form_of(article)))
    press(client, form_of(article), "_save", title="先到的标题")
    late = client.post(form_of(article), {**opened, "summary": "后到的摘要", "_save": "1"})[
        "Location"
    ]
    chosen = {**values(client.get(late)), "_merge": "1"}
    return lambda: client.post(late, chosen)


LATER = {"apply_at_0": "2030-01-01", "apply_at_1": "12:00"}


def coming_when_a_change_is_due(client: Client) -> Send:
    article = live(client)
    press(client, form_of(article), "_publish", title="到点的标题", tags="工伤", **LATER)

    def coming() -> None:
        with time_machine.travel("2030-01-01T12:00:01+08:00", tick=False):
            assert "到点的标题" in Client().get(article.get_absolute_url()).content.decode()

    return coming


DEEDS: dict[str, tuple[Callable[[Client], Send], Event]] = {
    "saving a draft": (pressing("_save", draft), Event.SAVED),
    "saving a change": (pressing("_save", live), Event.SAVED),
    "publishing a draft": (pressing("_publish", draft), Event.PUBLISHED),
    "publishing a change": (pressing("_publish", live), Event.PUBLISHED),
    "scheduling a change": (pressing("_publish", live, **LATER), Event.SCHEDULED),
    "withdrawing": (pressing("_withdraw", live), Event.WITHDRAWN),
    "binning a draft": (pressing("_bin", draft), Event.BINNED),
    "binning what is live": (binning_what_is_live, Event.BINNED),
    "taking out of the bin": (taking_out_of_the_bin, Event.UNBINNED),
    "going back to an old version": (going_back_to_an_old_version, Event.RESTORED),
    "merging what came too late": (merging_what_came_too_late, Event.MERGED),
    "coming when a change is due": (coming_when_a_change_is_due, Event.APPLIED),
}


def before_each_write(send: Send) -> Iterator[bool]:
    """Send again and again, killed one statement later each time; True once it got through.

    On PostgreSQL three later: the transactions are the same lines, and SQLite has tried each.
    """
    for n in count(step=1 if connection.vendor == "sqlite" or "EVERYTHING" in os.environ else 3):
        with connection.execute_wrapper(KilledBefore(n)):
            try:
                send()
            except Killed:
                yield False
                continue
        yield True
        return


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("prepare", "event"), DEEDS.values(), ids=DEEDS)
def test_a_server_killed_at_any_statement_has_done_all_or_nothing(
    editor: Client, prepare: Callable[[Client], Send], event: Event
) -> None:
    # No transaction around it: what the code has committed when it dies stays committed.
    send = prepare(editor)
    before = everything()

    deaths = 0
    for through in before_each_write(send):
        if not through:
            deaths += 1
            assert everything() == before

    assert deaths > 1
    assert Revision.objects.latest("pk").event == event
