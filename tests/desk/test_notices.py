"""通知: who is told of what, and how they hear of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core import serializers
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.review import notices
from portal.cms.review.models import Notice
from portal.cms.revisions import actions
from portal.cms.revisions.models import Event, PendingDraft, Revision
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import act, agree, form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

PAGE = "/admin/notices/"


def told(user: User) -> list[str]:
    """What this person has been told, the latest first."""
    return [notice.text for notice in Notice.objects.filter(to=user).order_by("-pk")]


def submit(client: Client, article: Article, **changes: str) -> Article:
    press(client, form_of(article), "_submit", **changes)
    Notice.objects.all().delete()
    return fresh(article)


@pytest.fixture
def article() -> Article:
    """A draft of 小林's."""
    return cast.draft("工伤怎样认定", created_by=cast.xiaolin())


@pytest.fixture
def live() -> Article:
    """A live page of 小林's."""
    return cast.article("年假怎样折算", created_by=cast.xiaolin())


# --- Who is told of what -----------------------------------------------------------------------------


def test_who_decides_hears_that_something_was_submitted(
    editor: Client, article: Article, live: Article
) -> None:
    people = [cast.laozhou(), cast.laochen()]
    gone = cast.person("ligang", "李岗", "主编")
    gone.is_active = False
    gone.save()

    press(editor, form_of(article), "_submit")
    press(editor, form_of(live), "_submit", title="年假怎样折算（新）")

    for person in people:
        assert told(person) == [
            "小林提交了“年假怎样折算”的修改，等您审核。",
            "小林提交了“工伤怎样认定”，等您审核。",
        ]
    assert [told(person) for person in (cast.xiaolin(), cast.amin(), gone)] == [[], [], []]


def test_who_submits_their_own_kind_of_thing_is_not_told_themselves(staff: Client) -> None:
    job = cast.job("夜班质检", status="draft")

    press(staff, form_of(job), "_submit")

    assert told(cast.amin()) == []
    assert told(cast.laozhou()) == []


def test_a_save_tells_nobody(
    editor: Client, chief: Client, article: Article, live: Article
) -> None:
    press(editor, form_of(article), "_save", title="改了一半")
    press(chief, form_of(live), "_save", title="也改了一半")

    assert not Notice.objects.exists()


def test_the_author_and_who_took_part_hear_what_went_back_and_why(
    editor: Client, chief: Client, trainee: Client, article: Article
) -> None:
    trainee_user = User.objects.get(username="xiaowu")
    press(trainee, form_of(article), "_save", review_note="我补了案例。")
    submit(editor, article)

    press(chief, form_of(article), "_send_back", review_note="案例没有出处。")

    for person in (cast.xiaolin(), trainee_user):
        assert told(person) == ["老周退回了“工伤怎样认定”：案例没有出处。"]
    assert told(cast.laozhou()) == []


def test_a_change_that_went_back_is_named_so(editor: Client, chief: Client, live: Article) -> None:
    submit(editor, live, title="年假怎样折算（新）")

    press(chief, form_of(live), "_send_back", review_note="标题里不要括号。")

    assert told(cast.xiaolin()) == ["老周退回了“年假怎样折算”的修改：标题里不要括号。"]


def test_who_submitted_a_change_hears_that_it_was_discarded(
    editor: Client, chief: Client, live: Article
) -> None:
    submit(editor, live, title="年假怎样折算（新）")

    agree(chief, form_of(live), "_discard")

    assert told(cast.xiaolin()) == [
        "老周放弃了您提交的“年假怎样折算”的修改；内容在“修改历史”里仍可找回。"
    ]
    assert told(cast.laozhou()) == []


def test_who_discards_an_own_change_or_one_nobody_submitted_tells_nobody(
    editor: Client, chief: Client, live: Article
) -> None:
    submit(editor, live, title="自己提交的")
    agree(editor, form_of(live), "_discard")
    press(editor, form_of(live), "_save", title="还没提交的")
    agree(chief, form_of(live), "_discard")

    assert not Notice.objects.exists()


