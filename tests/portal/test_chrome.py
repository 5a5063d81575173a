"""What stands around every page: name, menu, hotline, footer."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from portal.cms.site import SiteLink
from staffing.models import Licence
from tests import cast

pytestmark = pytest.mark.django_db

COMPANY = ["关于我们", "加入我们", "人力资讯TOP500", "网站地图", "临时工招聘信息", "兼职招聘信息"]


def get(client: Client, address: str = "/articles/") -> str:
    return client.get(address).content.decode()


@pytest.mark.parametrize("address", ["/", "/articles/", "/articles/top/", "/no/such/page/"])
def test_the_hotline_is_on_every_page(client: Client, address: str) -> None:
    cast.hotline(always=True)

    html = get(client, address)

    assert "客服热线:0755-8882 8155</a>" in html
    assert "周一至周日 全天" in html
    assert re.search(
        r'<nav class="thumb"[^>]*>\s*<a class="btn btn-call" href="tel:\+8675588828155">', html
    )


def test_without_a_hotline_there_is_no_empty_link(client: Client) -> None:
    html = get(client)

    assert "tel:" not in html
    assert "客服热线" not in html


def test_the_menu_marks_where_the_reader_is(client: Client) -> None:
    SiteLink.objects.create(placement="menu", label="首页", url="/")
    article = cast.article()

    assert '<a href="/articles/" aria-current="page">资讯</a>' in get(client)
    assert '<a href="/articles/" aria-current="true">资讯</a>' in get(
        client, article.get_absolute_url()
    )
    assert '<a href="/">首页</a>' in get(client)
    assert '<a href="/" aria-current="page">首页</a>' in get(client, "/")


def test_the_footer_begins_with_the_company_links(client: Client) -> None:
    SiteLink.objects.all().delete()
    for order, label in enumerate(COMPANY):
        SiteLink.objects.create(placement="company", label=label, url="/about/", order=order)
    SiteLink.objects.create(placement="keyword", label="深圳劳务派遣公司", url="/services/")

    footer = get(client).split('<footer class="foot">')[1]

    assert re.findall(r"<a[^>]*>(.*?)</a>", footer)[:7] == [*COMPANY, "深圳劳务派遣公司"]


def test_links_of_friends_vouch_for_nothing(client: Client) -> None:
    SiteLink.objects.create(placement="friend", label="公示系统", url="https://www.gsxt.gov.cn/")

    assert (
        '<a href="https://www.gsxt.gov.cn/" rel="nofollow noopener" target="_blank">公示系统</a>'
        in get(client)
    )


def test_the_numbers_the_law_asks_for_are_linked(client: Client) -> None:
    cast.profile(
        legal_name="深圳市鹏聘人力资源有限公司（示例）",
        icp_number="粤ICP备00000000号",
        police_number="粤公网安备44030000000000号",
        complaint_phone="0755-8882 8156",
    )
    cast.licence(number="示例0001号")
    cast.licence(Licence.Kind.HR_SERVICE, "示例0002号")

    footer = get(client).split('<footer class="foot">')[1]

    assert re.search(r'<a href="https://beian.miit.gov.cn/"[^>]*>粤ICP备00000000号</a>', footer)
    assert 'href="https://beian.mps.gov.cn/#/query/webSearch?code=44030000000000"' in footer
    assert '<a href="/licences/">劳务派遣经营许可证 示例0001号</a>' in footer
    assert '<a href="/licences/">人力资源服务许可证 示例0002号</a>' in footer
    assert "深圳市鹏聘人力资源有限公司（示例）" in footer
    assert "投诉电话：0755-8882 8156" in footer


def test_numbers_nobody_has_given_leave_no_trace(client: Client) -> None:
    html = get(client)

    assert "beian" not in html
    assert "投诉电话" not in html


def test_the_first_thing_a_keyboard_reaches_skips_to_the_text(client: Client) -> None:
    html = get(client)

    assert re.search(r"<a[^>]*>", html)[0] == '<a class="skip" href="#main">'  # type: ignore[index]
    assert '<main id="main"' in html


def test_nothing_is_asked_of_another_host(client: Client) -> None:
    html = get(client, cast.article().get_absolute_url())

    assert re.findall(r'(?:src|srcset)="(?:https?:)?//', html) == []
    assert re.findall(r'<link(?! rel="canonical")[^>]*href="(?:https?:)?//', html) == []
