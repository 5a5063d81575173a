"""`/contact/`: how to reach the agency, whether or not its text has been written."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.keywords.models import KeywordLink
from portal.cms.site import SiteProfile
from staffing.models import Hotline
from tests import cast
from tests.desk.pictures import picture
from tests.staffing import states

pytestmark = pytest.mark.django_db


def write_profile() -> SiteProfile:
    profile = SiteProfile.load()
    profile.address = "深圳市宝安区示例路 1 号"
    profile.route = "地铁示例站 B 口，步行 6 分钟。"
    profile.office_hours = "周一至周五 9:00–18:00"
    profile.wechat_id = "pengpin-demo"
    profile.supervising_body = "深圳市宝安区人力资源局（示例）"
    profile.supervising_phone = "12333"
    profile.complaint_phone = "0755-1234 5678"
    profile.complaint_email = "tousu@example.com"
    profile.save()
    return profile


def test_shows_every_way_without_a_page(client: Client) -> None:
    write_profile()
    cast.hotline()
    Hotline.objects.create(label="求职专线", number="+864001234567", display="400-123-4567")
    text = client.get("/contact/").text
    for shown in (
        "<h1>联系我们</h1>",
        "客服热线:0755-8882 8155",
        "周一至周六 8:30–18:00",
        "求职专线",
        '<a href="tel:4001234567">400-123-4567</a>',
        "深圳市宝安区示例路 1 号",
        "地铁示例站 B 口，步行 6 分钟。",
        "周一至周五 9:00–18:00",
        "pengpin-demo",
        "深圳市宝安区人力资源局（示例）",
        '<a href="tel:12333">12333</a>',
        '<a href="tel:0755-12345678">0755-1234 5678</a>',
        '<a href="mailto:tousu@example.com">tousu@example.com</a>',
    ):
        assert shown in text
    assert "联系方式还在整理" not in text


def test_shows_the_wechat_code(client: Client) -> None:
    profile = write_profile()
    profile.wechat_qr = picture("wechat.png", image_alt_text="微信二维码")
    profile.save()
    text = client.get("/contact/").text
    assert "加微信说" in text
    assert 'alt="微信二维码"' in text


def test_shows_the_text_of_the_page_beside_them(client: Client) -> None:
    write_profile()
    cast.page("contact", "怎样找到我们", summary="三种办法。", body="<p>来之前请带营业执照。</p>")
    text = client.get("/contact/").text
    assert "<h1>怎样找到我们</h1>" in text
    assert "三种办法。" in text
    assert "<p>来之前请带营业执照。</p>" in text
    assert "深圳市宝安区示例路 1 号" in text


def test_keywords_of_its_text_are_linked_once(client: Client) -> None:
    KeywordLink.objects.create(word="工伤", url="/services/")
    cast.page("contact", "联系我们", body="<p>工伤怎么办？工伤请先打电话。</p>")
    assert client.get("/contact/").text.count('<a href="/services/">工伤</a>') == 1


@pytest.mark.parametrize(
    "fields", [*states.hidden().values(), states.WITHDRAWN], ids=[*states.hidden(), "withdrawn"]
)
def test_a_text_that_is_not_public_is_not_shown(client: Client, fields: dict[str, Any]) -> None:
    cast.page("contact", "不公开的标题", **fields)
    response = client.get("/contact/")
    assert response.status_code == 200
    assert "不公开的标题" not in response.text


def test_an_empty_site_answers(client: Client) -> None:
    response = client.get("/contact/")
    assert response.status_code == 200
    assert "<h1>联系我们</h1>" in response.text
    assert "联系方式还在整理" in response.text


def test_takes_no_form(client: Client) -> None:
    assert client.post("/contact/").status_code == 405


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    write_profile()
    cast.hotline()
    cast.page("contact", "联系我们")
    with django_assert_num_queries(9):  # one, the keywords, the chrome's six, due changes
        client.get("/contact/")
    for number in range(5):
        Hotline.objects.create(label="专线", number=f"+864001234{number:03}")
    with django_assert_num_queries(9):
        client.get("/contact/")