def test_a_comment_is_heard_by_who_has_a_part_in_the_item(
    editor: Client, chief: Client, owner: Client, article: Article
) -> None:
    address = url("articles_article", "comment", article.pk)
    chief.post(address, {"review_note": "引言太长。"})
    assert told(cast.xiaolin()) == ["老周对“工伤怎样认定”说：引言太长。"]
    assert told(cast.laozhou()) == []
    Notice.objects.all().delete()

    owner.post(address, {"review_note": "同意。"})

    assert told(cast.laozhou()) == told(cast.xiaolin()) == ["老陈对“工伤怎样认定”说：同意。"]
    assert told(cast.laochen()) == []


def test_a_long_comment_is_cut_in_the_notice_and_nowhere_else(
    editor: Client, chief: Client
) -> None:
    article = cast.draft("长" * 200, created_by=cast.xiaolin())
    address = url("articles_article", "comment", article.pk)

    chief.post(address, {"review_note": "改" * 1999 + "完"})

    (text,) = told(cast.xiaolin())
    assert text.startswith(f"老周对“{'长' * 59}…”说：改改")
    assert len(text) == 300
    assert "改完</p>" in editor.get(form_of(article)).content.decode()


def test_who_submitted_hears_that_it_was_published(
    editor: Client, chief: Client, article: Article, live: Article
) -> None:
    submit(editor, article)
    submit(editor, live, title="年假怎样折算（新）")

    press(chief, form_of(article), "_publish", title="工伤认定三步")
    act(chief, "/admin/articles/article/", "publish_selected", live)

    assert told(cast.xiaolin()) == [
        "老周发布了您提交的“年假怎样折算（新）”。",
        "老周发布了您提交的“工伤认定三步”。",
    ]
    assert told(cast.laozhou()) == []


@pytest.mark.both_databases
def test_what_was_not_submitted_or_went_back_since_tells_nobody(
    editor: Client, chief: Client, article: Article, live: Article
) -> None:
    submit(editor, article)
    press(chief, form_of(article), "_send_back", review_note="再改。")
    Notice.objects.all().delete()

    press(chief, form_of(article), "_publish")
    press(chief, form_of(live), "_publish", title="老周自己改的")

    assert not Notice.objects.exists()


def test_what_one_publishes_oneself_is_no_news(editor: Client, article: Article) -> None:
    submit(editor, article)

    press(editor, form_of(article), "_publish")

    assert told(cast.xiaolin()) == []


def test_who_submitted_hears_when_it_will_go_live(
    editor: Client, chief: Client, article: Article
) -> None:
    submit(editor, article)
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        press(
            chief,
            form_of(article),
            "_publish",
            go_live_at_0="2026-11-25",
            go_live_at_1="09:00",
        )

    assert told(cast.xiaolin()) == ["老周通过了您提交的“工伤怎样认定”，11月25日 09:00自动上线。"]


def test_who_submitted_a_change_hears_when_it_will_take_effect_and_that_it_did(
    editor: Client, chief: Client
) -> None:
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        live = cast.article("年假怎样折算", created_by=cast.xiaolin())
        submit(editor, live, title="年假怎样折算（新）")
        at = {"apply_at_0": "2026-11-25", "apply_at_1": "09:00"}
        press(chief, form_of(live), "_publish", **at)
    with time_machine.travel("2026-11-25T09:00:01+08:00", tick=False):
        actions.apply_due()

    assert fresh(live).title == "年假怎样折算（新）"
    assert told(cast.xiaolin()) == [
        "您提交的“年假怎样折算（新）”的修改已按时生效。",
        "老周通过了您提交的“年假怎样折算”的修改，11月25日 09:00自动生效。",
    ]


