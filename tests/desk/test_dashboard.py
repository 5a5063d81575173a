"""The desk page: what waits for a person, the menu, what they did last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.core import checks
from django.db.models import Model
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.admin import kinds
from portal.admin.matters import MATTERS
from portal.cms.accounts import User
from portal.cms.delivery.models import DeliveryTarget
from portal.cms.delivery.topics import subscribed_topics
from portal.cms.engines.models import CrawledPage
from portal.cms.publishing import Status
from portal.cms.review import comments, notices
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from portal.cms.revisions.models import PendingDraft
from staffing.models import (
    ContributionRate,
    EnquiryEvent,
    Faq,
    Hotline,
    Job,
    Licence,
    MinimumWage,
    Service,
    SpecialDay,
)
from staffing.privacy.watching import MANY_READ
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import url
from tests.desk.pictures import document, picture

pytestmark = pytest.mark.django_db

DESK = "/admin/"
MORNING = datetime(2026, 11, 23, 9, tzinfo=timezone.get_fixed_timezone(480))


def cards(user: User) -> dict[str, Any]:
    """What the desk of this person shows under 需要处理, by title."""
    response = browser_of(user).get(DESK)
    return {card.title: card for card in response.context["cards"]}


def listed(user: User, card: Any) -> set[Any]:
    """What the list behind a card shows."""
    return set(browser_of(user).get(card.url).context["cl"].result_list)


def today(days: int = 0) -> Any:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture(autouse=True)
def settled() -> None:
    """A site whose owner has done what is done once: whom to tell, and which wage holds."""
    target = DeliveryTarget(name="业务组", kind="mail", address="yewu@example.com")
    target.topics = [topic.key for topic in subscribed_topics()]
    target.save()
    MinimumWage.objects.update(checked_on=timezone.localdate())


# --- Getting in ------------------------------------------------------------------------------------


def test_a_stranger_is_sent_to_the_login_page_and_back_afterwards() -> None:
    response = Client().get(DESK)
    assert response.status_code == 302
    assert response["Location"] == "/admin/login/?next=/admin/"


@pytest.mark.parametrize("who", [cast.xiaolin, cast.laozhou, cast.amin, cast.laochen])
def test_everybody_of_the_desk_gets_in(who: Callable[[], User]) -> None:
    response = browser_of(who()).get(DESK)
    assert response.status_code == 200
    assert "工作台" in response.content.decode()


# --- 需要处理 --------------------------------------------------------------------------------------


def test_with_nothing_to_do_the_desk_says_so() -> None:
    cast.hotline()
    response = browser_of(cast.laochen()).get(DESK)
    assert response.context["cards"] == []
    assert "没有待办" in response.content.decode()


def own_draft(user: User) -> list[Model]:
    cast.draft("别人的草稿", created_by=cast.laozhou())
    cast.draft("我丢掉的草稿", created_by=user, deleted_at=timezone.now())
    cast.article("我发布了的", created_by=user, summary="有", go_live_at=today_at(-60))
    return [cast.draft("我的草稿", created_by=user)]


def today_at(days: int) -> datetime:
    return timezone.now() + timedelta(days=days)


def waiting_article(user: User) -> list[Model]:
    cast.draft("还在写的")
    return [cast.draft("交上来的", status=Status.IN_REVIEW)]


def change(item: Any, **fields: Any) -> Any:
    """Begin a change of a live item."""
    PendingDraft.objects.create(item=item, **{"content": {}, "base": {}, **fields})
    return item


def waiting_change(user: User) -> list[Model]:
    change(cast.article("还在改的"))
    cast.draft("交上来的新稿", status=Status.IN_REVIEW)
    change(cast.job(), status="in_review")
    return [change(cast.article("交上来的修改"), status="in_review")]


def failed_change(user: User) -> list[Model]:
    change(cast.article("改得顺利的"))
    return [change(cast.article("没有生效的"), problem="所选的“栏目”已被删除，请重新选择。")]


def own_change(user: User) -> list[Model]:
    other = cast.laozhou()
    change(cast.article("老周在改的"), begun_by=other, updated_by=other)
    change(cast.article("我交上去的"), begun_by=user, status="in_review")
    change(cast.article("我定了时的"), begun_by=user, status="scheduled", apply_at=today_at(1))
    return [
        change(cast.article("我开始改的"), begun_by=user, updated_by=other),
        change(cast.article("我接着改的"), begun_by=other, updated_by=user),
    ]


def returned_article(user: User) -> list[Model]:
    chief = cast.laozhou()

    def submitted(item: Any, by: User = user) -> Any:
        actions.submit(item, by)
        return item

    def returned(item: Any, by: User = user) -> Any:
        comments.send_back(submitted(item, by), chief, "请改。")
        return item

    cast.draft("没有交过的", created_by=user)
    submitted(cast.draft("交了还没看的", created_by=user))
    submitted(returned(cast.draft("退回后又交了的")))
    actions.bin(returned(cast.draft("退回后丢掉的")), user)
    actions.publish(returned(cast.draft("退回后还是发了的")), chief)
    returned(cast.draft("退给别人的", created_by=user), cast.laochen())
    submitted(returned(change(cast.article("退回后又交了的修改"))))
    edited = returned(cast.draft("退回后改了几个字的"))
    actions.save(edited, {**content_of(edited), "title": "退回后改了的"}, user)
    return [edited, returned(change(cast.article("退回的修改")))]


def starting_article(user: User) -> list[Model]:
    cast.article("明天才上线", **cast.live(-24 * 60))
    cast.article("今早已经上线", **cast.live(60))
    return [cast.article("今天稍后上线", **cast.live(-60))]


def ending_article(user: User) -> list[Model]:
    now = timezone.now()
    cast.article("明天到期", expire_at=now + timedelta(days=1))
    cast.article("今早已经到期", **cast.live(60), expire_at=now - timedelta(minutes=1))
    cast.article("今天上线今天到期", **cast.live(-60), expire_at=now + timedelta(hours=5))
    return [cast.article("今晚到期", expire_at=now + timedelta(hours=5))]


def service_without_licence(user: User) -> list[Model]:
    cast.service("outsourcing", "劳务外包", legal_model=Service.LegalModel.OUTSOURCING)
    cast.service("old", "停办的服务", status=Status.WITHDRAWN)
    cast.service("licensed", "有证的服务", required_licence=cast.licence())
    return [cast.service()]


def service_with_old_price(user: User) -> list[Model]:
    licence = cast.licence()
    cast.service("fresh", "新报价", required_licence=licence, price_valid_until=today())
    return [cast.service(required_licence=licence, price_valid_until=today(-1))]


def service_with_old_answers(user: User) -> list[Model]:
    service = cast.service(required_licence=cast.licence())
    for question in ("工伤谁负责？", "能退回吗？"):
        Faq.objects.create(service=service, question=question, answer="…", review_due=today())
    fresh = cast.service("fresh", "新写的", required_licence=cast.licence(number="示例0002号"))
    Faq.objects.create(service=fresh, question="多少人起？", answer="…")
    return [service]


def ending_licence(user: User) -> list[Model]:
    cast.licence(number="长期")
    cast.licence(number="还早", valid_to=today(121))
    return [
        cast.licence(number="快到期", valid_to=today(120)),
        cast.licence(number="已到期", valid_to=today(-1)),
    ]


def closing_job(user: User) -> list[Model]:
    cast.job("还有四天", valid_through=today(4))
    cast.job("昨天截止", valid_through=today(-1))
    cast.job("招满了", valid_through=today(1), filled_at=timezone.now())
    return [cast.job(valid_through=today(3))]


def unchecked_wage(user: User) -> list[Model]:
    cast.wage("广州市")
    cast.wage("东莞市", in_force_from=today(-800), checked_on=today(-700))
    cast.wage("东莞市", in_force_from=today(-30))
    MinimumWage.objects.update(checked_on=None)
    cast.wage("广州市")
    cast.wage("东莞市", in_force_from=today(-30))
    return [
        MinimumWage.objects.get(city="深圳市"),
        cast.wage("惠州市", checked_on=today(-366)),
        cast.wage("中山市", in_force_from=today(30), checked_on=None),
    ]


def unchecked_rate(user: User) -> list[Model]:
    def rate(kind: str, days: int, checked: int | None = None) -> ContributionRate:
        return ContributionRate.objects.create(
            kind=kind,
            in_force_from=today(days),
            employer_percent=8,
            checked_on=None if checked is None else today(checked),
        )

    rate("pension", -800)
    rate("pension", -30, -1)
    return [rate("medical", -30), rate("fund", -900, -366), rate("pension", 30)]


def bare_article(user: User) -> list[Model]:
    cast.article("齐全的", summary="有摘要", cover=picture())
    cast.article("两个月前的", go_live_at=today_at(-60))
    return [cast.article("什么都没有的"), cast.article("缺封面的", summary="有摘要")]


def picture_without_words(user: User) -> list[Model]:
    picture()
    document()
    return [picture("bus.png", image_alt_text="")]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("title", "who", "prepare"),
    [
        ("我的文章草稿", cast.xiaolin, own_draft),
        ("待审文章", cast.laozhou, waiting_article),
        ("待审的文章修改", cast.laozhou, waiting_change),
        ("没有按时生效的文章修改", cast.laozhou, failed_change),
        ("我未发布的文章修改", cast.xiaolin, own_change),
        ("退回给我的文章", cast.xiaolin, returned_article),
        ("今天定时上线的文章", cast.xiaolin, starting_article),
        ("今天到期下线的文章", cast.xiaolin, ending_article),
        ("没有选“所需证照”的服务", cast.amin, service_without_licence),
        ("报价已过有效期的服务", cast.amin, service_with_old_price),
        ("常见问题该复核的服务", cast.amin, service_with_old_answers),
        ("已到期或 120 天内到期的证照", cast.amin, ending_licence),
        ("3 天内截止的岗位", cast.amin, closing_job),
        ("待核对的最低工资标准", cast.amin, unchecked_wage),
        ("待核对的社保公积金费率", cast.amin, unchecked_rate),
        ("缺摘要或封面的文章", cast.xiaolin, bare_article),
        ("缺替代文字的图片", cast.laozhou, picture_without_words),
    ],
)
def test_a_card_counts_what_its_list_shows(
    title: str, who: Callable[[], User], prepare: Callable[[User], list[Model]]
) -> None:
    with time_machine.travel(MORNING, tick=False):
        user = who()
        expected = set(prepare(user))
        card = cards(user)[title]
        assert card.count == str(len(expected))
        assert listed(user, card) == expected


def test_what_waits_says_what_to_do_in_chinese() -> None:
    user = cast.laochen()
    waiting_change(user)
    failed_change(user)
    own_change(user)
    html = browser_of(user).get(DESK).content.decode()

    assert "与线上版本对比后发布，或退回修改。" in html
    assert english_in(html, ["laochen"]) == []


def test_a_missing_primary_hotline_is_reported_until_there_is_one() -> None:
    amin = cast.amin()
    assert "没有主热线" in cards(amin)
    Hotline.objects.create(number="+8675588828156", display="0755-8882 8156")
    assert "没有主热线" in cards(amin)
    cast.hotline()
    assert cards(amin) == {}


def rows(key: str, user: User) -> set[Any]:
    """What a matter counts, whether or not the desk has its list yet."""
    (matter,) = [matter for matter in MATTERS if matter.key == key]
    return set(matter.rows(user, kinds.Moment.current()))


@time_machine.travel(MORNING, tick=False)
def test_leads_wait_to_be_claimed_and_called() -> None:
    amin, now = cast.amin(), timezone.now()
    hour, day = timedelta(hours=1), timedelta(days=1)
    new, won = cast.enquiry(), cast.enquiry(status="won", closed_at=now, next_call_at=now - hour)
    overdue = cast.enquiry(status="contacted", owner=amin, next_call_at=now - hour)
    mine = cast.enquiry(status="following", owner=amin, next_call_at=now + hour)
    cast.enquiry(status="following", owner=cast.laochen(), next_call_at=now + hour)
    cast.enquiry(status="following", owner=amin, next_call_at=now + 24 * hour)

    gone = cast.person("xiaohong", "小红", "业务")
    gone.is_active = False
    gone.save()
    laid_back = cast.enquiry(status="contacted")
    left_behind = cast.enquiry(status="following", owner=gone, next_call_at=now + hour)
    forgotten = cast.enquiry(status="contacted", owner=amin, received_at=now - 2 * day)
    cast.enquiry(status="contacted", owner=amin, received_at=now - hour)

    assert rows("unclaimed", amin) == {new, laid_back, left_behind}
    assert rows("unplanned", amin) == {forgotten}
    assert rows("unplanned", cast.laochen()) == set()
    assert rows("overdue", amin) == {overdue}
    assert rows("today", amin) == {mine}
    assert won not in rows("overdue", amin)


@time_machine.travel(MORNING, tick=False)
def test_before_the_night_erases_leads_in_work_it_is_said() -> None:
    last = cast.enquiry(status="following", owner=cast.amin(), keep_until=today(7))
    past = cast.enquiry(keep_until=today(-1))
    cast.enquiry(keep_until=today(8))
    cast.enquiry(status="won", closed_at=timezone.now(), keep_until=today(1))
    assert rows("erasing", cast.laochen()) == {last, past}
    card = cards(cast.amin())["7 天内到期清除、还没有关闭的线索"]
    assert listed(cast.amin(), card) == {last, past}


@time_machine.travel(MORNING, tick=False)
def test_tickets_wait_for_an_answer_from_their_last_day_on() -> None:
    due = {cast.ticket(due_on=today()), cast.ticket(due_on=today(-1))}
    cast.ticket(due_on=today(1))
    cast.ticket(due_on=today(-1), status="answered", decision="reject")
    assert rows("due", cast.laozhou()) == due


UNTOLD = "没有通知对象接收的消息"


def test_an_owner_whom_nobody_would_tell_is_told() -> None:
    chen = cast.laochen()
    assert UNTOLD not in cards(chen)
    DeliveryTarget.objects.update(active=False)
    card = cards(chen)[UNTOLD]
    assert (card.count, card.url) == ("4", "/admin/cms/deliverytarget/")
    assert UNTOLD not in cards(cast.amin())


def test_a_message_that_no_target_takes_is_missed_though_there_are_targets() -> None:
    chen, target = cast.laochen(), DeliveryTarget.objects.get()
    target.topics = ["licence"]
    target.save()
    advice = cards(chen)[UNTOLD].advice
    assert "新线索、新的投诉与下架请求：不会通知任何人" in advice
    assert "证照" not in advice


def test_the_owner_is_told_who_reads_many_numbers() -> None:
    chen, lead = cast.laochen(), cast.enquiry()
    amin = cast.amin()

    def read(times: int) -> None:
        for _ in range(times):
            lead.events.create(kind=EnquiryEvent.Kind.REVEALED, by=amin)

    read(MANY_READ)
    assert "今天查看完整号码很多的人" not in cards(chen)
    read(1)
    card = cards(chen)["今天查看完整号码很多的人"]
    assert card.advice == f"阿敏 {MANY_READ + 1} 个，查看、下载或导出的；请问问原因。"
    assert browser_of(chen).get(card.url).status_code == 200
    assert "今天查看完整号码很多的人" not in cards(amin)


def test_in_december_the_next_years_make_up_days_are_missed() -> None:
    amin = cast.amin()
    with time_machine.travel("2026-11-30 12:00 +0800"):
        assert "2027 年的调休还没有录入" not in cards(amin)
    with time_machine.travel("2026-12-01 00:00 +0800"):
        card = cards(amin)["2027 年的调休还没有录入"]
        assert browser_of(amin).get(card.url).status_code == 200
        cast.special_day(datetime(2027, 2, 6).date())
        assert "2027 年的调休还没有录入" in cards(amin)
        cast.special_day(datetime(2027, 2, 20).date(), SpecialDay.Kind.WORK)
        assert "2027 年的调休还没有录入" not in cards(amin)


def test_everybody_sees_only_what_they_may_change() -> None:
    cast.draft("交上来的", status=Status.IN_REVIEW)
    cast.article("缺摘要的")
    cast.service()
    assert set(cards(cast.xiaolin())) == {"缺摘要或封面的文章"}
    assert set(cards(cast.laozhou())) == {"待审文章", "缺摘要或封面的文章"}
    assert set(cards(cast.amin())) == {"没有主热线", "没有选“所需证照”的服务"}
    assert set(cards(cast.laochen())) == set(cards(cast.laozhou())) | set(cards(cast.amin()))


def test_a_list_ignores_a_matter_that_is_not_its_own_or_not_this_persons() -> None:
    article = cast.draft("交上来的", status=Status.IN_REVIEW)
    other = cast.draft("还在写的")
    editor = browser_of(cast.xiaolin())
    for key in ("review", "price", "x\x00", "1' OR 1=1"):
        address = url("articles_article", "changelist")
        response = editor.get(address, {"attention": key})
        assert set(response.context["cl"].result_list) == {article, other}


def test_a_count_stops_at_a_hundred() -> None:
    Job.objects.bulk_create(
        Job(title=f"普工{n}", valid_through=today(1), **cast.live(5)) for n in range(101)
    )
    assert cards(cast.amin())["3 天内截止的岗位"].count == "99+"


def test_the_desk_costs_the_same_whatever_there_is_to_do(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Due changes; session, person; profile, demo, notices; hotline, whom to tell, who reads numbers, all
    matters; first steps' two; what was done last."""
    person = cast.laochen()
    owner = browser_of(person)
    owner.get(DESK)  # content types are looked up once
    with django_assert_num_queries(13):
        owner.get(DESK)
    cast.hotline()
    for n in range(12):
        cast.draft(f"交上来的{n}", status=Status.IN_REVIEW)
        cast.service(f"service-{n}", f"服务{n}", price_valid_until=today(-1))
        cast.job(valid_through=today(1))
        cast.licence(number=f"示例{n}", kind=Licence.Kind.OTHER, valid_to=today(5))
        change(cast.article(f"正在改的{n}"), begun_by=person, problem="没有生效")
        change(cast.article(f"改好交上来的{n}"), status="in_review")
        notices.tell([person.pk], cast.draft(f"退回的{n}"), f"第{n}件事", None)
    with django_assert_num_queries(13):
        owner.get(DESK)


