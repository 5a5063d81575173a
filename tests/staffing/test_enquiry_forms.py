"""The forms a visitor can send: taken in whole, refused in Chinese, and nothing typed is lost."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from portal.cms.delivery.models import Delivery
from portal.cms.private.models import PrivateFile
from staffing.models import Consent, Enquiry, Form, FormPolicy, Job, PrivacyNotice
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
    cast.hotline(always=True)
    response = send(visitor, "/enquiry/", COMPANY)
    thanks = visitor.get(response["Location"])
    assert thanks.status_code == 200
    assert thanks.text.count(the_lead().reference) == 1
    assert "王女士" not in thanks.text
    assert "1234 8155" not in thanks.text
    assert "no-store" in thanks["Cache-Control"]
    assert 'content="noindex"' in thanks.text


@pytest.mark.parametrize("sent", ["", "company:26-AAAAAA", "company:26-AAAAAA:forged"])
def test_thanks_believes_no_number_that_is_not_signed(client: Client, sent: str) -> None:
    assert client.get("/enquiry/thanks/", {"sent": sent}).status_code == 404


def test_the_box_of_a_consent_has_one_value(visitor: Client) -> None:
    box = re.search(r'<input type="checkbox" name="agree"[^>]*>', visitor.get("/enquiry/").text)
    assert box is not None
    assert box[0].count("value=") == 1


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


def test_a_page_that_came_back_says_so_in_its_title(visitor: Client) -> None:
    assert "<title>企业用工咨询_" in visitor.get("/enquiry/").text
    assert "<title>请检查：企业用工咨询_" in send(visitor, "/enquiry/", {"phone": ""}).text
    # Where nothing is to be checked it says what is to be done.
    asked = send(visitor, "/enquiry/", COMPANY, after=1).text
    assert "<title>再回答一个小问题就好，您填的内容都还在。企业用工咨询_" in asked


@pytest.mark.parametrize("body", ["", "{}", "company=x"])
@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
def test_what_is_no_form_is_answered_with_one(visitor: Client, body: str, kind: str) -> None:
    for address in ("/enquiry/", "/complaint/"):
        response = visitor.post(address, body, content_type=kind)
        assert response.status_code == 422
        assert "您填的内容都还在" in response.text


@pytest.mark.parametrize("box", ["landing_page", "search_words", "website", "answer", "source"])
def test_nothing_is_wrong_with_a_box_that_nobody_sees(visitor: Client, box: str) -> None:
    response = send(visitor, "/enquiry/", {**COMPANY, box: "一\0二" * 400})
    if response.status_code == 422:  # asked a question, for the trap
        assert box == "website"
        assert "等于几" in response.text
    else:
        assert response.status_code == 303


def test_a_line_break_counts_as_one_sign(visitor: Client) -> None:
    text = "\r\n".join(["一" * 99] * 10)
    assert send(visitor, "/enquiry/", {**COMPANY, "message": text}).status_code == 303
    assert the_lead().message == text.replace("\r\n", "\n")


@pytest.mark.parametrize("slug", ["none", "\0", "a" * 300, "劳务派遣"])
def test_a_service_that_is_none_is_not_chosen(client: Client, slug: str) -> None:
    response = client.get("/enquiry/", {"service": slug})
    assert response.status_code == 200
    assert 'name="phone"' in response.text


def test_what_a_lapsed_licence_stands_for_is_not_sold(visitor: Client) -> None:
    cast.hotline(always=True)
    licence = cast.licence(valid_to=timezone.localdate())
    service = cast.service(required_licence=licence)
    html = visitor.get("/enquiry/?service=dispatch").text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **COMPANY}
    assert data["service"] == str(service.pk)
    licence.valid_to = timezone.localdate() - timedelta(days=1)
    licence.save()
    response = visitor.get("/enquiry/?service=dispatch")
    assert response.status_code == 200
    assert "证照换发中，“劳务派遣”暂不受理" in response.text
    assert 'class="btn btn-call" href="tel:+8675588828155"' in response.text
    assert 'name="phone"' not in response.text
    assert ">劳务派遣</option>" not in visitor.get("/enquiry/").text
    late = visitor.post("/enquiry/?service=dispatch", data)
    assert late.status_code == 422
    assert "这项服务暂不受理" in late.text
    assert 'value="王女士"' in late.text


def test_each_form_says_how_often_it_may_be_sent(client: Client) -> None:
    FormPolicy.objects.update(per_phone_day=7, per_address_hour=8, per_address_day=31)
    job = cast.job()
    forms = ("/enquiry/", "/enquiry/call-back/", f"/jobs/{job.pk}/apply/", "/complaint/")
    for address in (*forms, "/takedown/"):
        text = client.get(address).text
        assert "一天最多提交 7 次" in text
        assert "一小时最多 8 次、一天最多 31 次" in text


def test_the_form_to_be_called_back_says_whether_anybody_is_there(client: Client) -> None:
    cast.hotline()
    with time_machine.travel(timezone.make_aware(datetime(2026, 11, 24, 10))):
        assert "现在有人值班，我们尽快给您打过去" in client.get("/enquiry/call-back/").text
    with time_machine.travel(timezone.make_aware(datetime(2026, 11, 24, 21))):
        text = client.get("/enquiry/call-back/").text
    assert "明天 8:30 起接听，上班后我们给您打过去" in text


@pytest.mark.parametrize("known", ["nothing", "no hours"])
def test_without_hours_nobody_is_promised_to_be_on_duty(visitor: Client, known: str) -> None:
    if known == "no hours":
        cast.hotline().hours.all().delete()
    days = FormPolicy.of(Form.CALL_BACK).reply_working_days
    response = send(visitor, "/enquiry/call-back/", CALL_BACK)
    for text in (visitor.get("/enquiry/call-back/").text, visitor.get(response["Location"]).text):
        assert "有人值班" not in text
        assert f"{days} 个工作日内给您打过去。" in text


def test_where_nothing_opens_it_is_said_once(client: Client) -> None:
    hotline = cast.hotline()
    hotline.hours.update(first_day=1, last_day=1)
    for n in range(20):
        cast.special_day(date(2026, 11, 20) + timedelta(days=n))
    with time_machine.travel(timezone.make_aware(datetime(2026, 11, 24, 10))):
        panel = client.get("/enquiry/").text.split('id="hotline-panel"')[1].split("</section>")[0]
    assert "现在没有人接电话" in panel
    assert "现在没有人接听" not in panel


def test_the_job_leads_with_the_application_wherever_a_thumb_is(client: Client) -> None:
    cast.hotline(always=True)
    job = cast.job()
    bar = client.get(job.get_absolute_url()).text.split('class="thumb"')[1]
    assert 0 < bar.index(f'href="/jobs/{job.pk}/apply/"') < bar.index("拨打热线")
    Job.objects.update(filled_at=timezone.now())
    assert "apply/" not in client.get(job.get_absolute_url()).text


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
    # Rules, notices, services, districts, the profile and the hotline once more, the chrome's six, due
    # changes.
    with django_assert_num_queries(13):
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
    assert 'href="/contact/">联系我们' in response.text
    assert 'name="phone"' not in response.text
    cast.hotline()
    assert '请打电话：<a href="tel:+8675588828155">' in client.get("/enquiry/").text


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


CLIENT = "深圳市示例电子有限公司"


def ticked(html: str, name: str) -> str:
    """What a browser sends of a box of consent that is ticked."""
    found = re.search(f'name="{name}" value="([^"]+)"', html)
    assert found is not None
    return found[1]


def test_handing_on_to_the_client_is_agreed_to_apart(visitor: Client) -> None:
    job = cast.job(client_name=CLIENT)
    address = f"/jobs/{job.pk}/apply/"
    html = visitor.get(address).text
    assert f"提供给用工单位：{CLIENT}" in html
    send(visitor, address, {**APPLICATION, "forward": ticked(html, "forward")})
    assert {(c.notice.purpose, c.recipient) for c in the_lead().consents.all()} == {
        ("handling", ""),
        ("forwarding", CLIENT),
    }


@pytest.mark.parametrize("changed", ["client", "client in the label alone", "company"])
def test_nobody_agrees_to_somebody_they_were_not_shown(visitor: Client, changed: str) -> None:
    job = cast.job(client_name=CLIENT)
    if "alone" in changed:
        cast.notice("application", "forwarding", text="我们会把资料提供给用工单位。")
    address = f"/jobs/{job.pk}/apply/"
    html = visitor.get(address).text
    if "client" in changed:
        Job.objects.update(client_name="深圳市另一家电子有限公司")
    else:
        cast.profile(legal_name="另一家人力资源有限公司")
    agreed = {"agree": ticked(html, "agree"), "forward": ticked(html, "forward")}
    response = send(visitor, address, {**APPLICATION, **agreed})
    assert response.status_code == 422
    assert "告知内容刚刚更新" in response.text
    assert not Consent.objects.exists()


@pytest.mark.parametrize(
    "client_name", ["", "电子制造企业（宝安沙井），报名时告知名称", "某电子有限公司"]
)
def test_who_is_not_named_is_asked_for_on_the_telephone(client: Client, client_name: str) -> None:
    job = cast.job(client_name=client_name)
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


def test_who_has_typed_when_a_job_closes_keeps_it_and_is_told(visitor: Client) -> None:
    job = cast.job()
    address = f"/jobs/{job.pk}/apply/"
    html = visitor.get(address).text
    data = {**visitors.typed_in(html), **visitors.agreeing(html), **APPLICATION}
    job.filled_at = timezone.now()
    job.save()
    response = visitor.get(address)
    assert (response.status_code, response["Location"]) == (302, job.get_absolute_url())
    answer = visitor.post(address, data)
    assert answer.status_code == 410
    assert "这个岗位刚刚停止报名，这一次没有收到" in answer.text
    assert 'value="小刘"' in answer.text
    assert f'href="/enquiry/call-back/?from={address}"' in answer.text
    assert 'type="submit">报名' not in answer.text
    # Nothing is to be corrected in what cannot be sent.
    assert "aria-invalid" not in visitor.post(address, {**data, "birth_year": "98"}).text
    assert not Enquiry.objects.exists()


def test_a_job_that_nobody_sees_cannot_be_applied_for(client: Client) -> None:
    job = cast.job(status="draft", go_live_at=None, first_published_at=None)
    assert client.get(f"/jobs/{job.pk}/apply/").status_code == 404
    assert client.get("/jobs/99999/apply/").status_code == 404
