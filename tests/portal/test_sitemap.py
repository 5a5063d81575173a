"""`/sitemap/`: 网站地图, for people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Category, Ranking
from portal.views.sitemap import MONTHS, TITLES_A_CATEGORY, latest_months
from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db


def on(year: int, month: int, day: int = 1, hour: int = 0) -> dict[str, Any]:
    at = timezone.make_aware(datetime(year, month, day, hour))
    return {"go_live_at": at, "first_published_at": at}


def test_leads_to_everything(client: Client) -> None:
    cast.hotline()
    cast.page()
    cast.service()
    article = cast.article("派遣比例怎样计算")
    text = client.get("/sitemap/").text
    for path, label in (
        ("/", "首页"),
        ("/about/", "关于我们"),
        ("/contact/", "联系我们"),
        ("/licences/", "资质公示"),
        ("/services/", "服务"),
        ("/services/dispatch/", "劳务派遣"),
        ("/jobs/", "招工信息"),
        ("/jobs/kind/temporary/", "临时工招聘信息"),
        ("/jobs/kind/part-time/", "兼职招聘信息"),
        ("/jobs/kind/daily/", "日结招聘信息"),
        ("/jobs/kind/full-time/", "全职招聘信息"),
        ("/articles/", "资讯"),
        ("/articles/top/", "人力资讯TOP500"),
        ("/articles/category/policy/", "用工政策"),
        (f"/articles/{article.pk}/", "派遣比例怎样计算"),
    ):
        assert f'<a href="{path}">{label}</a>' in text
    assert "客服热线:0755-8882 8155" in text


def test_names_the_contact_page_once(client: Client) -> None:
    cast.page("contact", "联系我们")
    pages = client.get("/sitemap/").context["pages"]
    assert [page.slug for page in pages] == []


def test_leaves_out_what_is_not_public(client: Client) -> None:
    cast.hidden_articles()
    for state, fields in {**states.hidden(), "withdrawn": states.WITHDRAWN}.items():
        slug = state.replace("_", "-")
        cast.service(slug, f"不公开的服务{state}", **fields)
        cast.page(slug, f"不公开的单页{state}", **fields)
    text = client.get("/sitemap/").text
    assert "不公开" not in text


def test_lists_the_newest_of_each_category(client: Client) -> None:
    guide = cast.category("guide", "用工指南")
    for number in range(TITLES_A_CATEGORY + 3):
        cast.article(f"政策{number}", **cast.live(number + 1))
    cast.article("指南", category=guide)

    groups = client.get("/sitemap/").context["categories"]

    shown = {group["category"].slug: [item.title for item in group["articles"]] for group in groups}
    assert shown == {"policy": [f"政策{n}" for n in range(TITLES_A_CATEGORY)], "guide": ["指南"]}


def test_months_are_those_with_articles_in_beijing_time(client: Client) -> None:
    cast.article(**on(2026, 3, 31, 23))
    cast.article(**on(2026, 3, 1))
    cast.article(**on(2025, 12, 9))
    cast.draft(go_live_at=timezone.make_aware(datetime(2025, 6, 1)))

    assert [f"{month:%Y-%m}" for month in latest_months()] == ["2026-03", "2025-12"]
    text = client.get("/sitemap/").text
    assert 'href="/articles/archive/2026/03/">2026年3月</a>' in text
    for month in latest_months():
        assert client.get(f"/articles/archive/{month:%Y/%m}/").status_code == 200


def test_an_empty_site_answers(client: Client) -> None:
    response = client.get("/sitemap/")
    assert response.status_code == 200
    assert "按月查看" not in response.text


def test_takes_no_form(client: Client) -> None:
    assert client.post("/sitemap/").status_code == 405


def test_cost_does_not_grow_with_content(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    cast.article(**on(2026, 3))
    # Pages, services, cases, districts, categories; one category; one month and the end of the months;
    # the chrome.
    client.get("/sitemap/")  # which counts the months, as nobody has for ten minutes
    with django_assert_num_queries(5 + 1 + 2 + 6 + 1):
        client.get("/sitemap/")
    for number in range(60):
        cast.article(**on(2026, 3, number % 28 + 1))
        cast.service(f"service-{number}", f"服务{number}")
        cast.page(f"page-{number}", f"单页{number}")
    with django_assert_num_queries(5 + 1 + 2 + 6 + 1):
        client.get("/sitemap/")


def test_cost_is_capped_in_time(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for month in range(MONTHS + 12):
        cast.article(**on(2020 + month // 12, month % 12 + 1))
    Ranking.refresh()
    with django_assert_num_queries(2):
        assert len(latest_months()) == MONTHS


def test_a_category_without_articles_is_a_link_only(client: Client) -> None:
    Category.objects.create(slug="wages", name="薪酬社保")
    text = client.get("/sitemap/").text
    assert '<a href="/articles/category/wages/">薪酬社保</a>' in text
    assert 'id="map-wages"' not in text
