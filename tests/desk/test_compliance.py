"""Checks at the desk: the panel in the form, publishing in spite of it, the word lists, the record."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.db.models import ProtectedError
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.compliance.decisions import justify, unresolved
from portal.cms.compliance.models import Decision, Level, Place, WordList
from portal.cms.publishing import State
from portal.cms.times import moment
from staffing.models import Faq, Service
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import act, form_of, fresh, press, said, url, values

pytestmark = pytest.mark.django_db

LIST = "/admin/articles/article/"
CHECK = f"{LIST}check/"
WORDS = "/admin/cms/wordlist/"
RECORD = "/admin/cms/decision/"
REASON = "引用获奖证书上的原文，证书存档。"


def boast(title: str = "深圳最大的劳务市场", **fields: Any) -> Article:
    return cast.draft(title, **fields)


def text_of(html: str) -> str:
    """Return what a page says, without tags and spaces."""
    return "".join(re.sub(r"<[^>]*>", " ", html).split())


# --- The panel -----------------------------------------------------------------------------------------


def test_the_form_shows_what_was_found_with_the_way_to_it(editor: Client) -> None:
    item = boast(body="<p>深圳最大的劳务市场，急招！！</p>")
    html = editor.get(form_of(item)).content.decode()
    assert "须处理 1 处，提示 3 处" in html
    assert '<a href="#id_title" data-words="最大">标题</a>' in html
    assert "深圳<mark>最大</mark>的劳务市场" in html
    assert "宣传自己的服务不用绝对化的词" in html
    assert f'data-check="{CHECK}?item={item.pk}"' in html
    assert english_in(html, ["xiaolin", "bianjibu"]) == []


def test_an_empty_form_has_a_quiet_panel_and_asks_for_no_reason(editor: Client) -> None:
    html = editor.get(f"{LIST}add/").content.decode()
    assert "没有查到问题" in html
    assert f'data-check="{CHECK}"' in html
    assert re.search(r'data-part="reason" hidden', html)


def test_a_reason_is_asked_for_only_where_one_would_do(editor: Client) -> None:
    hidden = re.compile(r'data-part="reason" hidden')
    assert not hidden.search(editor.get(form_of(boast())).content.decode())
    blocked = cast.draft(body="<p>〔图片缺失：https://mmbiz.example/1〕</p>")
    assert hidden.search(editor.get(form_of(blocked)).content.decode())


def test_a_decision_is_shown_where_it_was_taken(editor: Client) -> None:
    item = boast()
    (decision,) = justify(item, unresolved(item), REASON, cast.laozhou())
    said_there = text_of(editor.get(form_of(item)).content.decode())
    assert text_of(f"老周于{moment(decision.at)}：{REASON}") in said_there


def test_what_is_typed_into_a_title_is_not_markup(editor: Client) -> None:
    html = editor.get(form_of(boast("<b>最大</b>的<script>市场"))).content.decode()
    assert "&lt;b&gt;<mark>最大</mark>&lt;/b&gt;" in html
    assert "<script>市场" not in html


# --- Checking what is typed ---------------------------------------------------------------------------


def typed(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    return {**values(client.get(address)), **changes}


def test_what_is_typed_is_checked_and_nothing_is_saved(editor: Client) -> None:
    item = cast.draft("劳务市场的一天")
    before = fresh(item)
    data = typed(editor, form_of(item), title="最大的劳务市场", body="<p>官方指定。</p>")
    html = editor.post(f"{CHECK}?item={item.pk}", data).content.decode()
    assert "须处理 1 处，提示 2 处" in html
    assert "<mark>最大</mark>" in html
    assert "<mark>官方指定</mark>" in html
    assert "<html" not in html
    after = fresh(item)
    assert (after.title, after.edit_version, after.updated_at) == (
        before.title,
        before.edit_version,
        before.updated_at,
    )


def test_a_form_that_would_be_refused_is_checked_all_the_same(editor: Client) -> None:
    data = typed(
        editor, f"{LIST}add/", title="最大" * 150, category="没有这个", go_live_at_0="乱写"
    )
    html = editor.post(CHECK, data).content.decode()
    assert "<mark>最大</mark>" in html
    assert "共 300 字，超过 30 字" in html
    assert not Article.objects.exists()


def test_an_empty_request_is_answered_too(editor: Client) -> None:
    response = editor.post(CHECK, {})
    assert response.status_code == 200
    assert "没有查到问题" in response.content.decode()


@pytest.mark.both_databases
def test_what_no_database_takes_breaks_nothing(editor: Client) -> None:
    data = typed(editor, f"{LIST}add/", title="最大\x00的市场", cover="9" * 30, author="x")
    assert "<mark>最大</mark>" in editor.post(CHECK, data).content.decode()


def test_choices_count_as_they_stand_in_the_form(editor: Client) -> None:
    data = typed(editor, f"{LIST}add/", title="一篇转载", kind="repost")
    assert "转载文章的刊登依据选了“原创”" in editor.post(CHECK, data).content.decode()
    data["rights_basis"] = "regulation"
    assert "刊登依据选了" not in editor.post(CHECK, data).content.decode()


def test_pictures_still_elsewhere_are_reported_while_writing(editor: Client) -> None:
    data = typed(editor, f"{LIST}add/", body='<p>见图</p><img src="https://mmbiz.example/1">')
    assert "有图片还在别的网站上" in editor.post(CHECK, data).content.decode()


def test_rows_are_checked_as_typed_and_deleted_ones_are_not(staff: Client) -> None:
    service = cast.service()
    Faq.objects.create(service=service, question="快吗？", answer="最快半天。")
    address = f"/admin/staffing/service/check/?item={service.pk}"
    data = typed(staff, form_of(service))
    assert 'href="#id_faqs-0-answer"' in staff.post(address, data).content.decode()
    assert "没有查到问题" in staff.post(address, data | {"faqs-0-DELETE": "on"}).content.decode()
    data |= {"faqs-0-answer": "两天。", "faqs-1-answer": "顶级。", "faqs-TOTAL_FORMS": "2"}
    html = staff.post(address, data).content.decode()
    assert 'href="#id_faqs-1-answer"' in html
    assert "最快" not in html


@pytest.mark.parametrize("total", ["", "x", "-1", "9" * 30, "9" * 5000])
def test_an_odd_number_of_rows_breaks_nothing(staff: Client, total: str) -> None:
    data = {"name": "最好的派遣", "faqs-TOTAL_FORMS": total}
    assert staff.post("/admin/staffing/service/check/", data).status_code == 200


def test_strangers_and_people_without_the_right_are_not_answered(staff: Client) -> None:
    item = cast.draft()
    assert Client().post(CHECK, {}).status_code == 302
    assert staff.post(CHECK, {}).status_code == 403
    assert staff.post(f"{CHECK}?item={item.pk}", {}).status_code == 403


@pytest.mark.parametrize("pk", ["0", "9999", "x", "-1", "1" * 30, "١"])
def test_an_item_that_is_not_there_is_a_404(editor: Client, pk: str) -> None:
    assert editor.post(f"{CHECK}?item={pk}", {}).status_code == 404


def test_only_a_form_that_was_sent_is_checked(editor: Client) -> None:
    assert editor.get(CHECK).status_code == 405


def test_a_check_is_cheap(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    item = boast()
    data = typed(editor, form_of(item))
    with django_assert_max_num_queries(12):  # session, user, rights; the item; five of the checks
        editor.post(f"{CHECK}?item={item.pk}", data)


# --- Publishing ------------------------------------------------------------------------------------------


def test_without_a_reason_the_draft_is_saved_and_not_published(editor: Client) -> None:
    item = cast.draft()
    response = press(editor, form_of(item), "_publish", title="最大的劳务市场")
    page = editor.get(response.url)
    assert fresh(item).title == "最大的劳务市场"
    assert fresh(item).state == State.DRAFT
    assert "标题的“最大”" in said(page)
    assert "已保存为草稿" in said(page)
    assert not Decision.objects.exists()


def test_with_a_reason_it_is_published_and_the_reason_recorded(editor: Client) -> None:
    item = boast()
    press(editor, form_of(item), "_publish", override_reason=REASON)
    assert fresh(item).is_public
    decision = Decision.objects.get()
    assert (decision.reason, decision.by, decision.item) == (REASON, cast.xiaolin(), item)


def test_once_decided_it_is_published_again_without_another_reason(editor: Client) -> None:
    item = boast()
    press(editor, form_of(item), "_publish", override_reason=REASON)
    press(editor, form_of(item), "_publish", summary="换了一段摘要。")
    assert fresh(item).summary == "换了一段摘要。"
    press(editor, form_of(item), "_publish", title="最大最好的市场")
    assert fresh(item).title == "深圳最大的劳务市场"
    assert Decision.objects.count() == 1


def test_a_reason_that_says_nothing_publishes_nothing(editor: Client) -> None:
    item = boast()
    response = press(editor, form_of(item), "_publish", override_reason="行")
    assert "用一句话说明理由" in said(editor.get(response.url))
    assert fresh(item).state == State.DRAFT


def test_a_new_article_is_published_only_when_it_is_settled(editor: Client) -> None:
    cast.author()
    fields = {
        "title": "最大的劳务市场",
        "category": cast.category().pk,
        "author": cast.author().pk,
        "body": "<p>正文。</p>",
    }
    press(editor, f"{LIST}add/", "_publish", **fields)
    assert Article.objects.get().state == State.DRAFT
    press(editor, f"{LIST}add/", "_publish", override_reason=REASON, **fields)
    assert Article.objects.latest("pk").is_public


def test_saving_and_submitting_ask_for_nothing(trainee: Client) -> None:
    item = boast()
    press(trainee, form_of(item), "_submit")
    assert fresh(item).state == State.IN_REVIEW


def test_many_are_published_and_those_not_settled_are_named(editor: Client) -> None:
    good, bad = cast.draft("没有问题的稿"), boast()
    page = act(editor, LIST, "publish_selected", good, bad)
    assert fresh(good).is_public
    assert fresh(bad).state == State.DRAFT
    assert "“深圳最大的劳务市场”：发布前请处理" in said(page)


# --- While writing ---------------------------------------------------------------------------------------


@pytest.mark.browser
def test_the_panel_follows_what_is_typed(page: Page, editor: Client, base_url: str) -> None:
    session = editor.cookies[settings.SESSION_COOKIE_NAME]
    page.context.add_cookies([{"name": session.key, "value": session.value, "url": base_url}])
    page.clock.install()
    page.goto(f"{LIST}add/")
    summary, reason = page.locator("[data-part=summary]"), page.get_by_label("发布理由")
    expect(summary).to_have_text("没有查到问题")
    expect(reason).to_be_hidden()

    def pause() -> None:
        with page.expect_response(re.compile(re.escape(CHECK))):
            page.clock.fast_forward(2100)

    page.locator("#id_title").fill("劳务市场的一天")
    page.locator(".ProseMirror").click()
    page.keyboard.type("急招！！市委书记来了。")
    pause()
    expect(summary).to_have_text("须处理 2 处，提示 2 处")
    page.locator("summary", has_text="提示").click()
    reason.fill(REASON)

    page.locator("#id_title").fill("最大的劳务市场")
    pause()
    expect(summary).to_have_text("须处理 3 处，提示 2 处")
    expect(reason).to_have_value(REASON)
    expect(page.locator("mark", has_text="！！")).to_be_visible()  # the hints are still open

    page.locator("a[data-words=书记]").click()
    assert page.evaluate("document.getSelection().toString()") == "书记"
    page.locator("a[data-words=最大]").click()
    chosen = page.evaluate(
        "(({id, selectionStart: a, selectionEnd: b}) => [id, a, b])(document.activeElement)"
    )
    assert chosen == ["id_title", 0, 2]

    page.context.set_offline(True)
    page.locator("#id_title").fill("最大最好的劳务市场")
    page.clock.fast_forward(2100)
    expect(summary).to_have_text("须处理 3 处，提示 2 处")
    page.context.set_offline(False)
    page.locator("#id_title").fill("劳务市场的一天")
    pause()
    expect(summary).to_have_text("须处理 2 处，提示 2 处")


# --- Word lists ------------------------------------------------------------------------------------------


@pytest.fixture
def keeper(chief: Client) -> Client:
    """老周's browser: 主编 keep the lists up, and look at the record."""
    return chief


