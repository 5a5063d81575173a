"""日程: what goes live, ends and falls due, on its day in Beijing time, for who may see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.publishing import Status
from portal.cms.revisions.models import PendingDraft
from staffing.models import Faq, Licence, Service
from tests import cast
from tests.desk.conftest import browser_of
from tests.desk.english import english_in
from tests.desk.forms import agree, form_of, press

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

PAGE = "/admin/calendar/"
BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 23, 9, tzinfo=BEIJING)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    """It is Monday, 23 November 2026, nine in the morning."""
    with time_machine.travel(NOW, tick=False):
        yield


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


def scheduled(title: str, when: datetime, **fields: Any) -> Any:
    dates = {"go_live_at": when, "first_published_at": when}
    return cast.article(title, **{"status": Status.PUBLISHED, **dates, **fields})


def entries(client: Client, query: str = "") -> dict[date, list[str]]:
    """What the page shows on each day: the word, the time where it has one, the title."""
    weeks = client.get(PAGE + query).context["weeks"]
    return {
        day.date: [
            " ".join(filter(None, [e.word, e.clock and f"{e.clock:%H:%M}", e.title]))
            for e in day.entries
        ]
        for week in weeks
        for day in week
        if day.entries
    }


# --- What is on it -----------------------------------------------------------------------------------


def test_what_goes_live_and_ends_stands_on_its_day_with_its_time(owner: Client) -> None:
    scheduled("年假怎样折算", at(25), expire_at=at(30, 18))
    scheduled("今早的通知", at(23, 8, 30))
    scheduled("上周的通知", at(12), expire_at=at(20))
    cast.page(status=Status.PUBLISHED, go_live_at=at(26), first_published_at=at(26))
    scheduled("扔掉的", at(25), deleted_at=NOW)
    scheduled("下线的", at(25), status=Status.WITHDRAWN)

    assert entries(owner) == {
        date(2026, 11, 12): ["上线 09:00 上周的通知"],
        date(2026, 11, 20): ["已到期 09:00 上周的通知"],
        date(2026, 11, 23): ["上线 08:30 今早的通知"],
        date(2026, 11, 25): ["定时上线 09:00 年假怎样折算"],
        date(2026, 11, 26): ["定时上线 09:00 关于我们"],
        date(2026, 11, 30): ["到期下线 18:00 年假怎样折算"],
    }


def test_what_has_a_date_and_is_not_published_stands_there_as_what_it_is(owner: Client) -> None:
    cast.draft("还没写完", go_live_at=at(25))
    cast.draft("还没人审", go_live_at=at(25, 10), status=Status.IN_REVIEW)

    assert entries(owner) == {date(2026, 11, 25): ["草稿 09:00 还没写完", "待审 10:00 还没人审"]}


def test_a_scheduled_change_stands_on_the_day_it_takes_effect(chief: Client) -> None:
    article = scheduled("年假怎样折算", at(2))
    press(
        chief,
        form_of(article),
        "_publish",
        title="年假怎样折算（新）",
        apply_at_0="2026-11-27",
        apply_at_1="12:00",
    )
    assert PendingDraft.objects.get().is_scheduled

    assert entries(chief)[date(2026, 11, 27)] == ["修改生效 12:00 年假怎样折算"]
    agree(chief, form_of(article), "_unschedule")
    assert date(2026, 11, 27) not in entries(chief)


def test_last_days_stand_before_what_has_a_time(owner: Client) -> None:
    scheduled("早上七点的文章", at(25, 7))
    cast.job("电子厂普工", valid_through=date(2026, 11, 25))
    cast.job("招满了的", valid_through=date(2026, 11, 25), filled_at=NOW)
    cast.job("还没发布的", valid_through=date(2026, 11, 25), status=Status.DRAFT)
    cast.licence(number="示例0009号", valid_to=date(2026, 11, 25))
    service = cast.service()
    Faq.objects.create(
        service=service, question="工伤谁负责？", answer="…", review_due=date(2026, 11, 25)
    )

    assert entries(owner)[date(2026, 11, 25)] == [
        "招聘截止 电子厂普工",
        "证照到期 劳务派遣经营许可证 示例0009号",
        "问答复核 劳务派遣：工伤谁负责？",
        "定时上线 07:00 早上七点的文章",
    ]
    page = owner.get(PAGE).content.decode()
    assert f'href="{form_of(service)}"' in page
    assert f'href="{form_of(Licence.objects.get())}"' in page


def test_days_are_those_of_beijing(owner: Client) -> None:
    scheduled("月底最后一分钟", at(30, 23, 59))
    scheduled("十月最后一分钟", at(31, 23, 59, month=10))

    assert entries(owner)[date(2026, 11, 30)] == ["定时上线 23:59 月底最后一分钟"]
    assert entries(owner)[date(2026, 10, 31)] == ["上线 23:59 十月最后一分钟"]
    assert "时间均为北京时间" in owner.get(PAGE).content.decode()


def test_everybody_sees_what_they_may_see(editor: Client, chief: Client, staff: Client) -> None:
    scheduled("文章", at(25))
    cast.page(title="单页", status=Status.PUBLISHED, go_live_at=at(25), first_published_at=at(25))
    cast.job("岗位", valid_through=date(2026, 11, 25))
    cast.licence(valid_to=date(2026, 11, 25))
    Faq.objects.create(
        service=cast.service(), question="？", answer="…", review_due=date(2026, 11, 25)
    )
    reader = User.objects.create_user("xiaoli", name="小李", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_licence"))

    day = date(2026, 11, 25)
    assert len(entries(editor)[day]) == 1
    assert len(entries(chief)[day]) == 2
    assert len(entries(staff)[day]) == 3
    assert len(entries(browser_of(reader))[day]) == 1
    assert entries(browser_of(User.objects.create_user("xinren", is_staff=True))) == {}


# --- Months, days, and how much of them -----------------------------------------------------------------


def test_months_are_turned(owner: Client) -> None:
    scheduled("十二月的", at(1, month=12))
    scheduled("下一年的", datetime(2027, 1, 4, 9, tzinfo=BEIJING))

    november = owner.get(PAGE)
    assert november.context["title"] == "2026年11月日程"
    assert "?month=2026-10" in november.content.decode()
    assert "?month=2026-12" in november.content.decode()
    assert ">本月</a>" not in november.content.decode()
    december = owner.get(PAGE, {"month": "2026-12"})
    assert december.context["title"] == "2026年12月日程"
    assert "?month=2027-01" in december.content.decode()
    assert ">本月</a>" in december.content.decode()
    # A month begins and ends within weeks: the days around it are on its page, too.
    assert entries(owner)[date(2026, 12, 1)] == entries(owner, "?month=2026-12")[date(2026, 12, 1)]
    assert list(entries(owner, "?month=2027-01")) == [date(2027, 1, 4)]


@pytest.mark.parametrize("page", ["?month=1990-01", "?month=2100-12"])
def test_there_is_a_first_and_a_last_month(owner: Client, page: str) -> None:
    html = owner.get(PAGE + page).content.decode()

    assert html.count('rel="prev"') + html.count('rel="next"') == 1
    assert "这个月没有要上线、到期或复核的内容" in html


@pytest.mark.parametrize(
    "query",
    [
        {"month": "2026-13"},
        {"month": "2026"},
        {"month": "0001-01"},
        {"month": "9999-12"},
        {"month": "x\x00"},
        {"month": "2026-11-30' OR 1=1"},
        {"day": "2026-02-30"},
        {"day": "1066-10-14"},
        {"day": "x"},
    ],
)
def test_what_is_no_month_or_far_away_shows_this_one_and_says_so(
    owner: Client, query: dict[str, str]
) -> None:
    page = owner.get(PAGE, query)

    assert page.status_code == 200
    assert page.context["title"] == "2026年11月日程"
    assert "没有您要看的那一天或那个月，下面是本月。" in page.content.decode()
    assert "没有您要看的" not in owner.get(PAGE).content.decode()


def test_today_is_marked(owner: Client) -> None:
    page = owner.get(PAGE)

    marked = [day.date for week in page.context["weeks"] for day in week if day.today]
    assert marked == [date(2026, 11, 23)]
    assert page.content.decode().count('aria-current="date"') == 1


def test_of_a_full_day_the_first_are_shown_and_the_rest_is_counted(chief: Client) -> None:
    for n in range(9):
        scheduled(f"第{n}篇", at(25, 9 + n), expire_at=at(28) if n < 3 else None)
    cast.page(
        title="单页", status=Status.PUBLISHED, go_live_at=at(25, 8), first_published_at=at(25, 8)
    )

    shown = entries(chief)[date(2026, 11, 25)]
    assert shown[0] == "定时上线 08:00 单页"
    assert shown[-1] == "定时上线 13:00 第4篇"
    page = chief.get(PAGE).content.decode()
    assert '<a href="?day=2026-11-25">还有 4 条</a>' in page
    assert page.count("还有") == 1
    day = chief.get(PAGE, {"day": "2026-11-25"})
    assert [entry.title for entry in day.context["day"].entries] == [
        "单页",
        *(f"第{n}篇" for n in range(9)),
    ]
    assert "2026年11月25日（周三）日程" in day.content.decode()


def test_a_day_without_anything_says_so(chief: Client) -> None:
    assert "这一天没有" in chief.get(PAGE, {"day": "2026-11-26"}).content.decode()


def test_the_page_costs_the_same_whatever_is_due(owner: Client) -> None:
    def cost(query: str) -> tuple[int, int]:
        owner.get(PAGE + query)
        with CaptureQueriesContext(connection) as queries:
            owner.get(PAGE + query)
        bodies = [q for q in queries.captured_queries if '"body"' in q["sql"]]
        return len(queries), len(bodies)

    before = cost(""), cost("?day=2026-11-25")
    for n in range(30):
        article = scheduled(f"第{n}篇", at(25, n % 24), expire_at=at(28))
        PendingDraft.objects.create(
            item=article, status="scheduled", apply_at=at(27), content={}, base={}
        )
        service = cast.service(f"service-{n}", f"服务{n}", expire_at=at(26))
        Faq.objects.create(service=service, question="？", answer="…", review_due=at(24).date())
        cast.job(f"岗位{n}", valid_through=at(24).date())
        cast.licence(number=f"示例{n}", valid_to=at(24).date())

    assert (cost(""), cost("?day=2026-11-25")) == before
    assert before[0][1] == 0
    shown = owner.get(PAGE).context["weeks"]
    assert sum(len(day.entries) for week in shown for day in week) < 60


def test_a_page_of_the_desk_for_who_is_signed_in(client: Client, owner: Client) -> None:
    scheduled("年假怎样折算", at(25), expire_at=at(30, 18))
    cast.service(expire_at=timezone.now() + timedelta(days=3))
    assert Service.objects.exists()

    assert "/login/" in client.get(PAGE)["Location"]
    assert owner.post(PAGE).status_code == 405
    for address in (PAGE, f"{PAGE}?day=2026-11-25", f"{PAGE}?month=x"):
        assert english_in(owner.get(address).content.decode()) == []
    for page in ("/admin/", "/admin/articles/article/"):
        assert f'href="{PAGE}"' in owner.get(page).content.decode()
