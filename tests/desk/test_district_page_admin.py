"""Landing pages of districts at the desk."""

from __future__ import annotations

import pytest
from django.test import Client

from portal.districts.models import DistrictPage
from tests import cast
from tests.desk.forms import form_of, press

pytestmark = pytest.mark.django_db

LIST = "/admin/portal/districtpage/"
ADD = f"{LIST}add/"
TEXT = f"<p>{'沙井的电子厂旺季在八月到十一月，宿舍紧张，班车要排在前面。' * 15}</p>"


def test_editors_have_no_business_here(editor: Client) -> None:
    assert editor.get(LIST).status_code == 403


def test_every_field_is_in_the_form(staff: Client) -> None:
    shown = set(staff.get(ADD).context["adminform"].form.fields)
    fields = DistrictPage._meta.concrete_fields
    assert shown == {field.name for field in fields if field.editable and not field.primary_key}


def test_a_page_is_written_and_published(staff: Client) -> None:
    data = {
        "district": cast.district().pk,
        "title": "宝安区用工与招工",
        "slug": "baoan",
        "summary": "沙井的厂区和班车。",
        "body": TEXT,
    }
    press(staff, ADD, "_publish", **data)
    assert DistrictPage.objects.get().is_public


def test_a_short_text_stays_a_draft(staff: Client) -> None:
    page = cast.district_page(status="draft", go_live_at=None, first_published_at=None)
    response = press(staff, form_of(page), "_publish", body="<p>太短。</p>")
    page.refresh_from_db()
    assert not page.is_public
    assert "body" in staff.get(response["Location"]).context["adminform"].form.errors


def test_a_text_of_another_district_stays_a_draft(staff: Client) -> None:
    cast.district_page("longhua", "龙华区", body=TEXT)
    page = cast.district_page(body=TEXT, status="draft", go_live_at=None, first_published_at=None)
    press(staff, form_of(page), "_publish")
    page.refresh_from_db()
    assert not page.is_public


def test_a_copy_begins_without_the_district(staff: Client) -> None:
    page = cast.district_page()
    press(staff, form_of(page), "_copy")
    assert DistrictPage.objects.get(slug="baoan-2").district is None


def test_the_list_says_what_is_not_shown_yet(staff: Client) -> None:
    page = cast.district_page()
    view = f'href="{page.get_absolute_url()}"'
    assert "尚未显示" in staff.get(LIST).text
    assert view not in staff.get(form_of(page)).text
    for n in range(3):
        cast.job(f"岗位{n}")
    assert "尚未显示" not in staff.get(LIST).text
    assert view in staff.get(form_of(page)).text
