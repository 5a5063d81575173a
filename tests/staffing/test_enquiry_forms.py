"""The forms a visitor can send: taken in whole, refused in Chinese, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.delivery.models import Delivery
from portal.cms.private.models import PrivateFile
from staffing.models import Enquiry, PrivacyNotice
from tests import cast
from tests.staffing import visitors
from tests.staffing.visitors import APPLICATION, CALL_BACK, COMPANY, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor() -> Client:
    """One that would be refused anything that asks for Django's token."""
    return Client(enforce_csrf_checks=True)


def the_lead() -> Enquiry:
    return Enquiry.objects.get()


def test_a_company_asks(visitor: Client) -> None:
    visitors.somebody_to_tell()
    service, place = cast.service(), cast.district()
    more = {"service": service.pk, "district": place.pk, "headcount": "３０", "job_type": "包装工"}
    response = send(visitor, "/enquiry/?from=/services/dispatch/", {**COMPANY, **more})
    assert response.status_code == 303
    lead = the_lead()
    assert (lead.kind, lead.company, lead.phone) == (
        "company",
        "深圳市示例电子有限公司",
        "+8613812348155",
    )
    assert (lead.service, lead.district, lead.headcount) == (service, place, 30)
    assert lead.page == "/services/dispatch/"
    assert lead.keep_until == timezone.localdate() + timedelta(days=365)
    assert [event.kind for event in lead.events.all()] == ["received"]
    assert Delivery.objects.about(lead).count() == 1
    assert visitor.cookies == {}


def test_thanks_names_the_number_and_nothing_else(visitor: Client) -> None:
    response = send(visitor, "/enquiry/", COMPANY)
    thanks = visitor.get(response["Location"])
    assert thanks.status_code == 200
    assert the_lead().reference in thanks.text
    assert "王女士" not in thanks.text
    assert "8155" not in thanks.text
    assert "no-store" in thanks["Cache-Control"]
    assert 'content="noindex"' in thanks.text


@pytest.mark.parametrize("sent", ["", "company:26-AAAAAA", "company:26-AAAAAA:forged"])
def test_thanks_believes_no_number_that_is_not_signed(client: Client, sent: str) -> None:
    assert client.get("/enquiry/thanks/", {"sent": sent}).status_code == 404


def test_somebody_wants_to_be_called(visitor: Client) -> None:
    response = send(visitor, "/enquiry/call-back/", {**CALL_BACK, "call_when": "明天上午"})
    assert response.status_code == 303
    lead = the_lead()
    assert (lead.kind, lead.phone, lead.call_when) == ("call_back", "+8675588828155", "明天上午")


def test_consent_names_the_version_the_time_and_the_address(visitor: Client) -> None:
    send(visitor, "/enquiry/", COMPANY)
    consent = the_lead().consents.get()
    assert consent.notice == cast.notice("company")
    assert consent.recipient == ""
    assert consent.address == "127.0.0.1"


def test_no_box_is_ticked_beforehand(client: Client) -> None:
    job = cast.job()
    for address in ("/enquiry/", "/enquiry/call-back/", f"/jobs/{job.pk}/apply/", "/complaint/"):
        assert " checked" not in client.get(address).text


def test_without_consent_nothing_is_stored(visitor: Client) -> None:
    response = send(visitor, "/enquiry/", {**COMPANY, "agree": ""})
    assert response.status_code == 422
    assert "请阅读告知内容，同意后勾选。" in response.text
    assert not Enquiry.objects.exists()


