"""A site into which nobody has put anything yet: it leads somewhere and promises nothing."""

from __future__ import annotations

import re
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from portal.cms.site import SiteLink, SiteProfile
from tests import cast, crawl
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db

MENU = ["服务", "招工信息", "资讯", "资质公示", "联系我们"]
FOOTER = [
    "人力资讯TOP500",
    "网站地图",
    "临时工招聘信息",
    "兼职招聘信息",
    "联系我们",
    "资质公示",
    "收费标准",
    "常见问题",
    "用工工具",
    "投诉举报",
    "下架请求",
]
PAGES = ["/", "/services/", "/jobs/", "/articles/", "/licences/", "/contact/", "/sitemap/"]
PAGES += ["/cases/", "/prices/", "/faq/", "/tools/"]


def words_of_links(html: str) -> list[str]:
    return re.findall(r"<a[^>]*>([^<]+)</a>", html)


def test_every_link_leads_somewhere(client: Client) -> None:
    assert crawl.without_dead_ends(client) >= {*PAGES, "/articles/top/", "/jobs/kind/part-time/"}


@pytest.mark.parametrize("address", PAGES)
def test_menu_and_footer_are_there(client: Client, address: str) -> None:
    html = client.get(address).text
    menu = html.split('<ul class="menu">')[1].split("</ul>")[0]
    assert words_of_links(menu) == MENU
    footer = html.split('<footer class="foot">')[1]
    assert words_of_links(footer) == FOOTER
    assert not re.search(r"<(div|p|ul|nav)[^>]*>\s*</\1>", footer)


@pytest.mark.parametrize("address", [*PAGES, "/no-such-page/", "/search/?q=派遣"])
def test_nothing_invites_to_call_or_to_ask(client: Client, address: str) -> None:
    html = client.get(address).text
    for words in (
        "咨询</a>",
        "打电话登记",
        "打电话问",
        "打电话说",
        "直接向我们询问",
        'class="thumb"',
        'class="acts"></p>',
    ):
        assert words not in html


@pytest.mark.parametrize("field", ["address", "wechat_id"])
def test_one_way_to_the_agency_is_enough_to_invite(client: Client, field: str) -> None:
    cast.profile(**{field: "深圳市宝安区示例路 1 号"})
    assert client.get("/").text.count("用工咨询</a>") == 3


def test_looking_at_a_page_makes_no_profile(client: Client) -> None:
    client.get("/")
    assert not SiteProfile.objects.exists()


def test_a_wechat_code_is_a_way_too() -> None:
    assert SiteProfile(wechat_qr=picture()).has_contact
    assert not SiteProfile().has_contact


def test_the_contact_page_invites_to_the_forms_and_not_to_itself(client: Client) -> None:
    cast.hotline(always=True)
    html = client.get("/contact/").text.split('<main id="main"')[1]
    assert "拨打热线" in html
    assert 'href="/enquiry/?from=/contact/"' in html
    assert 'href="/enquiry/call-back/?from=/contact/"' in html
    assert 'class="btn" href="/contact/"' not in html


def test_the_site_map_names_services_when_there_are_some(client: Client) -> None:
    assert 'id="map-services"' not in client.get("/sitemap/").text
    cast.service()
    assert 'id="map-services"' in client.get("/sitemap/").text


def test_links_that_are_there_are_left_alone() -> None:
    first_links = import_module("portal.migrations.0003_first_links")
    SiteLink.objects.exclude(label="服务").delete()
    first_links.make_links(apps, SimpleNamespace(connection=connection))
    assert [link.label for link in SiteLink.objects.all()] == ["服务"]


def test_what_somebody_leads_to_already_gets_no_second_link() -> None:
    later_links = import_module("portal.migrations.0011_business_links")
    SiteLink.objects.exclude(url="/prices/").delete()
    SiteLink.objects.update(label="我们的价格")
    later_links.make_links(apps, SimpleNamespace(connection=connection))
    labels = [link.label for link in SiteLink.objects.all()]
    assert labels == ["我们的价格", "常见问题", "用工工具", "投诉举报", "下架请求"]