def test_a_change_that_could_not_take_effect_is_told_once_to_who_wrote_and_who_scheduled_it(
    editor: Client, chief: Client
) -> None:
    with time_machine.travel("2026-11-23T09:00:00+08:00", tick=False):
        live = cast.article("年假怎样折算", created_by=cast.xiaolin())
        press(editor, form_of(live), "_save", title="年假怎样折算（新）")
        at = {"apply_at_0": "2026-11-25", "apply_at_1": "09:00"}
        press(chief, form_of(live), "_publish", **at)
        draft = PendingDraft.objects.get()
        PendingDraft.objects.update(content={**draft.content, "category": 999})
    with time_machine.travel("2026-11-25T09:00:01+08:00", tick=False):
        for _ in range(2):
            actions.apply_due()
        for person in (cast.xiaolin(), cast.laozhou()):
            (text,) = told(person)
            assert text.startswith(
                "“年假怎样折算”的修改没有按时生效（原定11月25日 09:00）：所选的“栏目”已被删除"
            )
        assert told(cast.laochen()) == []
        press(chief, form_of(live), "_submit", category=cast.category("new", "新栏目").pk)
    assert len(told(cast.xiaolin())) == 1


def test_what_did_not_happen_tells_nobody(editor: Client, chief: Client, article: Article) -> None:
    submit(editor, article, body="")

    press(chief, form_of(article), "_publish")

    assert not fresh(article).is_public
    assert not Notice.objects.exists()


@pytest.mark.both_databases
def test_the_same_sentence_is_not_left_twice_while_it_is_unread(
    editor: Client, article: Article
) -> None:
    chief = cast.laozhou()
    for _ in range(2):
        press(editor, form_of(article), "_submit")
        Article.objects.update(status="draft")
    assert len(told(chief)) == 1

    notices.see(notices.unseen(chief))
    press(editor, form_of(article), "_submit")

    assert len(told(chief)) == 2


def test_an_item_deleted_for_good_takes_its_notices_along(
    editor: Client, chief: Client, article: Article
) -> None:
    press(editor, form_of(article), "_submit")
    chief.post(url("articles_article", "comment", article.pk), {"review_note": "好。"})
    assert Notice.objects.exists()

    article.delete()

    assert not Notice.objects.exists()
    assert browser_of(cast.laozhou()).get(PAGE).status_code == 200


# --- How many are kept, and what it costs -------------------------------------------------------------


@pytest.mark.both_databases
def test_of_each_person_the_latest_are_kept(
    article: Article, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "KEPT", 3)
    people = [cast.xiaolin(), cast.laozhou()]

    for n in range(5):
        notices.tell([person.pk for person in people], article, f"第 {n} 件事", None)
    notices.tell([people[0].pk], article, "只告诉小林的事", None)

    assert told(people[0]) == ["只告诉小林的事", "第 4 件事", "第 3 件事"]
    assert told(people[1]) == ["第 4 件事", "第 3 件事", "第 2 件事"]


def test_telling_many_costs_as_much_as_telling_one(article: Article) -> None:
    people = [cast.person(f"editor{n}", f"编辑{n}", "编辑").pk for n in range(10)]
    counts = []
    for told_ids in (people[:1], people):
        with CaptureQueriesContext(connection) as queries:
            notices.tell(told_ids, article, f"告诉 {len(told_ids)} 人", None)
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert Notice.objects.count() == 11


# --- Seeing them -------------------------------------------------------------------------------------


def bell(client: Client, address: str = "/admin/") -> str:
    return str(client.get(address).context["unseen"])


def test_the_head_of_every_page_counts_what_one_has_not_seen(
    editor: Client, chief: Client, staff: Client, article: Article
) -> None:
    press(editor, form_of(article), "_submit")

    for address in ("/admin/", "/admin/articles/article/", "/admin/password_change/", PAGE):
        assert bell(chief, address) == "1"
        html = chief.get(address).content.decode()
        assert '<b>1<span class="visually-hidden"> 条未读</span></b>' in html
    assert bell(staff) == ""
    assert "条未读" not in staff.get("/admin/").content.decode()


def test_the_head_stops_counting_at_a_hundred(chief: Client, article: Article) -> None:
    person = cast.laozhou()
    Notice.objects.bulk_create(Notice(to=person, item=article, text="…") for _ in range(101))
    assert bell(chief) == "99+"


