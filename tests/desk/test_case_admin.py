"""Cases at the desk: who writes them, and how long a client may be named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from staffing.models import Case
from tests import cast
from tests.desk.forms import form_of, press, said

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/case/"
ADD = f"{LIST}add/"


def test_editors_have_no_business_here(editor: Client) -> None:
    assert editor.get(LIST).status_code == 403


def test_every_field_of_a_case_is_in_the_form(staff: Client) -> None:
    shown = set(staff.get(ADD).context["adminform"].form.fields)
    fields = Case._meta.concrete_fields
    assert shown == {field.name for field in fields if field.editable and not field.primary_key}


def test_a_case_is_written_and_published(staff: Client) -> None:
    data = {
        "title": "旺季加两条线",
        "slug": "peak-season",
        "industry": "电子制造",
        "summary": "分四批到岗。",
        "body": "<p>先算上限。</p>",
    }
    press(staff, ADD, "_publish", **data)
    assert Case.objects.get().is_public


def test_a_client_is_not_named_without_its_consent(staff: Client) -> None:
    case = cast.case(status="draft", go_live_at=None, first_published_at=None)
    response = press(staff, form_of(case), "_publish", client_name="深圳市示例电子有限公司")
    case.refresh_from_db()
    assert not case.is_public
    assert case.client_name == "深圳市示例电子有限公司"
    page = staff.get(response["Location"])
    assert {"permission_note", "permission_until"} <= set(page.context["adminform"].form.errors)
    assert "书面同意" in said(page)


def test_a_copy_begins_without_the_client(staff: Client) -> None:
    until = timezone.localdate() + timedelta(days=9)
    case = cast.case(client_name="示例电子", permission_note="函", permission_until=until)
    press(staff, form_of(case), "_copy")
    copy = Case.objects.get(slug="peak-season-2")
    assert (copy.client_name, copy.permission_note, copy.permission_until) == ("", "", None)


def test_the_list_says_how_long_a_client_may_be_named(staff: Client) -> None:
    today = timezone.localdate()
    named = {"client_name": "示例电子", "permission_note": "函"}
    cast.case("agreed", permission_until=today + timedelta(days=200), **named)
    ended = cast.case("ended", permission_until=today - timedelta(days=1), **named)
    cast.case("unnamed")
    page = staff.get(LIST).text
    for words in ("还有 200 天", "已隐藏", "不写"):
        assert words in page
    waiting = staff.get(LIST, {"attention": "consent"})
    assert list(waiting.context["cl"].result_list) == [ended]
    assert "客户同意已到期或 30 天内到期的案例" in staff.get("/admin/").text