def the_list(name: str = "薪酬不明") -> WordList:
    return WordList.objects.get(name=name)


def terms_after(keeper: Client, pasted: str) -> list[str]:
    press(keeper, form_of(the_list()), "_save", terms=pasted)
    return list(the_list().terms)


def test_words_are_pasted_one_a_line_or_in_a_row(keeper: Client) -> None:
    assert terms_after(keeper, "面议\n薪资面谈") == ["面议", "薪资面谈"]
    assert terms_after(keeper, "面议、薪资面谈，待遇优厚; 工资保密,\n\n") == [
        "面议",
        "薪资面谈",
        "待遇优厚",
        "工资保密",
    ]


def test_a_word_pasted_twice_is_kept_once_however_it_is_spelt(keeper: Client) -> None:
    assert terms_after(keeper, "TOP1\nｔｏｐ１\n面 议\n面议") == ["TOP1", "面 议"]


@pytest.mark.parametrize(
    ("pasted", "complaint"),
    [
        ("议", "单个字会到处误报"),
        ("最*好", "* 只能放在词尾"),
        ("*", "* 只能放在词尾"),
        ("长" * 41, "每行最多 40 个字"),
    ],
)
def test_what_would_find_everything_or_nothing_is_refused(
    keeper: Client, pasted: str, complaint: str
) -> None:
    response = press(keeper, form_of(the_list()), "_save", terms=pasted)
    assert complaint in response.content.decode()
    assert "面议" in the_list().terms


