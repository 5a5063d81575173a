"""Services at the desk, with their questions, and the districts they cover."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.cms.publishing import State
from staffing.models import Faq, Service
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press, said, values

pytestmark = pytest.mark.django_db

LIST = "/admin/staffing/service/"
ADD = f"{LIST}add/"


def test_editors_have_no_business_here(editor: Client) -> None:
    assert editor.get(LIST).status_code == 403


def test_the_form_is_grouped_for_a_newcomer(staff: Client) -> None:
    page = staff.get(ADD)

    assert [fieldset.name for fieldset in page.context["adminform"]] == [
        "基本",
        "说明",
        "适用",
        "价格",
        "责任与发票",
        "流程与材料",
        "证照与审阅",
        "发布",
        "搜索引擎",
    ]


def test_every_field_of_a_service_is_in_the_form(staff: Client) -> None:
    shown = set(staff.get(ADD).context["adminform"].form.fields)

    fields = [*Service._meta.concrete_fields, *Service._meta.many_to_many]
    editable = {field.name for field in fields if field.editable and not field.primary_key}
    assert shown == editable


def test_a_service_is_written_with_its_questions(staff: Client) -> None:
    licence = cast.licence()
    data = {
        "name": "劳务派遣",
        "slug": "dispatch",
        "summary": "临时、辅助、替代岗位的派遣用工。",
        "legal_model": "dispatch",
        "liability_text": "工伤由派遣单位申报。",
        "required_licence": licence.pk,
        "suitable": "订单高峰\n\n顶岗替补 ",
        "districts": [cast.district().pk],
        "faqs-TOTAL_FORMS": "1",
        "faqs-0-question": "最少多少人起？",
        "faqs-0-answer": "一人起。",
        "faqs-0-audience": "enterprise",
        "faqs-0-review_due": "2027-11-23",
        "faqs-0-order": "10",
    }

    press(staff, ADD, "_publish", **data)

    service = Service.objects.get()
    assert service.is_public
    assert service.suitable == ["订单高峰", "顶岗替补"]
    assert [faq.question for faq in service.faqs.all()] == ["最少多少人起？"]


def test_a_dispatch_service_is_not_published_without_its_licence(staff: Client) -> None:
    service = cast.service(status="draft", go_live_at=None, first_published_at=None)

    response = press(staff, form_of(service), "_publish", summary="写好的摘要")

    service.refresh_from_db()
    assert service.state == State.DRAFT
    assert service.summary == "写好的摘要"
    page = staff.get(response["Location"])
    assert "选择“所需证照”" in said(page)
    assert "required_licence" in page.context["adminform"].form.errors


def test_a_bad_question_loses_nothing(staff: Client) -> None:
    service = cast.service(legal_model="outsourcing")
    data = {
        "name": "改过的名称",
        "faqs-TOTAL_FORMS": "1",
        "faqs-0-question": "有问无答？",
        "faqs-0-order": "10",
    }

    page = press(staff, form_of(service), "_save", **data)

    assert page.status_code == 200
    text = page.content.decode()
    assert "改过的名称" in text
    assert "有问无答？" in text
    assert Service.objects.get().name == service.name
    assert not Faq.objects.exists()


def test_a_copy_takes_the_questions_and_an_address_of_its_own(staff: Client) -> None:
    service = cast.service(suitable=["订单高峰"])
    service.districts.add(cast.district())
    Faq.objects.create(service=service, question="最少多少人起？", answer="一人起。")
    cast.service("dispatch-2", "占着网址的服务")

    press(staff, form_of(service), "_copy")

    copy = Service.objects.get(name="劳务派遣（副本）")
    assert copy.slug == "dispatch-3"
    assert copy.state == State.DRAFT
    assert copy.suitable == ["订单高峰"]
    assert list(copy.districts.all()) == [cast.district()]
    assert [faq.question for faq in copy.faqs.all()] == ["最少多少人起？"]
    assert service.faqs.count() == 1


def test_an_address_is_used_once(staff: Client) -> None:
    cast.service("dispatch")

    page = press(staff, ADD, "_save", name="又一个", slug="dispatch")

    assert page.status_code == 200
    assert Service.objects.count() == 1


def test_the_list_shows_state_and_price(staff: Client) -> None:
    cast.service(price_from="180", price_unit="元/人·月")

    page = staff.get(LIST).content.decode()

    assert "state-live" in page
    assert "180 元/人·月起" in page


def test_the_pages_of_services_speak_chinese(staff: Client) -> None:
    service = cast.service()
    Faq.objects.create(service=service, question="最少多少人起？", answer="一人起。")

    for path in (LIST, ADD, form_of(service), "/admin/staffing/district/"):
        assert english_in(staff.get(path).content.decode(), {"dispatch"}) == []


def test_a_form_is_read_as_it_stands(staff: Client) -> None:
    """What a page shows is what it sends: saving an untouched form changes nothing."""
    service = cast.service(suitable=["订单高峰"], price_from="180.50")
    before: Any = Service.objects.values().get()

    staff.post(form_of(service), {**values(staff.get(form_of(service))), "_save": "1"})

    after: Any = Service.objects.values().get()
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"updated_at", "updated_by_id", "edit_version", "body"}
