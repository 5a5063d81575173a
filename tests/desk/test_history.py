"""修改历史: who did what when, what it changed, and back to any of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.publishing import State
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Event, PendingDraft, Revision
from tests import cast
from tests.desk.english import english_in, shown_text
from tests.desk.forms import agree, form_of, fresh, press, said, url, values
from tests.desk.pictures import picture
from tests.desk.test_stale_saves import reader

pytestmark = pytest.mark.django_db

NOON = timezone.localtime().replace(year=2026, month=3, day=2, hour=12, minute=0, second=0)


def history(item: Any) -> str:
    return url("articles_article", "history", item.pk)


def entries(client: Client, item: Any) -> list[Any]:
    return list(client.get(history(item)).context["entries"])


def saved(item: Any, by: Any, minutes: int, **changes: Any) -> None:
    """Save an item so many minutes after noon."""
    with time_machine.travel(NOON + timedelta(minutes=minutes), tick=False):
        actions.save(item, {**drafts.working_content(item), **changes}, by)


def latest(item: Any) -> Revision:
    revision = actions.latest_revision(item)
    assert revision is not None
    return revision


# --- The list ------------------------------------------------------------------------------------------


def test_the_history_tells_who_did_what_when_and_what_it_changed(editor: Client) -> None:
    article = cast.draft("原来的标题", body="<p>用工单位应当核对许可证。</p>")
    with time_machine.travel(NOON, tick=False):
        saved(article, cast.laozhou(), 0, title="老周的标题")
    saved(article, cast.xiaolin(), 1, body="<p>用工单位必须要核对许可证。</p>", pinned=True)

    text = " ".join(shown_text(editor.get(history(article)).content.decode()))

    assert "2026年3月2日 12:00 老周 保存 标题" in text
    assert "2026年3月2日 12:01 小林 保存" in text
    assert "正文 +3/−2 字、置顶" in text
    assert "此前的内容" in text


def test_what_was_never_saved_at_the_desk_has_no_history_yet(editor: Client) -> None:
    assert "还没有修改记录" in editor.get(history(cast.draft())).content.decode()


def test_saves_of_one_person_within_ten_minutes_are_one_entry(editor: Client) -> None:
    article = cast.draft()
    for minutes in (0, 4, 9, 15, 40):
        saved(article, cast.xiaolin(), minutes, title=f"第{minutes}分钟的标题")
    saved(article, cast.laozhou(), 41, title="老周的标题")
    saved(article, cast.xiaolin(), 42, title="小林又改")

    found = entries(editor, article)

    assert [(len(e.revisions), str(e.latest.by)) for e in found] == [
        (1, "小林"),
        (1, "老周"),
        (1, "小林"),
        (2, "小林"),  # 9 and 15
        (2, "小林"),  # 0 and 4
        (1, "None"),  # what was there before
    ]
    assert "其中 2 次操作" in editor.get(history(article)).content.decode()


def test_saving_and_publishing_in_one_go_is_one_entry(editor: Client) -> None:
    article = cast.draft()

    press(editor, form_of(article), "_publish", title="一次发布的标题")

    first = entries(editor, article)[0]
    assert first.latest.event == Event.PUBLISHED
    assert [revision.event for revision in first.revisions] == [Event.PUBLISHED, Event.SAVED]
    assert first.summary == "上线时间、标题"


def test_an_unchanged_save_is_no_entry(editor: Client) -> None:
    article = cast.draft()
    press(editor, form_of(article), "_save", title="改过的标题")
    before = Revision.objects.count()

    press(editor, form_of(article), "_save")

    assert Revision.objects.count() == before


def test_twenty_entries_a_page_and_older_ones_behind_a_link(editor: Client) -> None:
    article = cast.draft()
    for n in range(25):
        saved(article, cast.xiaolin(), n * 11, title=f"第 {n} 个标题")

    first = editor.get(history(article))
    second = editor.get(history(article), {"before": first.context["older"]})

    assert len(first.context["entries"]) == 20
    assert len(second.context["entries"]) == 6
    assert second.context["older"] is None
    assert "更早的记录" in first.content.decode()
    assert "回到最新" in second.content.decode()
    numbers = [e.latest.pk for page in (first, second) for e in page.context["entries"]]
    assert numbers == sorted(numbers, reverse=True)
    assert all(entry.summary == "标题" for entry in first.context["entries"])


def test_a_flood_of_saves_in_one_entry_leaves_the_older_ones_reachable(editor: Client) -> None:
    article = cast.draft()
    saved(article, cast.xiaolin(), 0, title="最早")
    Revision.objects.bulk_create(
        Revision(item=article, event=Event.SAVED, version=9, by=cast.laozhou(), at=NOON)
        for _ in range(310)
    )

    older = editor.get(history(article)).context["older"]

    assert older is not None
    rest = editor.get(history(article), {"before": older}).context["entries"]
    assert {str(entry.latest.by) for entry in rest} == {"老周", "小林", "None"}


def test_a_text_that_came_too_late_is_marked_and_leads_to_its_page(
    editor: Client, chief: Client
) -> None:
    article = cast.draft()
    typed = {**values(editor.get(form_of(article))), "title": "小林的标题", "_save": "1"}
    press(chief, form_of(article), "_save", title="老周的标题")
    conflict = editor.post(form_of(article), typed)["Location"]

    text = editor.get(history(article)).content.decode()

    assert "没有存入的文字" in text
    assert f'href="{conflict}"' in text


def test_notes_are_shown(chief: Client) -> None:
    article = cast.draft()
    actions.record(article, Event.SENT_BACK, cast.laozhou(), note="请补上出处。")

    assert "请补上出处。" in chief.get(history(article)).content.decode()


def test_what_is_there_now_is_not_offered_for_restoring(editor: Client) -> None:
    article = cast.draft("原来的标题")
    saved(article, cast.xiaolin(), 0, title="现在的标题")

    text = editor.get(history(article)).content.decode()

    assert "与现在的内容相同" in text
    assert text.count("恢复为草稿") == 1


def test_a_history_costs_the_same_for_any_number_of_entries(
    editor: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """What is due, session, person, two for rights; the item, its revisions, the contents of those
    shown, what is there now with its tags; profile, demo, notices.
    """
    article = cast.draft()
    saved(article, cast.xiaolin(), 0, title="第一次")
    editor.get(history(article))

    with django_assert_num_queries(13):
        editor.get(history(article))
    for n in range(1, 30):
        saved(article, cast.xiaolin(), n * 11, title=f"第 {n} 个标题")
    with django_assert_num_queries(13):
        editor.get(history(article))


# --- One version ---------------------------------------------------------------------------------------


def test_a_version_is_shown_with_its_fields_and_its_text(editor: Client) -> None:
    file = picture(title="厂区大门")
    body = f'<p>正文<strong>重点</strong></p><figure><img data-file="{file.pk}" src="/x" alt="门"></figure>'
    article = cast.draft("第一稿", tags=("社保",), body=body)
    saved(article, cast.xiaolin(), 0, title="第二稿")
    first = Revision.objects.about(article).earliest("pk")

    page = editor.get(url("articles_article", "revision", article.pk, first.pk)).content.decode()

    assert "第一稿" in page
    assert "第二稿" not in page.split("<h1>")[1].split('<dl class="version">')[1]
    assert "<strong>重点</strong>" in page
    assert 'alt="门"' in page
    for label in ("标题", "栏目", "用工政策", "标签", "社保"):
        assert label in page
    assert english_in(page, ["bianjibu"]) == []


def test_markup_in_a_version_is_shown_as_it_would_be_to_readers_and_not_run(
    editor: Client,
) -> None:
    article = cast.draft("<script>alert(1)</script>")
    content = {**drafts.working_content(article), "body": "<p onclick=x>文</p><script>y</script>"}
    revision = Revision.objects.create(item=article, event=Event.SAVED, content=content, version=1)

    for view, query in (("revision", ""), ("compare", f"?from={revision.pk}"), ("history", "")):
        args = [article.pk, revision.pk] if view == "revision" else [article.pk]
        page = editor.get(url("articles_article", view, *args) + query).content.decode()
        assert "<script>alert" not in page
        assert "onclick" not in page
        assert "<script>y" not in page


# --- Back to an old version ------------------------------------------------------------------------------


def restore(client: Client, item: Any, revision: Revision) -> Any:
    return client.post(url("articles_article", "restore", item.pk, revision.pk))


def test_an_old_version_of_a_draft_comes_back(editor: Client) -> None:
    article = cast.draft("第一稿", tags=("社保",))
    saved(article, cast.laozhou(), 0, title="第二稿", tags=[])
    first = Revision.objects.about(article).earliest("pk")

    answer = restore(editor, article, first)

    assert answer["Location"] == form_of(article)
    assert fresh(article).title == "第一稿"
    assert list(fresh(article).tags.names()) == ["社保"]
    assert "已恢复" in said(editor.get(form_of(article)))
    assert (latest(article).event, latest(article).by) == (Event.RESTORED, cast.xiaolin())


def test_an_old_version_of_what_is_live_comes_back_as_a_draft(editor: Client) -> None:
    article = cast.article("第一版")
    saved(article, cast.laozhou(), 0, title="第二版")
    actions.publish(article, cast.laozhou())
    first = Revision.objects.about(article).earliest("pk")

    restore(editor, article, first)

    assert fresh(article).title == "第二版"
    assert fresh(article).state == State.LIVE
    assert PendingDraft.objects.about(article).get().content["title"] == "第一版"


def test_what_is_there_already_needs_no_restoring(editor: Client) -> None:
    article = cast.draft("第一稿")
    saved(article, cast.laozhou(), 0, title="第二稿")
    before = Revision.objects.count()

    answer = restore(editor, article, latest(article))

    assert "这一版与现在的内容相同" in said(editor.get(answer["Location"]))
    assert Revision.objects.count() == before


def test_what_can_no_longer_be_stored_says_why(editor: Client) -> None:
    gone = cast.category("gone", "要撤的栏目")
    article = cast.draft("第一稿", category=gone)
    saved(article, cast.laozhou(), 0, category=cast.category().pk)
    gone.delete()

    answer = restore(editor, article, Revision.objects.about(article).earliest("pk"))

    text = said(editor.get(answer["Location"]))
    assert "没有恢复" in text
    assert fresh(article).category == cast.category()


def test_nothing_comes_back_into_the_bin(editor: Client) -> None:
    article = cast.draft("第一稿")
    saved(article, cast.laozhou(), 0, title="第二稿")
    first = Revision.objects.about(article).earliest("pk")
    actions.bin(article, cast.laozhou())

    page = editor.get(history(article)).content.decode()
    answer = restore(editor, article, first)

    assert "恢复为草稿" not in page
    assert "没有恢复：这条内容在回收站里" in said(editor.get(answer["Location"]))
    assert fresh(article).title == "第二稿"


# --- Who may, and what is there ----------------------------------------------------------------------------


@pytest.fixture
def article() -> Article:
    article = cast.draft("第一稿")
    saved(article, cast.laozhou(), 0, title="第二稿")
    return article


def test_strangers_sign_in_and_others_are_refused(article: Article, staff: Client) -> None:
    number = latest(article).pk
    for address in (history(article), url("articles_article", "revision", article.pk, number)):
        assert Client().get(address).status_code == 302
        assert staff.get(address).status_code == 403
    assert restore(Client(), article, latest(article)).status_code == 302
    assert restore(staff, article, latest(article)).status_code == 403


def test_who_may_only_look_reads_the_history_and_restores_nothing(article: Article) -> None:
    client = reader("view_article")
    first = Revision.objects.about(article).earliest("pk")

    text = client.get(history(article)).content.decode()

    assert "老周" in text
    assert "恢复为草稿" not in text
    assert restore(client, article, first).status_code == 403
    assert fresh(article).title == "第二稿"


@pytest.mark.parametrize("number", ["0", "999999", "x", "１", "9" * 30])
def test_versions_that_are_not_there_are_not_found(
    editor: Client, article: Article, number: str
) -> None:
    assert editor.get(history(article), {"before": number}).status_code == 404
    for view in ("revision", "restore"):
        address = url("articles_article", view, article.pk, number)
        send = editor.post if view == "restore" else editor.get
        assert send(address).status_code == 404


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_items_that_are_not_there_are_not_found(editor: Client, number: str) -> None:
    assert editor.get(url("articles_article", "history", number)).status_code == 404


def test_the_version_of_another_item_is_not_found(editor: Client, article: Article) -> None:
    other = cast.draft()

    assert restore(editor, other, latest(article)).status_code == 404


def test_other_methods_are_refused(editor: Client, article: Article) -> None:
    number = latest(article).pk
    assert editor.post(history(article)).status_code == 405
    assert editor.post(url("articles_article", "revision", article.pk, number)).status_code == 405
    assert editor.get(url("articles_article", "restore", article.pk, number)).status_code == 405


def test_histories_speak_chinese(editor: Client) -> None:
    article = cast.article("线上的标题")
    for button in ("_save", "_submit", "_discard"):
        agree(editor, form_of(article), button, title=f"改成{button.strip('_')}")
    typed = ["bianjibu", "save", "submit", "discard"]

    assert english_in(editor.get(history(article)).content.decode(), typed) == []