def test_a_word_cannot_be_searched_and_allowed_at_once(keeper: Client) -> None:
    response = press(keeper, form_of(the_list()), "_save", allowed="面 议")
    assert "既在“词语”里，又在“不算的说法”里：面议" in response.content.decode()


def test_an_allowed_phrase_may_hold_signs(keeper: Client) -> None:
    press(keeper, form_of(the_list()), "_save", allowed="。面议，\n见面议")
    assert the_list().allowed == ["。面议，", "见面议"]


def test_the_history_tells_which_words_came_and_went(keeper: Client) -> None:
    made = the_list()
    changed = [term for term in made.terms if term != "面议"]
    press(keeper, form_of(made), "_save", terms="\n".join([*changed, "待遇优厚"]), basis="")
    history = text_of(keeper.get(url("cms_wordlist", "history", made.pk)).content.decode())
    assert "词语：增加待遇优厚，删去面议；修改了“依据”" in history


def test_a_changed_list_counts_from_the_next_check_on(keeper: Client, editor: Client) -> None:
    item = cast.draft("招工启事，待遇优厚")
    made = the_list()
    press(keeper, form_of(made), "_save", terms="待遇优厚", in_headlines=Level.MUST)
    assert "<mark>待遇优厚</mark>" in editor.get(form_of(item)).content.decode()