def test_words_that_changed_meanwhile_are_asked_anew(visitor: Client) -> None:
    html = visitor.get("/enquiry/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    cast.notice("company", text="新的告知。")
    response = visitor.post("/enquiry/", data)
    assert response.status_code == 422
    assert "告知内容刚刚更新" in response.text
    assert "新的告知。" in response.text
    assert " checked" not in response.text
    assert "深圳市示例电子有限公司" in response.text
    assert not Enquiry.objects.exists()


def test_what_is_missing_is_said_at_the_field_and_above(visitor: Client) -> None:
    response = send(visitor, "/enquiry/", {"company": "", "name": "王女士", "phone": "12345"})
    assert response.status_code == 422
    assert "还差一点，请看下面 2 处" in response.text
    assert '<a href="#id_company">公司名称</a>：请填写公司名称。' in response.text
    assert 'id="id_phone_error"' in response.text
    assert 'aria-invalid="true"' in response.text
    assert 'value="王女士"' in response.text
    assert 'value="12345"' in response.text


@pytest.mark.parametrize("phone", ["+1 212 555 0123", "110", "12345678901", "电话", "1381234815a"])
def test_numbers_nobody_here_would_call_are_refused(visitor: Client, phone: str) -> None:
    assert send(visitor, "/enquiry/call-back/", {"phone": phone}).status_code == 422
    assert not Enquiry.objects.exists()


def test_a_name_cannot_break_a_line(visitor: Client) -> None:
    name = "王女士\r\nBcc: a@example.com"
    send(visitor, "/enquiry/", {**COMPANY, "name": name[:30]})
    assert "\n" not in the_lead().name


def test_markup_is_shown_as_it_was_typed(visitor: Client) -> None:
    response = send(visitor, "/enquiry/", {**COMPANY, "name": "<script>", "phone": ""})
    assert "&lt;script&gt;" in response.text
    assert 'value="<script>"' not in response.text


@pytest.mark.parametrize(
    "address", ["/enquiry/", "/enquiry/call-back/", "/complaint/", "/takedown/"]
)
def test_forms_are_kept_nowhere_and_set_no_cookie(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert "csrfmiddlewaretoken" not in response.text
    assert client.put(address).status_code == 405


def test_engines_keep_one_form_and_not_one_for_each_page(client: Client) -> None:
    assert "noindex" not in client.get("/enquiry/").text
    assert "noindex" in client.get("/enquiry/?from=/services/").text
    cast.hotline()
    links = re.findall(r'<a [^>]*href="/enquiry/[^>]*>', client.get("/services/").text)
    assert links
    assert all('rel="nofollow"' in link for link in links)


def test_to_show_a_form_costs_little(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cast.hotline()
    for n in range(5):
        cast.service(f"service-{n}", f"服务{n}")
        cast.district(f"district-{n}", f"区{n}")
    # Rules, notices, services, districts, the profile once more, the chrome's six, due changes.
    with django_assert_num_queries(12):
        client.get("/enquiry/")


def test_a_page_of_another_site_is_no_source(visitor: Client) -> None:
    send(visitor, "/enquiry/?from=//evil.example/", {**COMPANY, "referrer_host": "evil.example/x"})
    lead = the_lead()
    assert (lead.page, lead.referrer_host) == ("", "")


def test_the_network_of_ipv6_is_noted_by_its_first_address(visitor: Client) -> None:
    visitor.defaults["HTTP_X_FORWARDED_FOR"] = "2001:db8:1:2:3:4:5:6"
    send(visitor, "/enquiry/", COMPANY)
    assert the_lead().consents.get().address == "2001:db8:1:2::"


def test_how_they_came_is_noted(visitor: Client) -> None:
    told = {
        "landing_page": "/articles/",
        "referrer_host": "www.baidu.com",
        "search_words": "日结 \n宝安",
    }
    send(visitor, "/enquiry/", {**COMPANY, **told})
    lead = the_lead()
    assert lead.landing_page == "/articles/"
    assert lead.referrer_host == "www.baidu.com"
    assert lead.search_words == "日结 宝安"


def test_without_a_notice_nothing_is_asked(client: Client) -> None:
    PrivacyNotice.objects.all().delete()
    response = client.get("/enquiry/")
    assert response.status_code == 503
    assert "请打电话" in response.text
    assert 'name="phone"' not in response.text


# --- Applications -----------------------------------------------------------------------------------


def test_somebody_applies(visitor: Client) -> None:
    job = cast.job()
    response = send(visitor, f"/jobs/{job.pk}/apply/", {**APPLICATION, "needs_lodging": "on"})
    assert response.status_code == 303
    lead = the_lead()
    assert (lead.kind, lead.job, lead.birth_year) == ("application", job, 1998)
    assert lead.needs_lodging is True
    assert lead.page == job.get_absolute_url()
    assert lead.consents.count() == 1


def test_a_cv_is_kept_privately(visitor: Client) -> None:
    job = cast.job()
    paper = SimpleUploadedFile("小刘的简历.pdf", b"%PDF-1.4\n1 0 obj <<>> endobj\n%%EOF\n")
    send(visitor, f"/jobs/{job.pk}/apply/", {**APPLICATION, "cv": paper})
    kept = the_lead().cv
    assert kept is not None
    assert kept.name == "小刘的简历.pdf"
    assert "小刘" not in kept.file.name


def test_what_is_no_cv_is_refused_at_its_box_and_nothing_is_kept(visitor: Client) -> None:
    job = cast.job()
    program = SimpleUploadedFile("简历.exe", b"MZ\x90\x00 a program")
    response = send(visitor, f"/jobs/{job.pk}/apply/", {**APPLICATION, "cv": program})
    assert response.status_code == 422
    assert 'id="id_cv_error"' in response.text
    assert "小刘" in response.text
    assert not Enquiry.objects.exists()
    assert not PrivateFile.objects.exists()


def test_handing_on_to_the_client_is_agreed_to_apart(visitor: Client) -> None:
    job = cast.job()
    version = str(cast.notice("application", "forwarding").pk)
    send(visitor, f"/jobs/{job.pk}/apply/", {**APPLICATION, "forward": version})
    assert {(c.notice.purpose, c.recipient) for c in the_lead().consents.all()} == {
        ("handling", ""),
        ("forwarding", job.client_name),
    }


def test_who_is_hired_for_ourselves_is_handed_to_nobody(client: Client) -> None:
    job = cast.job(employer_type="own", client_name="")
    assert 'name="forward"' not in client.get(f"/jobs/{job.pk}/apply/").text


@pytest.mark.parametrize("age", [15, 17])
def test_who_is_too_young_cannot_apply(visitor: Client, age: int) -> None:
    job = cast.job()
    young = {**APPLICATION, "birth_year": timezone.localdate().year - age}
    response = send(visitor, f"/jobs/{job.pk}/apply/", young)
    assert response.status_code == 422
    assert "要求年满 18 周岁" in response.text
    assert not Enquiry.objects.exists()


@pytest.mark.parametrize("year", ["", "98", "1998年", "3000", "-1"])
def test_a_year_that_is_none_is_refused(visitor: Client, year: str) -> None:
    job = cast.job()
    response = send(visitor, f"/jobs/{job.pk}/apply/", {**APPLICATION, "birth_year": year})
    assert response.status_code == 422


def test_a_job_that_is_closed_takes_nobody(visitor: Client) -> None:
    job = cast.job()
    html = visitor.get(f"/jobs/{job.pk}/apply/").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **APPLICATION}
    job.filled_at = timezone.now()
    job.save()
    for response in (
        visitor.get(f"/jobs/{job.pk}/apply/"),
        visitor.post(f"/jobs/{job.pk}/apply/", data),
    ):
        assert response.status_code == 302
        assert response["Location"] == job.get_absolute_url()
    assert not Enquiry.objects.exists()


def test_a_job_that_nobody_sees_cannot_be_applied_for(client: Client) -> None:
    job = cast.job(status="draft", go_live_at=None, first_published_at=None)
    assert client.get(f"/jobs/{job.pk}/apply/").status_code == 404
    assert client.get("/jobs/99999/apply/").status_code == 404
