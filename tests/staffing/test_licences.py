"""`/licences/`: 资质公示."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.site import SiteProfile
from staffing.models import Licence
from tests import cast
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db


def write_profile() -> None:
    profile = SiteProfile.load()
    profile.legal_name = "深圳市鹏聘人力资源有限公司（示例）"
    profile.credit_code = "91440300MA0000000H"
    profile.supervising_body = "深圳市宝安区人力资源局（示例）"
    profile.supervising_phone = "0755-1234 5678"
    profile.save()


def test_shows_what_the_law_wants_shown(client: Client) -> None:
    write_profile()
    cast.hotline()
    cast.licence(
        holder="鹏聘人力（示例）",
        authority="许可机关（示例）",
        scope="劳务派遣",
        valid_from=timezone.localdate().replace(month=1, day=5),
        valid_to=timezone.localdate().replace(year=2099, month=3, day=4),
    )
    text = client.get("/licences/").text
    year = timezone.localdate().year
    for shown in (
        "劳务派遣经营许可证",
        "示例0001号",
        "鹏聘人力（示例）",
        "许可机关（示例）",
        f"{year}年1月5日 至 2099年3月4日",
        "深圳市鹏聘人力资源有限公司（示例）",
        "91440300MA0000000H",
        "深圳市宝安区人力资源局（示例）",
        '<a href="tel:0755-12345678">0755-1234 5678</a>',
        "客服热线:0755-8882 8155",
    ):
        assert shown in text


def test_a_licence_without_an_end_is_for_good(client: Client) -> None:
    cast.licence(Licence.Kind.BUSINESS, "示例0003号")
    assert "<dd>长期</dd>" in client.get("/licences/").text


def test_a_scan_leads_to_the_whole_picture(client: Client) -> None:
    scan = picture("licence.png", image_alt_text="许可证扫描件")
    cast.licence(scan=scan)
    text = client.get("/licences/").text
    assert f'<figure><a href="{scan.image_file.url}"><img' in text
    assert 'alt="许可证扫描件"' in text


def test_lapsed_and_private_ones_are_not_shown(client: Client) -> None:
    today = timezone.localdate()
    cast.licence(number="今天到期", valid_to=today)
    cast.licence(number="昨天到期", valid_to=today - timedelta(days=1))
    cast.licence(number="不公开", public=False)

    text = client.get("/licences/").text

    assert "今天到期" in text
    assert "昨天到期" not in text
    assert "不公开" not in text


def test_property_and_queryset_agree() -> None:
    today = timezone.localdate()
    for public in (True, False):
        for valid_to in (None, today, today - timedelta(days=1)):
            cast.licence(public=public, valid_to=valid_to)
    shown = set(Licence.objects.public())
    assert shown == {licence for licence in Licence.objects.all() if licence.is_public}
    assert len(shown) == 2


def test_without_licences_it_says_so_and_gives_the_hotline(client: Client) -> None:
    cast.hotline(always=True)
    text = client.get("/licences/").text
    assert "证照还没有公示" in text
    assert "索要证照 0755-8882 8155" in text


def test_takes_no_form(client: Client) -> None:
    assert client.post("/licences/").status_code == 405


def test_cost_does_not_grow(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.profile()
    cast.hotline()
    cast.licence()
    with django_assert_num_queries(8):  # one, and the chrome's six, due changes
        client.get("/licences/")
    for number in range(9):
        cast.licence(Licence.Kind.OTHER, f"示例{number}号", scan=picture())
    with django_assert_num_queries(8):
        client.get("/licences/")