# --- The menu --------------------------------------------------------------------------------------


def menu(user: User, address: str = DESK) -> dict[str, list[str]]:
    groups = browser_of(user).get(address).context["app_list"]
    return {group["name"]: [entry["name"] for entry in group["models"]] for group in groups}


def test_the_menu_is_grouped_and_ordered_for_people() -> None:
    assert menu(cast.laochen()) == {
        "资讯": ["文章", "栏目", "作者", "标签"],
        "线索": ["线索", "投诉与下架"],
        "业务": [
            "服务",
            "案例",
            "岗位",
            "证照",
            "热线电话",
            "区域",
            "区域页",
            "节假日与调休",
            "最低工资标准",
            "社保公积金费率",
            "用工方式对比",
        ],
        "网站": ["单页", "菜单与页脚链接", "关键词内链", "网站设置", "图片与文件"],
        "搜索": ["搜索记录", "同义词"],
        "搜索引擎": ["跳转", "404 记录", "页面检查", "网址推送状态", "站长验证"],
        "审校": ["修改记录", "审查记录", "审查词表"],
        "隐私与外发": [
            "隐私告知",
            "表单规则",
            "个人信息操作记录",
            "外发记录",
            "通知对象",
            "定期任务",
        ],
        "安全与运行": ["站外网址", "备份记录"],
        "账号": ["账号", "权限组"],
    }