def test_the_list_of_lists_tells_how_strict_each_is(keeper: Client) -> None:
    html = keeper.get(WORDS).content.decode()
    assert text_of("广告法绝对化用语") in text_of(html)
    assert english_in(html, ["laozhou"]) == []
    found = keeper.get(f"{WORDS}?q=押金").context["cl"].result_list
    assert [words.name for words in found] == ["向求职者收费与扣证"]
    form = keeper.get(form_of(the_list("广告法绝对化用语"))).content.decode()
    assert english_in(form, ["laozhou"]) == []
    for place in Place:
        assert place.label in form


def test_who_lacks_the_right_sees_no_lists(editor: Client, staff: Client) -> None:
    for client in (editor, staff, Client()):
        assert client.get(WORDS).status_code in (302, 403)
        assert client.get(form_of(the_list())).status_code in (302, 403)


# --- The record --------------------------------------------------------------------------------------------


@pytest.fixture
def decision() -> Decision:
    item = boast()
    return justify(item, unresolved(item), REASON, cast.xiaolin())[0]


def test_the_record_is_listed_with_person_matter_and_reason(
    keeper: Client, decision: Decision
) -> None:
    html = keeper.get(RECORD).content.decode()
    for shown in ("小林", "深圳最大的劳务市场", REASON, f"{LIST}{decision.object_id}/change/"):
        assert shown in html
    assert english_in(html, ["laozhou", "xiaolin"]) == []
    page = keeper.get(url("cms_decision", "change", decision.pk)).content.decode()
    assert REASON in page
    assert english_in(page, ["laozhou", "xiaolin"]) == []