def test_opening_the_form_is_seeing_the_notices_about_its_item(
    editor: Client, chief: Client, owner: Client, article: Article
) -> None:
    other = cast.draft("另一篇")
    for item in (article, other):
        press(editor, form_of(item), "_submit")

    assert bell(chief, form_of(article)) == "1"  # already without those about this item
    assert bell(owner) == "2"
    page = chief.get(PAGE)
    seen = {line.notice.text: line.notice.seen_at is not None for line in page.context["lines"]}
    assert seen == {
        "小林提交了“工伤怎样认定”，等您审核。": True,
        "小林提交了“另一篇”，等您审核。": False,
    }


def test_the_page_lists_ones_own_newest_first_with_the_way_to_the_form(
    editor: Client, chief: Client, article: Article, live: Article
) -> None:
    job = cast.job("夜班质检", created_by=cast.laozhou())
    press(editor, form_of(article), "_submit")
    notices.tell([cast.laozhou().pk], job, "岗位的事", None)
    notices.tell([cast.xiaolin().pk], live, "小林的事", None)

    page = chief.get(PAGE)

    assert [line.url for line in page.context["lines"]] == [form_of(job), form_of(article)]
    html = page.content.decode()
    assert html.index("岗位的事") < html.index("小林提交了“工伤怎样认定”")
    assert "小林的事" not in html
    assert english_in(html) == []


def test_the_page_costs_the_same_however_many_there_are(chief: Client, article: Article) -> None:
    person = cast.laozhou()
    chief.get(PAGE)
    counts = []
    for _ in range(2):
        Notice.objects.bulk_create(Notice(to=person, item=article, text="…") for _ in range(20))
        with CaptureQueriesContext(connection) as queries:
            chief.get(PAGE)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_all_that_is_on_the_page_is_marked_as_seen(
    chief: Client, editor: Client, article: Article
) -> None:
    person = cast.laozhou()
    notices.tell([person.pk, cast.xiaolin().pk], article, "先来的", None)
    form = values(chief.get(PAGE))
    notices.tell([person.pk], article, "后来的", None)

    page = chief.post(PAGE, form, follow=True)

    assert said(page) == "都标为已读了。"
    assert bell(chief) == "1"
    assert notices.unseen(person).get().text == "后来的"
    assert bell(editor) == "1"


@pytest.mark.parametrize("newest", ["", "x", "-1", "9" * 40, "１"])
def test_nonsense_marks_nothing(chief: Client, article: Article, newest: str) -> None:
    notices.tell([cast.laozhou().pk], article, "没有看过的", None)

    assert chief.post(PAGE, {"newest": newest}).status_code == 302

    assert bell(chief) == "1"


def test_the_page_is_for_who_is_signed_in(client: Client, editor: Client) -> None:
    assert "/login/" in client.get(PAGE)["Location"]
    assert editor.put(PAGE).status_code == 405
    assert "还没有通知" in editor.get(PAGE).content.decode()
    assert "全部标为已读" not in editor.get(PAGE).content.decode()


@pytest.mark.parametrize("who", [cast.xiaolin, cast.amin])
def test_somebody_who_may_not_open_the_item_any_more_still_sees_the_page(
    who: Callable[[], User], article: Article
) -> None:
    notices.tell([who().pk], article, "一件旧事", None)

    page = browser_of(who()).get(PAGE)

    assert "一件旧事" in page.content.decode()
    assert page.context["lines"][0].notice.at > timezone.now() - timedelta(minutes=1)


def test_what_a_fixture_brings_is_told_to_nobody(article: Article) -> None:
    """What it tells of happened elsewhere, and its item may come later in the same file."""
    cast.laozhou()
    problem = {"content": {}, "base": {}, "problem": "缺少正文", "begun_by": cast.xiaolin()}
    now = timezone.now()
    rows = [
        Revision(item=article, event=Event.SUBMITTED, version=1, by=cast.xiaolin()),
        Revision(content_type_id=1, object_id=4711, event=Event.SUBMITTED, version=1),
        PendingDraft(item=article, updated_at=now, **problem),
    ]

    for row in serializers.deserialize("json", serializers.serialize("json", rows)):
        row.save()

    assert Revision.objects.count() == 2
    assert not Notice.objects.exists()