def test_the_menu_holds_only_what_a_person_may_see() -> None:
    assert menu(cast.xiaolin()) == {
        "资讯": ["文章", "栏目", "作者", "标签"],
        "网站": ["图片与文件"],
        "搜索引擎": ["页面检查"],
        "审校": ["修改记录"],
    }
    assert menu(cast.amin()) == {
        "线索": ["线索", "投诉与下架"],
        "业务": [
            "服务",
            "案例",
            "岗位",
            "证照",
            "热线电话",
            "区域",
            "区域页",
            "节假日与调休",
            "最低工资标准",
            "社保公积金费率",
            "用工方式对比",
        ],
        "网站": ["图片与文件"],
        "审校": ["修改记录", "审查记录"],
        "隐私与外发": ["隐私告知", "表单规则", "外发记录"],
    }


def test_an_app_in_the_breadcrumbs_leads_to_its_whole_groups() -> None:
    owner = cast.laochen()
    assert list(menu(owner, "/admin/articles/")) == ["资讯"]
    assert menu(owner, "/admin/taggit/") == menu(owner, "/admin/articles/")
    assert list(menu(owner, "/admin/cms/")) == [
        "网站",
        "搜索",
        "搜索引擎",
        "审校",
        "隐私与外发",
        "安全与运行",
        "账号",
    ]