@pytest.mark.both_databases
def test_the_record_is_filtered_by_person_and_by_date(keeper: Client, decision: Decision) -> None:
    other = boast("最好的市场")
    justify(other, unresolved(other), "另一个理由。", cast.laozhou())
    by = keeper.get(f"{RECORD}?by__id__exact={decision.by_id}").content.decode()
    assert REASON in by
    assert "另一个理由。" not in by
    assert REASON in keeper.get(f"{RECORD}?at__year={decision.at.year}").content.decode()
    assert REASON not in keeper.get(f"{RECORD}?at__year=2001").content.decode()
    assert "另一个理由。" in keeper.get(f"{RECORD}?q=最好的").content.decode()


def test_nobody_changes_or_deletes_the_record(owner: Client, decision: Decision) -> None:
    address = url("cms_decision", "change", decision.pk)
    assert owner.get(f"{RECORD}add/").status_code == 403
    assert owner.post(address, {"reason": "改过的理由"}).status_code == 403
    assert owner.get(url("cms_decision", "delete", decision.pk)).status_code == 403
    act(owner, RECORD, "delete_selected", decision, post="yes")
    assert fresh(decision).reason == REASON
    assert "delete_selected" not in owner.get(RECORD).content.decode()


def test_a_person_who_decided_is_not_deleted(decision: Decision) -> None:
    with pytest.raises(ProtectedError):
        decision.by.delete()


def test_the_record_costs_no_query_a_row(
    keeper: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for title in ("最好的市场", "最大的市场", "最全的市场", "最强的市场"):
        item = boast(title)
        justify(item, unresolved(item), REASON, cast.xiaolin())
    keeper.get(RECORD)
    with django_assert_max_num_queries(16):
        keeper.get(RECORD)


def test_who_lacks_the_right_sees_no_record(editor: Client) -> None:
    assert editor.get(RECORD).status_code == 403
    assert Client().get(RECORD).status_code == 302


def test_everybody_sees_the_record_of_what_they_may_see(staff: Client, decision: Decision) -> None:
    service = cast.service(name="最好的派遣")
    (own,) = justify(service, unresolved(service), "另一个理由。", cast.amin())

    page = staff.get(RECORD)

    assert list(page.context["cl"].result_list) == [own]
    assert "深圳最大的劳务市场" not in page.content.decode()
    assert staff.get(url("cms_decision", "change", decision.pk)).status_code == 302
    assert staff.get(url("cms_decision", "change", own.pk)).status_code == 200


# --- Publishing what has not changed -------------------------------------------------------------------


def test_a_page_without_a_change_is_not_asked_about_again(editor: Client) -> None:
    live = cast.article("深圳最大的劳务市场")

    page = editor.get(press(editor, form_of(live), "_publish")["Location"])

    assert "访客现在看到的就是这一版" in said(page)
    assert "草稿" not in said(page)
    assert not LogEntry.objects.filter(change_message="发布").exists()


# --- Everybody's desk ----------------------------------------------------------------------------------------


def test_the_panel_stands_in_the_form_of_every_model_that_is_published() -> None:
    owner = browser_of(cast.laochen())
    for item in (cast.article(), cast.service(), cast.job(), cast.page()):
        html = owner.get(form_of(item)).content.decode()
        assert "data-check=" in html, item
        assert english_in(html, ["laochen", "bianjibu", "about", "dispatch", "baoan"]) == [], item
    assert Service.objects.count() == 1
