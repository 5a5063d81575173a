"""Actions on many articles, and drafts handed to a colleague."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.publishing import State
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, fresh, press, said, values

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/articles/article/"
ADD = f"{LIST}add/"


# --- Actions on many ---------------------------------------------------------------------------------


def test_many_are_published_and_what_cannot_be_is_named(editor: Client) -> None:
    good, bad, live = cast.draft("写完的稿"), cast.draft("没正文的稿", body=""), cast.article()

    page = act(editor, LIST, "publish_selected", good, bad, live)

    assert fresh(good).is_public
    assert fresh(bad).state == State.DRAFT
    assert "发布：完成 1 条。" in said(page)
    assert "发布：2 条没有完成。" in said(page)
    assert "“没正文的稿”：发布前请填写“正文”。" in said(page)


def test_many_are_withdrawn_binned_and_restored(editor: Client) -> None:
    first, second = cast.article(), cast.article()

    act(editor, LIST, "withdraw_selected", first, second)
    assert {fresh(first).state, fresh(second).state} == {State.WITHDRAWN}
    page = act(editor, LIST, "bin_selected", first, second)
    assert said(page) == "移入回收站：完成 2 条。"  # nobody can see them, so nobody is asked
    assert {fresh(first).state, fresh(second).state} == {State.DELETED}
    act(editor, f"{LIST}?state=deleted", "unbin_selected", first)

    assert fresh(first).state == State.DRAFT
    assert fresh(second).state == State.DELETED
    assert fresh(first).updated_by == cast.xiaolin()


def test_who_may_not_publish_is_not_offered_it_and_cannot_force_it(trainee: Client) -> None:
    draft, live = cast.draft(), cast.article("不能动的稿")

    for action in ("publish_selected", "withdraw_selected", "hand_over_selected"):
        assert action not in trainee.get(LIST).content.decode()
        act(trainee, LIST, action, draft, live)
    page = act(trainee, LIST, "bin_selected", draft, live)

    assert fresh(draft).state == State.DELETED
    assert fresh(live).is_public
    assert "“不能动的稿”：已发布的内容只能由有发布权限的同事这样处理" in said(page)


def test_many_are_deleted_only_by_the_owner_and_only_from_the_bin(
    chief: Client, owner: Client
) -> None:
    kept, binned = cast.draft(), cast.draft(deleted_at=timezone.now())

    for client, address in ((chief, f"{LIST}?state=deleted"), (owner, LIST)):
        assert "delete_selected" not in client.get(address).content.decode()
        act(client, address, "delete_selected", kept, binned, post="yes")
    assert Article.objects.count() == 2
    act(owner, f"{LIST}?state=deleted", "delete_selected", kept, binned, post="yes")

    assert list(Article.objects.all()) == [kept]


def test_a_long_report_names_ten(editor: Client) -> None:
    drafts = [cast.draft(f"第{n}篇", body="") for n in range(12)]

    page = act(editor, LIST, "publish_selected", *drafts)

    assert said(page).count("发布前请填写") == 10
    assert "另有 2 条" in said(page)


# --- Into the bin, of what readers see --------------------------------------------------------------


def test_before_what_is_published_goes_into_the_bin_a_page_asks(editor: Client) -> None:
    live, ahead = cast.article("访客正在看的"), cast.article("明天上线的", **cast.live(-24 * 60))
    draft = cast.draft("没有发布的")

    page = act(editor, LIST, "bin_selected", live, ahead, draft)

    assert {fresh(item).deleted_at for item in (live, ahead, draft)} == {None}
    html = page.content.decode()
    assert "以下 2 条已经发布（或已定时），移入回收站后访客将看不到" in html
    assert "<li>访客正在看的</li>" in html
    assert "<li>没有发布的</li>" not in html
    assert "另外 1 条没有发布" in html
    assert english_in(html) == []
    answer = {**values(page), "_selected_action": [live.pk, ahead.pk, draft.pk]}
    page = editor.post(LIST, answer, follow=True)

    assert said(page) == "移入回收站：完成 3 条。"
    assert {fresh(item).state for item in (live, ahead, draft)} == {State.DELETED}


def test_what_was_published_since_the_question_is_asked_about_again(
    editor: Client, chief: Client
) -> None:
    live, draft = cast.article("访客正在看的"), cast.draft("这就要发布的")
    page = act(editor, LIST, "bin_selected", live, draft)
    answer = {**values(page), "_selected_action": [live.pk, draft.pk]}
    press(chief, form_of(draft), "_publish")

    page = editor.post(LIST, answer, follow=True)

    assert fresh(live).deleted_at is None
    assert "以下 2 条" in page.content.decode()
    page = editor.post(LIST, {**values(page), "_selected_action": [live.pk, draft.pk]}, follow=True)
    assert fresh(live).deleted_at is not None


def test_of_very_many_the_page_names_fifty_and_all_go(chief: Client) -> None:
    items = [cast.article(f"第{n}篇") for n in range(53)]
    page = act(chief, LIST, "bin_selected", *items[:50], select_across="1")
    assert "以下 53 条" in page.content.decode()
    assert "另有 3 条" in page.content.decode()

    answer = {**values(page), "_selected_action": [item.pk for item in items[:50]]}
    page = chief.post(LIST, answer, follow=True)

    assert said(page) == "移入回收站：完成 53 条。"


# --- Handing over ------------------------------------------------------------------------------------


def test_drafts_are_handed_to_a_colleague(chief: Client) -> None:
    cast.xiaolin()
    gone = User.objects.create_user("ligang", name="李岗", is_active=False, is_staff=True)
    draft = cast.draft("离职同事的草稿", created_by=gone)
    live = cast.article("离职同事的旧文", created_by=gone)

    page = act(chief, LIST, "hand_over_selected", draft, live)
    text = page.content.decode()
    assert "离职同事的草稿" in text
    assert "另外 1 条已经发布" in text
    assert "小林" in text
    assert "李岗" not in text
    assert english_in(page.content.decode()) == []
    data = {**values(page), "colleague": cast.xiaolin().pk}
    page = chief.post(LIST, {**data, "_selected_action": [draft.pk, live.pk]}, follow=True)

    assert "已把 1 条草稿移交给小林" in said(page)
    assert fresh(draft).created_by == cast.xiaolin()
    assert fresh(draft).edit_version == draft.edit_version
    assert fresh(live).created_by == gone


@pytest.mark.parametrize("colleague", ["", "x", "999"])
def test_handing_over_to_nobody_asks_again(chief: Client, colleague: str) -> None:
    draft = cast.draft(created_by=cast.xiaolin())

    page = act(chief, LIST, "hand_over_selected", draft, colleague=colleague)

    assert "请选择一位同事" in page.content.decode()
    assert fresh(draft).created_by == cast.xiaolin()


def test_handing_over_to_somebody_without_articles_is_refused(chief: Client) -> None:
    draft = cast.draft(created_by=cast.xiaolin())

    act(chief, LIST, "hand_over_selected", draft, colleague=cast.amin().pk)

    assert fresh(draft).created_by == cast.xiaolin()


def test_the_list_is_filtered_by_creator(chief: Client) -> None:
    cast.draft("小林的稿", created_by=cast.xiaolin())
    cast.draft("老周的稿", created_by=cast.laozhou())

    listed = chief.get(LIST, {"created_by__id__exact": cast.xiaolin().pk}).context["cl"].result_list

    assert [article.title for article in listed] == ["小林的稿"]
