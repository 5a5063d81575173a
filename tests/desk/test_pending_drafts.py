"""Editing what is live: readers see nothing of it until it is published."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from portal.cms.media.models import MediaUse
from portal.cms.publishing import State
from portal.cms.revisions.models import Event, PendingDraft, Revision
from staffing.models import Faq
from tests import cast
from tests.desk.forms import act, agree, form_of, fresh, press, said, values
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"


def pending(item: Any) -> PendingDraft | None:
    draft: PendingDraft | None = PendingDraft.objects.about(item).first()
    return draft


def minute(at: Any) -> dict[str, str]:
    local = timezone.localtime(at)
    return {"apply_at_0": f"{local:%Y-%m-%d}", "apply_at_1": f"{local:%H:%M}"}


def later() -> datetime:
    return timezone.now() + timedelta(days=1)


def pending_at(item: Any) -> datetime | None:
    draft = pending(item)
    return draft.apply_at if draft is not None else None


def form_class(model_admin: Any, request: HttpRequest, item: Any) -> tuple[Any, Any]:
    """Return what a request makes the form of an item of: its class, and the item as it shows it."""
    shown = model_admin.get_object(request, str(item.pk))
    return model_admin.get_form(request, shown, change=True), shown


def test_saving_what_is_live_leaves_the_page_alone(editor: Client, client: Client) -> None:
    article = cast.article("线上的标题", tags=("社保",))

    press(editor, form_of(article), "_save", title="还没发布的标题", tags="社保、工伤")

    assert "线上的标题" in client.get(article.get_absolute_url()).content.decode()
    assert [tag.name for tag in article.tags.all()] == ["社保"]
    assert "访客看到的页面没有变化" in said(editor.get(form_of(article)))
    shown = values(editor.get(form_of(article)))
    assert shown["title"] == "还没发布的标题"
    assert set(shown["tags"].split("、")) == {"社保", "工伤"}


def test_publishing_puts_the_draft_in_the_place_of_the_page(editor: Client, client: Client) -> None:
    article = cast.article("线上的标题", tags=("社保",))
    press(editor, form_of(article), "_save", title="改好的标题", tags="工伤", body="<p>新正文</p>")

    press(editor, form_of(article), "_publish")

    page = client.get(article.get_absolute_url()).content.decode()
    assert "改好的标题" in page
    assert "新正文" in page
    assert [tag.name for tag in fresh(article).tags.all()] == ["工伤"]
    assert fresh(article).go_live_at == article.go_live_at
    assert pending(article) is None


def test_the_banner_says_whose_change_is_waiting(editor: Client, chief: Client) -> None:
    article = cast.article()
    press(editor, form_of(article), "_save", title="小林改的标题")

    page = chief.get(form_of(article)).content.decode()

    assert "修改未发布" in page
    assert "小林" in page


def test_a_change_thrown_away_is_in_the_revisions(editor: Client) -> None:
    article = cast.article("线上的标题")
    press(editor, form_of(article), "_save", title="不要了的标题")

    agree(editor, form_of(article), "_discard", title="扔掉前又打的字")

    assert pending(article) is None
    assert values(editor.get(form_of(article)))["title"] == "线上的标题"
    kept = {revision.content["title"] for revision in Revision.objects.about(article)}
    assert {"线上的标题", "不要了的标题", "扔掉前又打的字"} <= kept


def test_a_save_without_a_change_makes_neither_draft_nor_revision(editor: Client) -> None:
    article = cast.article(tags=("社保", "工伤"))

    press(editor, form_of(article), "_save")
    press(editor, form_of(article), "_publish")

    assert pending(article) is None
    assert not Revision.objects.about(article).exclude(event=Event.BASELINE).exists()
    assert fresh(article).edit_version == article.edit_version


@pytest.mark.parametrize("hole", [{"body": ""}, {"author": ""}])
def test_a_hole_may_stand_in_the_draft_but_not_on_the_page(
    editor: Client, hole: dict[str, str]
) -> None:
    article = cast.article("线上的标题")

    press(editor, form_of(article), "_publish", title="缺了一块的稿", **hole)

    assert fresh(article).title == "线上的标题"
    page = editor.get(f"{form_of(article)}?missing=1")
    assert "没有发布：发布前请" in said(page)
    assert set(page.context["adminform"].form.errors) == set(hole)
    assert values(page)["title"] == "缺了一块的稿"


def test_a_live_page_cannot_slip_off_the_site_by_its_date(editor: Client) -> None:
    article = cast.article()
    tomorrow = timezone.localtime(timezone.now() + timedelta(days=1))

    page = press(editor, form_of(article), "_publish", go_live_at_0=f"{tomorrow:%Y-%m-%d}")
    emptied = press(editor, form_of(article), "_save", go_live_at_0="", go_live_at_1="")

    assert "请填“修改生效时间”" in page.content.decode()
    assert "已发布的内容必须有上线时间" in emptied.content.decode()
    assert fresh(article).is_public


def test_the_questions_of_a_service_are_drafted_with_it(staff: Client, client: Client) -> None:
    service = cast.service(required_licence=cast.licence())
    kept = Faq.objects.create(service=service, question="多少人起？", answer="一人起。")
    dropped = Faq.objects.create(service=service, question="收押金吗？", answer="不收。")
    shown = values(staff.get(form_of(service)))
    new = {
        name.replace("-__prefix__-", "-2-"): shown[name] for name in shown if "__prefix__" in name
    }
    staff.post(
        form_of(service),
        {
            **shown,
            **new,
            "faqs-TOTAL_FORMS": "3",
            "faqs-0-answer": "五人起。",
            "faqs-1-DELETE": "on",
            "faqs-2-question": "几天到岗？",
            "faqs-2-answer": "三天。",
            "_save": "1",
        },
    )

    page = client.get(service.get_absolute_url()).content.decode()
    assert "一人起。" in page
    assert "收押金吗？" in page
    assert "几天到岗？" not in page
    again = values(staff.get(form_of(service)))
    assert (again["faqs-0-answer"], again["faqs-1-question"]) == ("五人起。", "几天到岗？")
    assert "收押金吗？" not in again.values()

    press(staff, form_of(service), "_save", summary="又改了摘要")
    press(staff, form_of(service), "_publish")

    assert list(service.faqs.values_list("question", flat=True)) == ["多少人起？", "几天到岗？"]
    kept.refresh_from_db()
    assert kept.answer == "五人起。"
    assert not Faq.objects.filter(pk=dropped.pk).exists()


def test_a_picture_that_only_the_draft_shows_is_in_use(editor: Client) -> None:
    article, cover = cast.article(), picture()
    press(editor, form_of(article), "_save", cover=cover.pk)
    assert MediaUse.objects.filter(file=cover).exists()

    agree(editor, form_of(article), "_discard")

    assert not MediaUse.objects.filter(file=cover).exists()


def test_what_changed_on_the_page_meanwhile_survives_the_draft(editor: Client) -> None:
    article = cast.article()
    press(editor, form_of(article), "_save", title="改过的标题")
    type(article).objects.filter(pk=article.pk).update(pinned=True)

    press(editor, form_of(article), "_publish")

    assert fresh(article).pinned
    assert fresh(article).title == "改过的标题"


def test_withdrawing_makes_the_draft_the_text(editor: Client) -> None:
    article = cast.article()
    press(editor, form_of(article), "_save", title="改到一半")

    agree(editor, form_of(article), "_withdraw")

    assert fresh(article).state == State.WITHDRAWN
    assert fresh(article).title == "改到一半"
    assert pending(article) is None


def test_a_category_deleted_meanwhile_is_a_sentence(editor: Client, chief: Client) -> None:
    article, gone = cast.article(), cast.category("gone", "要撤的栏目")
    press(editor, form_of(article), "_save", category=gone.pk)
    gone.delete()

    page = editor.get(form_of(article))
    assert page.status_code == 200
    press(editor, form_of(article), "_publish")

    assert fresh(article).category is not None


# --- At a moment --------------------------------------------------------------------------------------


def test_a_change_is_scheduled_from_the_form(
    editor: Client, client: Client, time_machine: Any
) -> None:
    time_machine.move_to("2026-11-24 10:00:00+08:00", tick=False)
    article = cast.article("今天的标题")
    at = timezone.now() + timedelta(hours=2)

    press(editor, form_of(article), "_publish", title="中午的标题", **minute(at))

    assert "将于2026年11月24日 12:00（北京时间）自动生效" in said(editor.get(form_of(article)))
    time_machine.move_to("2026-11-24 11:59:59+08:00", tick=False)
    assert "今天的标题" in client.get(article.get_absolute_url()).content.decode()
    time_machine.move_to("2026-11-24 12:00:01+08:00", tick=False)
    assert "中午的标题" in client.get("/articles/").content.decode()
    assert "中午的标题" in client.get(article.get_absolute_url()).content.decode()
    assert pending(article) is None
    assert Revision.objects.about(article).filter(event=Event.APPLIED).exists()


def test_the_moment_of_one_page_does_not_show_in_the_form_of_another(chief: Client) -> None:
    """A form class is made for each request, its fields are not."""
    one, other = cast.article("一篇"), cast.article("另一篇")
    model_admin: Any = admin.site._registry[Article]
    first, second = RequestFactory().get("/"), RequestFactory().get("/")
    first.user = second.user = cast.laozhou()
    press(chief, form_of(one), "_publish", title="改过的", **minute(later()))

    form, shown = form_class(model_admin, first, one)
    form_class(model_admin, second, other)

    assert form(instance=shown)["apply_at"].value() == pending_at(one)


@pytest.mark.parametrize(("button", "words"), [("_save", "定于："), ("_submit", "建议生效时间：")])
def test_the_moment_typed_is_kept_whatever_the_button(
    trainee: Client, editor: Client, button: str, words: str
) -> None:
    article, at = cast.article("今天的标题"), minute(later())

    press(trainee, form_of(article), button, title="明天的标题", **at)

    assert fresh(article).is_public
    page = editor.get(form_of(article))
    shown = page.context["adminform"].form["apply_at"].value()
    assert minute(shown) == at
    assert f"{words}{at['apply_at_0'][:4]}年" in page.content.decode()
    assert "定时发布" in [button.label for button in page.context["buttons"]]
    press(editor, form_of(article), "_publish")
    draft = pending(article)
    assert draft is not None
    assert draft.is_scheduled


def test_a_moment_taken_out_is_forgotten(editor: Client) -> None:
    article = cast.article("今天的标题")
    press(editor, form_of(article), "_save", title="改过的标题", **minute(later()))

    press(editor, form_of(article), "_save", apply_at_0="", apply_at_1="")

    assert pending_at(article) is None
    assert "定于：" not in editor.get(form_of(article)).content.decode()


def test_a_moment_without_a_change_is_answered_with_the_reason(editor: Client) -> None:
    article = cast.article()

    press(editor, form_of(article), "_publish", **minute(later()))

    message = said(editor.get(form_of(article)))
    assert "没有未发布的修改" in message
    assert "草稿" not in message


def test_a_moment_that_has_passed_is_refused_and_nothing_is_lost(editor: Client) -> None:
    article = cast.article("今天的标题")

    press(
        editor,
        form_of(article),
        "_publish",
        title="写好的标题",
        **minute(timezone.now() - timedelta(hours=1)),
    )

    page = editor.get(form_of(article))
    assert "生效时间已过" in said(page)
    assert values(page)["title"] == "写好的标题"
    assert fresh(article).title == "今天的标题"


def test_a_scheduled_change_is_called_off_or_brought_forward(editor: Client) -> None:
    article = cast.article("今天的标题")
    later = minute(timezone.now() + timedelta(days=1))
    press(editor, form_of(article), "_publish", title="明天的标题", **later)

    agree(editor, form_of(article), "_unschedule")
    draft = pending(article)
    assert draft is not None
    assert (draft.status, draft.apply_at) == (PendingDraft.Status.DRAFT, None)
    press(editor, form_of(article), "_publish", **later)
    press(editor, form_of(article), "_publish_now")

    assert fresh(article).title == "明天的标题"
    assert pending(article) is None


def test_a_scheduled_change_is_not_for_those_who_may_not_publish(
    trainee: Client, editor: Client
) -> None:
    article = cast.article("今天的标题")
    later = minute(timezone.now() + timedelta(days=1))
    press(editor, form_of(article), "_publish", title="明天的标题", **later)

    page = trainee.get(form_of(article))

    assert "已经定时发布" in page.content.decode()
    assert "title" not in values(page)


def test_a_change_that_cannot_be_applied_says_why(editor: Client, client: Client) -> None:
    service_page, other = cast.page("about", "关于我们"), cast.page("team", "团队")
    owner = editor  # pages are the chief's; the draft is made below by the kernel
    from portal.cms.revisions import actions, drafts

    content = {**drafts.working_content(service_page), "slug": "people"}
    actions.save(service_page, content, cast.laozhou())
    actions.schedule(service_page, cast.laozhou(), timezone.now() + timedelta(seconds=30))
    other.slug = "people"
    other.save()

    assert actions.apply_due(timezone.now() + timedelta(minutes=1)) == 0

    draft = pending(service_page)
    assert draft is not None
    assert "网址名" in draft.problem
    assert draft.status == PendingDraft.Status.DRAFT
    assert client.get("/about/").status_code == 200
    assert owner is editor


@pytest.mark.both_databases
def test_to_look_at_two_texts_is_not_to_lock(editor: Client) -> None:
    article = cast.article()
    stale = {**values(editor.get(form_of(article))), "title": "来晚了的标题", "_save": "1"}
    press(editor, form_of(article), "_save", title="先保存的标题")
    both = editor.post(form_of(article), stale)["Location"]

    with CaptureQueriesContext(connection) as queries:
        assert editor.get(both).status_code == 200

    assert not [query["sql"] for query in queries if "SAVEPOINT" in query["sql"]]


# --- In other hands -----------------------------------------------------------------------------------


def test_the_change_of_a_live_page_is_handed_over(chief: Client, editor: Client) -> None:
    changed, unchanged = cast.article("小林在改的页面"), cast.article("没有人改的页面")
    press(editor, form_of(changed), "_save", title="改了一半的标题")
    version = fresh(changed).edit_version

    page = act(chief, LIST, "hand_over_selected", changed, unchanged, colleague=cast.laozhou().pk)

    assert "已把 1 条草稿移交给老周" in said(page)
    draft = pending(changed)
    assert draft is not None
    assert (draft.begun_by, draft.updated_by) == (cast.laozhou(), cast.xiaolin())
    assert fresh(changed).created_by == changed.created_by
    assert fresh(changed).edit_version == version
    assert pending(unchanged) is None
