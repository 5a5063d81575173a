"""The home page."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Ranking
from articles.models.reads import record_read
from portal.cms.publishing import Status
from portal.cms.site import HomeFact, SiteProfile
from tests import cast

pytestmark = pytest.mark.django_db


def get(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def profile(**values: str) -> SiteProfile:
    loaded = SiteProfile.load()
    for name, value in values.items():
        setattr(loaded, name, value)
    loaded.save()
    return loaded


def section(html: str, heading: str) -> str:
    """Return the section of that heading, empty where there is none."""
    found = re.search(
        rf"<section[^>]*>(?:(?!<section).)*?>{heading}<.*?</section>", html, re.DOTALL
    )
    return found[0] if found else ""


def test_the_head_says_who_and_how_to_call(client: Client) -> None:
    cast.hotline()
    profile(
        name="鹏聘人力",
        tagline="深圳劳务派遣",
        hero_title="缺人手，一个电话讲清楚",
        hero_text="要多少钱、几天到岗，先问明白。",
    )

    html = get(client)

    assert "<title>鹏聘人力_深圳劳务派遣</title>" in html
    assert '<meta name="description" content="要多少钱、几天到岗，先问明白。">' in html
    assert "<h1>缺人手，一个电话讲清楚</h1>" in html
    assert html.count('href="tel:+8675588828155"') >= 2
    assert 'href="/contact/"' in html


def test_a_site_without_words_of_its_own_still_has_a_head(client: Client) -> None:
    profile(name="鹏聘人力")

    assert "<h1>鹏聘人力</h1>" in get(client)


def test_facts_services_and_licences_stand_in_their_order(client: Client) -> None:
    loaded = profile(name="鹏聘人力")
    HomeFact.objects.create(profile=loaded, value="24 小时", label="内答复", order=2)
    HomeFact.objects.create(profile=loaded, value="不收求职者", label="任何费用", order=1)
    cast.service("outsourcing", "劳务外包", order=20)
    cast.service("dispatch", "劳务派遣", order=10)
    cast.licence(number="示例0001号")

    html = get(client)

    assert html.index("不收求职者") < html.index("24 小时")
    assert re.findall(r'<h3><a href="/services/[^"]*">(.*?)</a></h3>', html) == [
        "劳务派遣",
        "劳务外包",
    ]
    assert "示例0001号" in section(html, "证照公示")


def test_each_category_shows_its_newest_four(client: Client) -> None:
    policy, wages = cast.category(), cast.category("wages", "薪酬社保")
    cast.category("company", "公司动态")
    for number in range(6):
        cast.article(f"政策{number}", category=policy, **cast.live(number))
    cast.article("工资条怎么看", category=wages, **cast.live(99))

    html = get(client)

    desk = section(html, "用工政策")
    assert re.findall(r">(政策\d)</a>", desk) == ["政策0", "政策1", "政策2", "政策3"]
    assert "工资条怎么看" in section(html, "薪酬社保")
    assert "公司动态" not in html


def test_the_most_read_stand_beside_the_newest(client: Client) -> None:
    cast.article("没人读", **cast.live(1))
    record_read(cast.article("有人读", **cast.live(2)).pk)

    ranked = section(get(client), "人力资讯TOP500")

    assert ranked.index("有人读") < ranked.index("没人读")


def test_jobs_are_shown_while_one_can_apply(client: Client) -> None:
    cast.job("电子厂普工")

    assert "电子厂普工" in section(get(client), "正在招")


def test_without_an_open_job_nothing_is_said_of_jobs(client: Client) -> None:
    cast.job("招满的岗位", filled_at=timezone.now())
    cast.job("截止的岗位", valid_through=timezone.localdate() - timedelta(days=1))
    cast.job("没发布的岗位", status=Status.DRAFT)

    assert "正在招" not in get(client)


def test_what_strangers_may_not_see_is_absent(client: Client) -> None:
    hidden = cast.hidden_articles()
    cast.service("secret", "没发布的服务", status=Status.DRAFT)
    cast.licence(number="示例9999号", public=False)
    Ranking.refresh()

    html = get(client)

    assert [state for state, article in hidden.items() if article.title in html] == []
    assert "没发布的服务" not in html
    assert "示例9999号" not in html


def test_an_empty_site_says_what_is_missing(client: Client) -> None:
    html = get(client)

    assert "服务说明正在整理" in html
    assert "还没有文章" in html
    assert "正在招" not in html
    assert "证照公示" not in html
    assert "tel:" not in html


def test_only_reading_is_answered(client: Client) -> None:
    assert client.post("/").status_code == 405
    assert client.head("/").status_code == 200


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_content(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    HomeFact.objects.create(profile=cast.profile(), value="24 小时", label="内答复")
    for number in range(count):
        cast.article(category=cast.category(f"desk-{number % 5}", f"栏目{number % 5}"))
        cast.job()
        cast.service(f"service-{number}", f"服务{number}")
    Ranking.refresh()

    # Six of the chrome, whether a change is due, facts, services, categories, the articles of each of
    # five, whether the ranking is due, the most read, jobs, cases, districts, proofs for engines.
    with django_assert_num_queries(21):
        client.get("/")
