"""Content as data, the pending draft, and what each action leaves in the revisions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.publishing import State
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.content import apply, as_of, content_of, same, trial
from portal.cms.revisions.models import Event, PendingDraft, Revision
from staffing.models import Faq, Service
from tests import cast
from tests.desk.pictures import picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def events(item: Any) -> list[str]:
    return list(Revision.objects.about(item).order_by("pk").values_list("event", flat=True))


def reworded(item: Any, **changes: Any) -> dict[str, Any]:
    return {**drafts.working_content(item), **changes}


# --- Content -------------------------------------------------------------------------------------------


def test_content_covers_every_field_people_fill_in() -> None:
    service = cast.service(suitable=["订单高峰"], required_licence=cast.licence())
    service.districts.add(cast.district())
    Faq.objects.create(service=service, question="多少人起？", answer="一人起。")

    content = content_of(service)

    fields = [*Service._meta.concrete_fields, *Service._meta.many_to_many]
    assert set(content) == {f.name for f in fields if f.editable and not f.primary_key} | {"faqs"}
    assert content["suitable"] == ["订单高峰"]
    assert content["districts"] == [cast.district().pk]
    assert [row["question"] for row in content["faqs"]] == ["多少人起？"]


@pytest.mark.parametrize("make", [cast.article, cast.service, cast.job, cast.page])
def test_content_put_back_is_the_same_content(make: Any) -> None:
    item = make()
    content = content_of(item)

    apply(item, content)

    assert content_of(item) == content


def test_content_shown_in_memory_touches_no_row() -> None:
    article = cast.article("线上的标题", tags=("社保",))
    content = {**content_of(article), "title": "草稿的标题", "tags": ["工伤", "社保"]}

    as_of(article, content)

    assert article.title == "草稿的标题"
    assert [tag.name for tag in article.tags.all()] == ["工伤", "社保"]
    stored = Article.objects.get(pk=article.pk)
    assert stored.title == "线上的标题"
    assert [tag.name for tag in stored.tags.all()] == ["社保"]


def test_a_trial_is_undone_and_its_new_rows_have_no_number() -> None:
    service = cast.service()

    def save() -> None:
        Service.objects.filter(pk=service.pk).update(name="改过的名称")
        Faq.objects.create(service=service, question="几天到岗？", answer="三天。")

    content = trial(service, save)

    assert content["name"] == "改过的名称"
    assert [row.get("id") for row in content["faqs"]] == [None]
    assert Service.objects.get(pk=service.pk).name == "劳务派遣"
    assert not service.faqs.exists()


def test_the_same_rows_under_other_numbers_say_the_same() -> None:
    one = {"faqs": [{"id": 1, "question": "几天？"}]}

    assert same(one, {"faqs": [{"question": "几天？"}]})
    assert not same(one, {"faqs": [{"id": 1, "question": "几人？"}]})
    assert not same(one, {"faqs": []})


# --- Actions -------------------------------------------------------------------------------------------


def test_every_action_on_a_draft_leaves_a_revision() -> None:
    article, by = cast.draft(), cast.laozhou()

    actions.save(article, reworded(article, title="第二稿"), by)
    actions.submit(article, by)
    actions.send_back(article, by, note="补上出处。")
    actions.publish(article, by)
    actions.withdraw(article, by)
    actions.bin(article, by)
    actions.unbin(article, by)

    assert events(article) == [
        Event.BASELINE,
        Event.SAVED,
        Event.SUBMITTED,
        Event.SENT_BACK,
        Event.PUBLISHED,
        Event.WITHDRAWN,
        Event.BINNED,
        Event.UNBINNED,
    ]
    versions = [r.version for r in Revision.objects.about(article).order_by("pk")]
    assert versions == sorted(versions)
    assert versions[-1] == Article.objects.get(pk=article.pk).edit_version


def test_what_an_import_changed_is_remembered_before_it_is_edited() -> None:
    article, by = cast.draft(), cast.laozhou()
    actions.save(article, reworded(article, title="编辑的标题"), by)
    Article.objects.filter(pk=article.pk).update(title="导入的标题")
    article.refresh_from_db()

    actions.save(article, reworded(article, title="又改的标题"), by)

    titles = [r.content["title"] for r in Revision.objects.about(article).order_by("pk")]
    assert titles == ["还没有写完的草稿", "编辑的标题", "导入的标题", "又改的标题"]


def test_an_old_version_comes_back_as_a_draft_with_the_dates_of_today() -> None:
    article, by = cast.article("最初的标题"), cast.laozhou()
    actions.save(article, reworded(article, title="改过的标题"), by)
    actions.publish(article, by)
    first = Revision.objects.about(article).order_by("pk").first()
    assert first is not None
    end = timezone.now() + timedelta(days=9)
    article.expire_at = end
    article.save()

    actions.restore(article, first, by)

    assert article.title == "改过的标题"
    draft = PendingDraft.objects.about(article).get()
    assert draft.content["title"] == "最初的标题"
    actions.publish(article, by)
    assert (article.title, article.expire_at) == ("最初的标题", end)


def test_an_old_text_of_a_job_comes_back_without_its_last_day_and_the_ticks_of_its_papers() -> None:
    then = {"valid_through": timezone.localdate(), "checked_on": timezone.localdate()}
    job, by = (
        cast.job("最初的岗位", checked_mandate=True, checked_by=cast.amin(), **then),
        cast.amin(),
    )
    renewed = timezone.localdate() + timedelta(days=30)
    now = {"valid_through": renewed.isoformat(), "checked_mandate": False, "checked_on": None}
    actions.save(job, reworded(job, title="改过的岗位", checked_by=None, **now), by)
    actions.publish(job, by)
    first = Revision.objects.about(job).order_by("pk").first()
    assert first is not None
    assert first.content["valid_through"] != renewed.isoformat()

    actions.restore(job, first, by)
    actions.publish(job, by)

    job.refresh_from_db()
    assert (job.title, job.valid_through) == ("最初的岗位", renewed)
    assert (job.checked_mandate, job.checked_by, job.checked_on) == (False, None, None)


def test_a_refused_text_is_kept_once_and_is_no_version_of_the_item() -> None:
    article, by = cast.draft(), cast.xiaolin()
    late = reworded(article, title="来晚的标题")

    one, two = (actions.refuse(article, late, by) for _ in range(2))

    assert one == two
    assert one.content["title"] == "来晚的标题"
    assert actions.latest_revision(article) is None


def test_a_draft_that_cannot_be_published_changes_nothing() -> None:
    article, by = cast.article("线上的标题"), cast.laozhou()
    actions.save(article, reworded(article, title="没有正文", body=""), by)

    with pytest.raises(ValidationError):
        actions.publish(article, by)

    assert Article.objects.get(pk=article.pk).title == "线上的标题"
    assert PendingDraft.objects.about(article).get().content["title"] == "没有正文"


def test_what_is_deleted_for_good_takes_its_revisions_along() -> None:
    article, other = cast.article(), cast.article()
    for item in (article, other):
        actions.save(item, reworded(item, title="改"), cast.laozhou())

    article.delete()

    assert {r.object_id for r in Revision.objects.all()} == {other.pk}
    assert {r.object_id for r in PendingDraft.objects.all()} == {other.pk}


def test_a_picture_of_a_draft_that_is_published_stays_in_use() -> None:
    article, cover = cast.article(), picture()
    actions.save(article, reworded(article, cover=cover.pk), cast.laozhou())
    actions.publish(article, cast.laozhou())

    assert Article.objects.get(pk=article.pk).cover == cover


# --- At a moment ----------------------------------------------------------------------------------------


def scheduled(title: str, minutes: int) -> Article:
    article = cast.article(f"{title}之前")
    actions.save(article, reworded(article, title=title), cast.laozhou())
    actions.schedule(article, cast.laozhou(), timezone.now() + timedelta(minutes=minutes))
    return article


def test_due_changes_are_applied_once_and_the_others_wait() -> None:
    due, later = scheduled("到点的标题", 10), scheduled("还早的标题", 60)
    at = timezone.now() + timedelta(minutes=11)

    with time_machine.travel(at, tick=False):
        assert actions.apply_due() == 1
        assert actions.apply_due() == 0

    titles = set(Article.objects.values_list("title", flat=True))
    assert titles == {"到点的标题", "还早的标题之前"}
    assert later.state == State.LIVE
    assert events(due)[-1] == Event.APPLIED


def test_looking_for_due_changes_is_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for n in range(3):
        scheduled(f"标题{n}", 10)

    with django_assert_num_queries(1):
        actions.apply_due()


def test_scheduling_rehearses_the_publication() -> None:
    article, by = cast.article(), cast.laozhou()
    actions.save(article, reworded(article, body=""), by)

    with pytest.raises(ValidationError, match="正文"):
        actions.schedule(article, by, timezone.now() + timedelta(days=1))

    assert PendingDraft.objects.about(article).get().status == PendingDraft.Status.DRAFT


def test_one_change_that_fails_does_not_keep_the_others() -> None:
    bad, good = scheduled("坏的标题", 5), scheduled("好的标题", 10)
    draft = PendingDraft.objects.about(bad).get()
    draft.content = {**draft.content, "body": ""}
    draft.save()

    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert actions.apply_due() == 1

    assert Article.objects.get(pk=good.pk).title == "好的标题"
    draft.refresh_from_db()
    assert "正文" in draft.problem
    assert draft.status == PendingDraft.Status.DRAFT


def test_a_change_that_was_scheduled_waits_for_nobody_once_it_is_another_text() -> None:
    article = scheduled("排好的标题", 10)
    at = PendingDraft.objects.about(article).get().apply_at

    actions.save(article, reworded(article, title="又改的标题"), cast.laozhou(), apply_at=at)

    draft = PendingDraft.objects.about(article).get()
    assert (draft.status, draft.apply_at) == (PendingDraft.Status.DRAFT, at)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert actions.apply_due() == 0


def test_a_moment_somebody_has_in_mind_stays_with_the_draft() -> None:
    article, by = cast.article(), cast.xiaolin()
    at = timezone.now() + timedelta(days=1)
    actions.save(article, reworded(article, title="明天的标题"), by, apply_at=at)

    actions.submit(article, by)
    actions.send_back(article, cast.laozhou())
    actions.save(article, reworded(article), by, apply_at=at + timedelta(hours=1))

    draft = PendingDraft.objects.about(article).get()
    assert (draft.status, draft.apply_at) == (PendingDraft.Status.DRAFT, at + timedelta(hours=1))


def test_a_change_does_not_take_effect_after_its_own_end() -> None:
    article, by = cast.article(), cast.laozhou()
    end = timezone.now() + timedelta(hours=1)
    actions.save(article, reworded(article, expire_at=end.isoformat()), by)

    with pytest.raises(ValidationError, match="晚于修改生效时间"):
        actions.schedule(article, by, end + timedelta(minutes=1))

    assert Article.objects.get(pk=article.pk).expire_at is None


def test_a_scheduled_change_does_not_bring_back_what_has_left_the_site() -> None:
    article = scheduled("不该出现的标题", 10)
    Article.objects.filter(pk=article.pk).update(status="withdrawn")

    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert actions.apply_due() == 0

    assert Article.objects.get(pk=article.pk).state == State.WITHDRAWN
    assert "不在网站上" in PendingDraft.objects.about(article).get().problem


def test_an_unforeseen_failure_of_one_change_does_not_keep_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bad, good = scheduled("坏的标题", 5), scheduled("好的标题", 10)
    publish = Article.publish_errors

    def fail(article: Article) -> dict[str, str]:
        if article.pk == bad.pk:
            raise KeyError("whatever")
        return publish(article)

    monkeypatch.setattr(Article, "publish_errors", fail)
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert actions.apply_due() == 1
        assert actions.apply_due() == 0

    assert Article.objects.get(pk=good.pk).title == "好的标题"
    assert "系统出错" in PendingDraft.objects.about(bad).get().problem


def test_a_change_that_nobody_can_read_is_given_up_like_any_other() -> None:
    bad = scheduled("读不了", 5)
    PendingDraft.objects.about(bad).update(content="x", base="y")
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert actions.apply_due() == 0
        assert actions.apply_due() == 0
    assert "系统出错" in PendingDraft.objects.about(bad).get().problem


# --- Beside the desk ------------------------------------------------------------------------------------


def test_what_an_import_changed_under_a_draft_is_remembered_and_followed() -> None:
    article, by = cast.article("最初的标题", summary="旧摘要"), cast.laozhou()
    actions.save(article, reworded(article, title="草稿的标题"), by)
    article.title, article.summary = "导入的标题", "导入的摘要"
    article.save()

    actions.publish(article, by)

    stored = Article.objects.get(pk=article.pk)
    assert (stored.title, stored.summary) == ("草稿的标题", "导入的摘要")
    titles = [r.content["title"] for r in Revision.objects.about(article)]
    assert "导入的标题" in titles


def test_an_old_version_comes_back_without_what_is_deleted_by_now() -> None:
    gone = cast.category("gone", "要撤的栏目")
    article, by = cast.draft("旧标题", category=gone), cast.laozhou()
    kept = cast.category()
    actions.save(article, reworded(article, title="新标题", category=kept.pk), by)
    gone.delete()
    old = Revision.objects.about(article).order_by("pk").first()
    assert old is not None

    revision = actions.restore(article, old, by)

    assert revision is not None
    assert "栏目" in revision.note
    assert (article.title, article.category) == ("旧标题", kept)


def test_what_was_done_already_leaves_no_second_revision() -> None:
    article, by = cast.draft(), cast.laozhou()
    actions.bin(article, by)
    assert actions.bin(article, by) is None
    actions.unbin(article, by)
    assert actions.unbin(article, by) is None
    assert actions.discard(article, by) is None
    assert actions.unschedule(article, by) is None

    assert events(article) == [Event.BASELINE, Event.BINNED, Event.UNBINNED]