def test_an_app_of_which_a_person_sees_nothing_is_a_404() -> None:
    assert browser_of(cast.xiaolin()).get("/admin/staffing/").status_code == 404


def test_somebody_without_any_right_is_told_whom_to_ask() -> None:
    nobody = User.objects.create_user("xinren", name="新人", is_staff=True)
    assert "请联系站长" in browser_of(nobody).get(DESK).content.decode()


# --- Around it -------------------------------------------------------------------------------------


def test_the_head_names_the_site_and_leads_to_it() -> None:
    html = browser_of(cast.xiaolin()).get(DESK).content.decode()
    assert "劳务派遣网站后台</title>" in html
    assert '<a href="/">查看网站</a>' in html


def test_what_a_person_did_last_is_told_in_chinese() -> None:
    editor = cast.xiaolin()
    article = cast.article("改过的文章")
    LogEntry.objects.log_actions(editor.pk, [article], CHANGE, single_object=True)
    html = browser_of(editor).get(DESK).content.decode()
    assert "修改：</span>" in html
    assert f'<a href="/admin/articles/article/{article.pk}/change/">改过的文章</a>' in html


def test_the_desk_takes_no_post() -> None:
    """Django's desk answers a POST as a GET: nothing is changed by one."""
    assert browser_of(cast.xiaolin()).post(DESK).status_code == 200


