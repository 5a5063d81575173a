"""Two people in one form: neither text is lost, none is overwritten unawares, and both can be had."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.publishing import State, Status
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.content import same
from portal.cms.revisions.models import Event, PendingDraft, Revision
from staffing.models import Faq
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import agree, form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

FIRST, SECOND = "<p>劳务派遣单位应当取得许可。</p>", "<p>用工单位应当核对许可证。</p>"
BODY = FIRST + SECOND


def refused(item: Any) -> Revision:
    revision: Revision = Revision.objects.about(item).get(event=Event.REFUSED)
    return revision


def late(chief: Client, editor: Client, item: Any, theirs: Any, mine: Any) -> str:
    """老周 saves `theirs` while 小林 has the item open; then 小林 sends `mine`. Return where that leads."""
    typed = {**values(editor.get(form_of(item))), **mine, "_save": "1"}
    press(chief, form_of(item), "_save", **theirs)
    answer = editor.post(form_of(item), typed)
    assert answer.status_code == 303
    return str(answer["Location"])


def choose(client: Client, page: str, button: str, **choices: str) -> Any:
    """Open the page of both texts, choose, and press a button."""
    return client.post(page, {**values(client.get(page)), **choices, button: "1"})


@pytest.fixture
def article() -> Article:
    return cast.draft("原来的标题", body=BODY, tags=("社保",))


@pytest.fixture
def page(chief: Client, editor: Client, article: Article) -> str:
    """Where 小林 is led: both have changed the title, and each one paragraph."""
    theirs = {"title": "老周的标题", "body": FIRST.replace("应当", "必须") + SECOND}
    mine = {"title": "小林的标题", "body": FIRST + SECOND.replace("应当", "必须")}
    return late(chief, editor, article, theirs, mine)


# --- A text that came too late ---------------------------------------------------------------------------


def test_a_stale_save_overwrites_nothing_and_loses_nothing(
    editor: Client, article: Article, page: str
) -> None:
    assert fresh(article).title == "老周的标题"
    assert refused(article).content["title"] == "小林的标题"
    assert refused(article).by == cast.xiaolin()

    text = editor.get(page).content.decode()

    assert "您打开表单之后，老周在" in text
    assert "您的文字没有丢，已存为修改记录" in text
    assert "小林" in text
    assert "老周" in text
    for words in ("采用合并结果", "全用我的", "保留对方的（放弃我的）", "用对方的", "用我的"):
        assert words in text


def test_the_page_itself_changes_nothing(editor: Client, article: Article, page: str) -> None:
    before = fresh(article).edit_version, Revision.objects.count()

    editor.get(page)

    assert (fresh(article).edit_version, Revision.objects.count()) == before


def test_the_same_text_sent_again_is_kept_once(editor: Client, chief: Client) -> None:
    article = cast.draft("原来的标题")
    typed = {**values(editor.get(form_of(article))), "title": "小林的标题", "_save": "1"}
    press(chief, form_of(article), "_save", title="老周的标题")

    pages = {editor.post(form_of(article), typed)["Location"] for _ in range(3)}

    assert len(pages) == 1
    assert fresh(article).title == "老周的标题"
    assert refused(article).content["title"] == "小林的标题"


def test_a_stale_publication_publishes_nothing(editor: Client, chief: Client) -> None:
    article = cast.draft("原来的标题")
    typed = {**values(editor.get(form_of(article))), "title": "小林的标题", "_publish": "1"}
    press(chief, form_of(article), "_save", title="老周的标题")

    assert editor.post(form_of(article), typed).status_code == 303

    assert fresh(article).state == State.DRAFT


@pytest.mark.parametrize("version", [None, "", "x", "-1", "0", "999", "９", "1" * 40])
def test_a_form_that_does_not_say_its_version_counts_as_stale(
    editor: Client, version: str | None
) -> None:
    article = cast.draft("原来的标题")

    answer = press(editor, form_of(article), "_publish", title="改", edit_version=version)

    assert answer.status_code == 303
    assert fresh(article).title == "原来的标题"
    assert fresh(article).state == State.DRAFT
    assert refused(article).version == 0
    assert "已经查不到" in editor.get(answer["Location"]).content.decode()


def test_one_person_in_two_windows_is_told_so(editor: Client) -> None:
    article = cast.draft("原来的标题")

    page = late(editor, editor, article, {"title": "一个窗口"}, {"title": "另一个窗口"})

    assert "您自己（在别的窗口）" in editor.get(page).content.decode()


@pytest.mark.parametrize("live", [True, False])
@pytest.mark.parametrize("before", [[], ["_save", "_discard"], ["_submit"]])
@pytest.mark.parametrize("meanwhile", [["_save"], ["_publish"]])
def test_what_both_texts_began_with_is_what_stood_in_the_form(
    editor: Client, chief: Client, live: bool, before: list[str], meanwhile: list[str]
) -> None:  # fmt: skip
    article = cast.article("原来的标题") if live else cast.draft("原来的标题")
    for button in before:
        agree(chief, form_of(article), button, summary=f"先 {button}")
    opened = drafts.working_content(fresh(article))
    typed = {**values(editor.get(form_of(article))), "title": "小林的标题", "_save": "1"}
    for button in meanwhile:
        press(chief, form_of(article), button, original_title=f"后 {button}")

    answer = editor.post(form_of(article), typed)

    assert answer.status_code == 303
    began = actions.latest_revision(article, version=refused(article).version)
    assert began is not None
    assert same(began.content, opened)
    assert "两边改的不是同一处" in editor.get(answer["Location"]).content.decode()


# --- Choosing --------------------------------------------------------------------------------------------


def test_the_merge_has_both_paragraphs_and_my_title(
    editor: Client, article: Article, page: str
) -> None:
    answer = choose(editor, page, "_merge")

    assert answer["Location"] == form_of(article)
    assert fresh(article).title == "小林的标题"
    assert fresh(article).body == BODY.replace("应当", "必须")
    assert "两边的文字已合到一起" in said(editor.get(answer["Location"]))
    latest = actions.latest_revision(article)
    assert latest is not None
    assert (latest.event, latest.by) == (Event.MERGED, cast.xiaolin())


def test_of_a_collision_theirs_can_be_chosen(editor: Client, article: Article, page: str) -> None:
    choose(editor, page, "_merge", **{"use-title": "theirs"})

    assert fresh(article).title == "老周的标题"
    assert fresh(article).body == BODY.replace("应当", "必须")


@pytest.mark.parametrize(
    ("chosen", "offers"), [({}, False), ({"use-title": "theirs"}, True)], ids=["mine", "theirs"]
)
def test_what_is_merged_is_not_offered_for_merging_again(
    editor: Client, article: Article, page: str, chosen: dict[str, str], offers: bool
) -> None:
    history = url("articles_article", "history", article.pk)
    version = url("articles_article", "revision", article.pk, refused(article).pk)
    assert all("查看并合并" in editor.get(at).content.decode() for at in (history, version))

    choose(editor, page, "_merge", **chosen)

    assert not any("查看并合并" in editor.get(at).content.decode() for at in (history, version))
    assert "已合并到稿件里" in editor.get(history).content.decode()
    # Who has chosen theirs somewhere may still think better of it, by the old address.
    assert ('name="_merge"' in editor.get(page).content.decode()) is offers


def test_mine_alone_replaces_theirs(editor: Client, article: Article, page: str) -> None:
    choose(editor, page, "_mine")

    assert fresh(article).title == "小林的标题"
    assert fresh(article).body == FIRST + SECOND.replace("应当", "必须")
    assert Revision.objects.about(article).filter(content__title="老周的标题").exists()


def test_theirs_is_kept_by_saving_nothing(editor: Client, article: Article, page: str) -> None:
    version = fresh(article).edit_version

    answer = choose(editor, page, "_theirs")

    assert fresh(article).title == "老周的标题"
    assert fresh(article).edit_version == version
    assert "您的文字仍在“修改历史”里" in said(editor.get(answer["Location"]))
    assert refused(article).content["title"] == "小林的标题"


def test_what_does_not_collide_is_ready(editor: Client, chief: Client, article: Article) -> None:
    page = late(chief, editor, article, {"title": "老周的标题"}, {"summary": "小林的摘要"})

    text = editor.get(page).content.decode()
    assert "已经合好" in text
    assert 'type="radio"' not in text
    choose(editor, page, "_merge")

    assert (fresh(article).title, fresh(article).summary) == ("老周的标题", "小林的摘要")


def test_tags_of_both_are_kept(editor: Client, chief: Client, article: Article) -> None:
    page = late(chief, editor, article, {"tags": "社保、工伤"}, {"tags": "派遣"})

    choose(editor, page, "_merge")

    assert sorted(fresh(article).tags.names()) == sorted(["工伤", "派遣"])


def test_rows_of_both_are_kept() -> None:
    staff, owner = browser_of(cast.amin()), browser_of(cast.laochen())
    service = cast.service(required_licence=cast.licence(), status=Status.DRAFT)
    Faq.objects.create(service=service, question="几天到岗？", answer="三天。")
    added = {
        "faqs-TOTAL_FORMS": "2",
        "faqs-1-id": "",
        "faqs-1-question": "几人起？",
        "faqs-1-answer": "一人起。",
        "faqs-1-audience": "enterprise",
        "faqs-1-review_due": "2027-01-01",
        "faqs-1-order": "20",
    }
    page = late(owner, staff, service, {"faqs-0-answer": "两天。"}, added)

    choose(staff, page, "_merge")

    answers = dict(service.faqs.values_list("question", "answer"))
    assert answers == {"几天到岗？": "两天。", "几人起？": "一人起。"}


def test_a_merge_of_what_is_live_is_a_draft(editor: Client, chief: Client, client: Client) -> None:
    article = cast.article("线上的标题", body=BODY)
    page = late(chief, editor, article, {"title": "老周的标题"}, {"summary": "小林的摘要"})

    choose(editor, page, "_merge")

    draft = PendingDraft.objects.about(article).get()
    assert (draft.content["title"], draft.content["summary"]) == ("老周的标题", "小林的摘要")
    assert "线上的标题" in client.get(article.get_absolute_url()).content.decode()


def test_what_was_published_meanwhile_stays_as_it_is(
    editor: Client, chief: Client, article: Article, page: str
) -> None:
    opened = values(editor.get(page))
    press(chief, form_of(article), "_publish")

    again = editor.post(page, {**opened, "_merge": "1"})
    editor.post(page, {**values(again), "_merge": "1"})

    assert fresh(article).title == "老周的标题"
    assert fresh(article).state == State.LIVE
    assert PendingDraft.objects.about(article).get().content["title"] == "小林的标题"


def test_a_third_save_in_between_is_shown_and_nothing_is_lost(
    editor: Client, chief: Client, article: Article, page: str
) -> None:
    opened = values(editor.get(page))
    press(chief, form_of(article), "_save", title="老周又改的标题")

    again = editor.post(page, {**opened, "_mine": "1"})

    assert again.status_code == 200
    text = again.content.decode()
    assert "又有人保存了一次" in text
    assert "又改的" in text
    assert fresh(article).title == "老周又改的标题"
    editor.post(page, {**values(again), "_mine": "1"})
    assert fresh(article).title == "小林的标题"
    titles = {revision.content["title"] for revision in Revision.objects.about(article)}
    assert titles == {"原来的标题", "老周的标题", "老周又改的标题", "小林的标题"}


def test_what_cannot_be_saved_says_why_and_keeps_the_choice(editor: Client, chief: Client) -> None:
    page_of_site = cast.page(status=Status.DRAFT)
    page = late(
        chief, editor_of_pages(), page_of_site, {"title": "老周"}, {"title": "小林", "slug": "us"}
    )
    cast.page("us", "已有的页面")

    answer = choose(chief, page, "_merge", **{"use-title": "theirs"})

    text = answer.content.decode()
    assert "没有存入：" in text
    assert "网址名" in text
    assert english_in(text, ["about", "us"]) == []
    assert values(answer)["use-title"] == "theirs"
    assert fresh(page_of_site).slug == "about"


def editor_of_pages() -> Client:
    user = cast.xiaolin()
    names = ["change_page", "view_page"]
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return browser_of(user)


def test_texts_that_turn_out_the_same_need_no_merge(
    editor: Client, chief: Client, article: Article
) -> None:
    page = late(chief, editor, article, {"title": "老周的标题"}, {"title": "同一个标题"})
    press(chief, form_of(article), "_save", title="同一个标题")

    text = editor.get(page).content.decode()

    assert "现在的内容都已经有了，不用合并" in text
    assert "_merge" not in text


def test_in_the_bin_both_texts_are_shown_and_none_is_saved(
    editor: Client, chief: Client, article: Article, page: str
) -> None:
    opened = values(editor.get(page))
    press(chief, form_of(article), "_bin")

    answer = editor.post(page, {**opened, "_merge": "1"}, follow=True)

    assert "没有存入：这条内容在回收站里" in said(answer)
    shown = editor.get(page).content.decode()
    assert "小林" in shown
    assert 'name="_merge"' not in shown
    assert fresh(article).title == "老周的标题"


def test_of_an_item_deleted_for_good_there_is_no_page(
    editor: Client, article: Article, page: str
) -> None:
    article.delete()

    assert editor.get(page).status_code == 404
    assert editor.post(page, {"_merge": "1"}).status_code == 404


# --- Who may ---------------------------------------------------------------------------------------------


def test_colleagues_who_edit_such_items_may_merge_for_the_writer(
    chief: Client, article: Article, page: str
) -> None:
    text = chief.get(page).content.decode()

    assert "小林打开表单之后，您自己" in text
    assert "全用小林的" in text
    choose(chief, page, "_merge")
    assert fresh(article).title == "小林的标题"


def test_strangers_sign_in_and_others_are_refused(staff: Client, page: str) -> None:
    assert Client().get(page).status_code == 302
    assert Client().post(page, {"_mine": "1"}).status_code == 302
    assert staff.get(page).status_code == 403
    assert staff.post(page, {"_mine": "1"}).status_code == 403


def reader(codename: str) -> Client:
    user = User.objects.create_user("xiaowu", name="小吴", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename=codename))
    return browser_of(user)


def test_who_may_only_look_at_articles_sees_no_text_of_others(page: str) -> None:
    assert reader("view_article").get(page).status_code == 403


def test_a_writer_whose_rights_are_gone_sees_the_own_text_and_saves_nothing(
    editor: Client, article: Article, page: str
) -> None:
    writer = cast.xiaolin()
    writer.groups.clear()
    writer.user_permissions.set(Permission.objects.filter(codename="view_article"))

    text = editor.get(page).content.decode()

    assert "小林" in text
    assert 'name="_merge"' not in text
    assert editor.post(page, {"_merge": "1"}).status_code == 403


def test_texts_that_are_not_there_are_not_found(
    editor: Client, article: Article, page: str
) -> None:
    for number in ("0", "999999", "x", "１", "9" * 30):
        found = url("articles_article", "conflict", article.pk, number)
        assert editor.get(found).status_code == 404, number
        assert editor.get(found.replace(f"/{article.pk}/", "/x/")).status_code == 404, number


def test_a_version_that_was_saved_is_no_text_that_came_too_late(
    editor: Client, article: Article, page: str
) -> None:
    saved = actions.latest_revision(article)
    assert saved is not None

    assert editor.get(url("articles_article", "conflict", article.pk, saved.pk)).status_code == 404


def test_the_text_of_another_item_is_not_found(editor: Client, article: Article, page: str) -> None:
    other = cast.draft()
    number = refused(article).pk

    assert editor.get(url("articles_article", "conflict", other.pk, number)).status_code == 404


def test_other_methods_are_refused(editor: Client, page: str) -> None:
    assert editor.put(page).status_code == 405
    assert editor.delete(page).status_code == 405


def test_the_page_is_chinese(editor: Client, page: str) -> None:
    assert english_in(editor.get(page).content.decode(), ["bianjibu"]) == []


def test_the_page_costs_the_same_however_often_was_saved(
    editor: Client, chief: Client, article: Article, page: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for n in range(5):
        press(chief, form_of(article), "_save", title=f"老周的第 {n} 个标题")

    with django_assert_max_num_queries(16):
        editor.get(page)


# --- At the same moment ------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_reads_counted_while_a_form_is_open_are_kept(editor: Client) -> None:
    article = cast.article()
    typed = values(editor.get(form_of(article)))
    Article.objects.filter(pk=article.pk).update(read_count=7)

    editor.post(form_of(article), {**typed, "title": "改错字", "_publish": "1"})

    assert fresh(article).title == "改错字"
    assert fresh(article).read_count == 7


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_the_same_moment_one_is_told(editor: Client, chief: Client) -> None:
    article = cast.draft("原来的标题", updated_at=timezone.now())
    opened = {client: values(client.get(form_of(article))) for client in (editor, chief)}
    ready = Barrier(2)

    def save(client: Client, title: str) -> bool:
        ready.wait()
        try:
            page = client.post(form_of(article), {**opened[client], "title": title, "_save": "1"})
        finally:
            connection.close()
        return page.status_code == 302

    with ThreadPoolExecutor() as pool:
        titles = {"小林的标题": editor, "老周的标题": chief}
        saves = {title: pool.submit(save, client, title) for title, client in titles.items()}
        saved = [title for title, done in saves.items() if done.result()]

    assert saved == [fresh(article).title]
    assert {refused(article).content["title"], *saved} == set(titles)