def test_a_kind_of_which_the_desk_knows_nothing_is_an_error_at_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert kinds.check_every_kind_has_cards(None) == []
    known = tuple(kind for kind in kinds.PUBLISHABLE if kind is not Job)
    monkeypatch.setattr(kinds, "PUBLISHABLE", known)

    (error,) = kinds.check_every_kind_has_cards(None)

    assert error.id == "portal.E002"
    assert "staffing.Job" in error.msg
    assert "kinds.py" in str(error.hint)
    assert kinds.check_every_kind_has_cards in checks.registry.registry.registered_checks


# --- Search engines ------------------------------------------------------------------------------------


def test_an_engine_that_takes_nothing_more_is_a_card_of_the_owner() -> None:
    cast.push_target("indexnow")
    refusing = cast.push_target(note="今天的配额用完，明天继续。")
    cast.push_target(note="停用的", active=False)
    card = cards(cast.laochen())["不再接收推送的搜索引擎"]
    assert (card.count, listed(cast.laochen(), card)) == ("1", {refusing})
    assert "不再接收推送的搜索引擎" not in cards(cast.laozhou())


def test_what_many_ask_for_in_vain_waits_for_a_redirect() -> None:
    common = cast.missed()
    cast.missed("/once.html", hits=9)
    cast.missed("/long-ago.html", last_at=timezone.now() - timedelta(days=2))
    cast.missed("/settled.html", settled=True)
    assert rows("misses", cast.laozhou()) == {common}


def test_pages_with_dead_links_wait_for_who_looks_after_them() -> None:
    dead = CrawledPage.objects.create(path="/a/", broken=["/b/"], has_dead_links=True)
    CrawledPage.objects.create(path="/b/")
    assert rows("dead", cast.xiaolin()) == {dead}
