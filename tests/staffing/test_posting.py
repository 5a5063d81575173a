"""What search engines are told of a job: whole for every live one, nothing for any other."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from portal.cms.compliance.decisions import assess
from portal.cms.preview import Preview
from portal.cms.revisions.content import content_of
from portal.cms.site import SiteProfile
from staffing.jobs.posting import job_posting
from staffing.models import District, Job, Licence
from tests import cast
from tests.desk.pictures import picture
from tests.staffing import states

pytestmark = pytest.mark.django_db

# https://developers.google.com/search/docs/appearance/structured-data/job-posting, November 2026.
REQUIRED = {"title", "description", "datePosted", "hiringOrganization", "jobLocation"}
RECOMMENDED = {
    *("validThrough", "employmentType", "baseSalary", "identifier", "directApply"),
    *("educationRequirements", "experienceRequirements"),
}
# For remote work alone: `jobLocationType`, `applicantLocationRequirements`.
EMPLOYMENT = {
    *(
        "FULL_TIME",
        "PART_TIME",
        "CONTRACTOR",
        "TEMPORARY",
        "INTERN",
        "VOLUNTEER",
        "PER_DIEM",
        "OTHER",
    ),
}
DEGREES = {
    *("high school", "associate degree", "bachelor degree", "professional certificate"),
    "postgraduate degree",
}


def profile() -> SiteProfile:
    return SiteProfile(name="鹏聘", legal_name="深圳市鹏聘人力资源有限公司（示例）")


def read(**fields: Any) -> Job:
    """A job as the database has it."""
    job: Job = Job.objects.select_related("district").get(pk=cast.job(**fields).pk)
    return job


def posting(**fields: Any) -> dict[str, Any]:
    made = job_posting(read(**fields), profile())
    assert made is not None
    return made


def assert_whole(made: dict[str, Any]) -> None:
    """Fail unless every property that Google requires or recommends is there, and in its form."""
    assert set(made) >= REQUIRED | RECOMMENDED
    assert all(made.values())
    assert re.sub("<[^>]*>", "", made["description"])
    assert (made["@context"], made["@type"]) == ("https://schema.org/", "JobPosting")
    posted, ends = (datetime.fromisoformat(made[key]) for key in ("datePosted", "validThrough"))
    assert posted < ends
    assert posted.utcoffset() == ends.utcoffset() == timedelta(hours=8)
    assert made["employmentType"] in EMPLOYMENT
    assert made["directApply"] is True
    assert made["hiringOrganization"]["@type"] == "Organization"
    assert made["hiringOrganization"]["name"]
    assert made["hiringOrganization"]["sameAs"] == "http://127.0.0.1:8000/"
    place = made["jobLocation"]["address"]
    assert made["jobLocation"]["@type"] == "Place"
    assert place["addressCountry"] == "CN"
    for name in ("streetAddress", "addressLocality", "addressRegion"):
        assert place[name], name
    assert re.fullmatch("[0-9]{6}", place["postalCode"])
    assert made["identifier"]["@type"] == "PropertyValue"
    assert made["identifier"]["value"]
    assert_salary(made["baseSalary"])
    schooling, experience = made["educationRequirements"], made["experienceRequirements"]
    if schooling != "no requirements":
        assert schooling["@type"] == "EducationalOccupationalCredential"
        assert schooling["credentialCategory"] in DEGREES
    if experience != "no requirements":
        assert experience["@type"] == "OccupationalExperienceRequirements"
        assert experience["monthsOfExperience"] > 0
    json.dumps(made)


def assert_salary(salary: dict[str, Any]) -> None:
    assert (salary["@type"], salary["currency"]) == ("MonetaryAmount", "CNY")
    value = salary["value"]
    assert value["@type"] == "QuantitativeValue"
    assert value["unitText"] in {"HOUR", "DAY", "WEEK", "MONTH", "YEAR"}
    amounts = [value[name] for name in ("value", "minValue", "maxValue") if name in value]
    assert all(isinstance(amount, int | float) and amount > 0 for amount in amounts)
    assert len(amounts) == (1 if "value" in value else 2)


# --- What is published is whole ------------------------------------------------------------------------


def mostly(*good: Any, bad: tuple[Any, ...] = (None,)) -> st.SearchStrategy[Any]:
    """A value that may be published, or now and then one that may not."""
    return st.sampled_from([*good * 12, *bad * len(good)])


DAY = timedelta(days=1)
# What a colleague may leave in a form, kept as a draft.
DRAFTS = st.fixed_dictionaries(
    {
        "title": mostly("电子厂普工", "<b>普工</b>", bad=("",)),
        "kind": st.sampled_from(Job.Kind.values),
        "employer_type": st.sampled_from(Job.EmployerType.values),
        "client_name": mostly("电子制造企业（宝安沙井）", bad=("",)),
        "duties": mostly("流水线组装。\n\n装盒。", bad=("",)),
        "requirements": mostly("年满 18 周岁。", bad=("",)),
        "headcount": mostly(1, 30),
        "province": mostly("广东省", bad=("",)),
        "city": mostly("深圳市", "东莞市", bad=("",)),
        "district": mostly("518100", bad=("", None)),
        "address": mostly("沙井街道（示例）", bad=("",)),
        "pay_unit": st.sampled_from([*Job.PayUnit.values, Job.PayUnit.PIECE]),
        "pay_min": mostly(Decimal("0.35"), Decimal("23.50"), Decimal(5000)),
        "pay_max": st.sampled_from([None, Decimal(5000), Decimal(6000)]),
        "hourly_min": mostly(Decimal("23.50"), Decimal(24)),
        "hourly_max": st.sampled_from([None, Decimal(24), Decimal("28.80")]),
        "education": mostly("", "不限", "初中", "高中以下", "大专以上", bad=("有叉车证", "？"))
        | st.text(max_size=20),
        "experience_months": st.sampled_from([None, 0, 6]),
        "valid_through": mostly(0 * DAY, 30 * DAY, bad=(None, -DAY)),
        "go_live_at": st.sampled_from([None, -400 * DAY]),
    }
)


def test_whatever_may_be_published_is_told_whole() -> None:
    """Of all that can stand in a draft: what neither its fields nor its rules hold back."""
    cast.licence(Licence.Kind.DISPATCH)
    cast.licence(Licence.Kind.HR_SERVICE, "示例0002号")
    districts = {
        code: District.objects.create(slug=f"d{code}", name=f"第{code}区", postal_code=code)
        for code in ("", "518100")
    }
    profiles = [profile(), SiteProfile(name="鹏聘", logo=picture())]
    live: list[Job] = []

    @settings(max_examples=50, deadline=None, derandomize=True)
    @given(DRAFTS, st.sampled_from(profiles))
    def publish(fields: dict[str, Any], by: SiteProfile) -> None:
        code, ends, lives = (
            fields.pop(name) for name in ("district", "valid_through", "go_live_at")
        )
        job = cast.job(
            **fields,
            status="draft",
            first_published_at=None,
            go_live_at=lives and timezone.now() + lives,
            valid_through=ends if ends is None else timezone.localdate() + ends,
        )
        job.district = districts.get(code)
        try:
            assume(not assess(job).blocking)
            job.publish()
        except ValidationError:
            assert job_posting(job, by) is None
            return
        made = job_posting(job, by)
        assert made is not None
        assert_whole(made)
        assert ("logo" in made["hiringOrganization"]) is (by.logo is not None)
        for amount in made["baseSalary"]["value"].values():
            if isinstance(amount, int | float):  # what engines are told, readers are
                assert f"{amount:,.2f}".removesuffix("00").removesuffix(".") in job.pay_in_full
        live.append(job)

    publish()
    assert len(live) > 10
    assert {job.pay_unit for job in live} == set(Job.PayUnit)


@pytest.mark.parametrize(
    "name",
    ["title", "duties", "province", "city", "district", "address", "pay_min", "valid_through"],
)
def test_what_they_are_told_must_be_filled_in(name: str) -> None:
    job = cast.job(status="draft", go_live_at=None, first_published_at=None)
    assert job.publish_errors() == {}
    setattr(job, name, None)
    assert name in job.publish_errors()


@pytest.mark.parametrize("kind", Job.Kind.values)
@pytest.mark.parametrize("unit", Job.PayUnit.values)
@pytest.mark.parametrize("pay_max", [None, "23.50", "25.00"])
def test_every_live_job_is_told_whole(kind: str, unit: str, pay_max: str | None) -> None:
    fields = {"kind": kind, "pay_unit": unit, "pay_min": "23.50", "pay_max": pay_max}
    assert_whole(posting(**fields, hourly_min="24.00"))


def test_pay_by_the_piece_is_told_by_the_hour_and_so_on_the_page(client: Client) -> None:
    job = read(
        pay_unit=Job.PayUnit.PIECE, pay_min="0.36", pay_max="0.45",
        hourly_min="28.80", hourly_max="36.00",
    )  # fmt: skip
    made = told(client, job)
    assert made is not None
    assert_whole(made)
    assert made["baseSalary"]["value"] == {
        "@type": "QuantitativeValue", "unitText": "HOUR", "minValue": 28.8, "maxValue": 36,
    }  # fmt: skip
    text = "0.36–0.45 元/件（正常产量约合 28.80–36 元/时）"
    assert f"<p>薪酬：{text}</p>" in made["description"]
    assert f"<dt>薪酬</dt><dd>{text}</dd>" in client.get(job.get_absolute_url()).text


@pytest.mark.parametrize("employer_type", Job.EmployerType.values)
def test_one_applies_to_the_agency_whoever_employs(employer_type: str) -> None:
    made = posting(employer_type=employer_type)
    assert made["hiringOrganization"]["name"] == "深圳市鹏聘人力资源有限公司（示例）"
    assert "logo" not in made["hiringOrganization"]


def test_the_agencys_logo_is_told_by_its_whole_address() -> None:
    own = SiteProfile(name="鹏聘", logo=picture())
    made = job_posting(read(), own)
    assert made is not None
    assert made["hiringOrganization"]["name"] == "鹏聘"
    assert made["hiringOrganization"]["logo"].startswith("http://127.0.0.1:8000/media/")


@time_machine.travel("2026-11-23 10:00 +0800")
def test_what_a_job_of_the_house_says() -> None:
    baoan = District.objects.create(slug="baoan", name="宝安区", postal_code="518101")
    made = posting(
        district=baoan, headcount=30, experience_months=6, education="大专以上，专业不限"
    )
    pk = Job.objects.get().pk
    assert made["url"] == f"http://127.0.0.1:8000/jobs/{pk}/"
    assert made["title"] == "电子厂普工"
    assert made["validThrough"] == "2026-12-23T23:59:59+08:00"
    assert made["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressCountry": "CN",
        "addressRegion": "广东省",
        "addressLocality": "深圳市",
        "streetAddress": "宝安区沙井街道（示例）",
        "postalCode": "518101",
    }
    assert made["baseSalary"]["value"] == {
        "@type": "QuantitativeValue",
        "unitText": "HOUR",
        "minValue": 23.5,
        "maxValue": 25,
    }
    assert made["totalJobOpenings"] == 30
    assert made["experienceRequirements"]["monthsOfExperience"] == 6
    assert made["educationRequirements"]["credentialCategory"] == "associate degree"
    assert posting(title="兼职传单员", kind="part-time")["employmentType"] == "PART_TIME"


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "no requirements"),
        ("不限", "no requirements"),
        ("学历不限，会写字", "no requirements"),
        ("不限，高中优先", "no requirements"),
        ("初中", "no requirements"),
        ("学历要求不限", "no requirements"),
        ("高中以下", "no requirements"),
        ("大专及以下", "no requirements"),
        ("本科以下勿扰", "bachelor degree"),
        ("大专或本科", "associate degree"),
        ("大专以上，本科优先", "associate degree"),
        ("初中，高中优先", "no requirements"),
        ("有叉车证", None),
        ("高中或中专", "high school"),
        ("本科及以上（专业不限）", "bachelor degree"),
        ("硕士", "postgraduate degree"),
    ],
)
def test_schooling_is_told_in_their_words_or_not_at_all(written: str, told: str | None) -> None:
    made = posting(education=written).get("educationRequirements")
    category = made["credentialCategory"] if isinstance(made, dict) else made
    assert category == told
    assert category is None or category in DEGREES | {"no requirements"}


# --- For whom there is none --------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "in_review", "scheduled", "expired", "deleted"])
def test_what_is_not_public_has_none(state: str) -> None:
    assert job_posting(read(**states.hidden()[state]), profile()) is None


def test_nor_has_what_was_withdrawn_filled_or_is_past_its_last_day() -> None:
    today = timezone.localdate()
    assert job_posting(read(**states.WITHDRAWN), profile()) is None
    assert job_posting(read(filled_at=timezone.now()), profile()) is None
    assert job_posting(read(valid_through=today - timedelta(days=1)), profile()) is None
    assert job_posting(read(valid_through=None), profile()) is None
    assert job_posting(read(valid_through=today), profile()) is not None


# --- What the text is made of ------------------------------------------------------------------------


class Texts(HTMLParser):
    """The texts of a page, each without the space around it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        if text := "".join(data.split()):
            self.found.append(text)


def test_all_of_it_stands_on_the_page(client: Client) -> None:
    job = read(
        duties="插件、打螺丝。\n\n装盒 & 贴标签。",
        requirements="年满 18 周岁。",
        pay_conditions="晚班另加 20 元",
        shift="两班倒",
        meals="厂内食堂",
    )
    made = job_posting(job, profile())
    assert made is not None
    page = "".join(Texts(client.get(f"/jobs/{job.pk}/").text).found)
    for text in Texts(made["description"]).found:
        label, _, value = text.partition("：")
        assert (value or label) in page, text


def test_whatever_is_typed_is_text() -> None:
    made = posting(duties="<script>alert(1)</script>", pay_conditions="<b>高薪</b>")
    assert "<script" not in made["description"]
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in made["description"]
    assert "<b>高薪" not in made["description"]
    assert "不向求职者收取任何费用" in unescape(made["description"])


def test_it_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    job = read()
    with django_assert_num_queries(0):
        job_posting(job, profile())


# --- On the page --------------------------------------------------------------------------------------


BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)


def told(client: Client, job: Job) -> dict[str, Any] | None:
    """What the page of a job tells engines."""
    blocks = map(json.loads, BLOCK.findall(client.get(f"/jobs/{job.pk}/").text))
    found = [block for block in blocks if block["@type"] != "BreadcrumbList"]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize("kind", Job.Kind.values)
def test_the_page_of_a_live_job_tells_it_whole(client: Client, kind: str) -> None:
    cast.profile(name="鹏聘", legal_name="深圳市鹏聘人力资源有限公司（示例）")
    job = cast.job(kind=kind)
    made = told(client, job)
    assert made is not None
    assert_whole(made)
    assert made["identifier"]["value"] == str(job.pk)


@pytest.mark.parametrize(
    "fields",
    [
        {"filled_at": timezone.now()},
        {"valid_through": timezone.localdate() - timedelta(days=1)},
        {"valid_through": None},
        {"valid_through": timezone.localdate() - timedelta(days=31)},
        *states.hidden().values(),
        states.WITHDRAWN,
    ],
)
def test_the_page_of_any_other_tells_nothing(client: Client, fields: dict[str, Any]) -> None:
    assert told(client, cast.job(**fields)) is None


def test_what_is_over_is_not_indexed(client: Client) -> None:
    noindex = '<meta name="robots" content="noindex,follow">'
    assert noindex not in client.get(f"/jobs/{cast.job().pk}/").text
    over = cast.job(valid_through=timezone.localdate() - timedelta(days=1))
    assert noindex in client.get(f"/jobs/{over.pk}/").text


def test_nothing_typed_ends_the_block(client: Client) -> None:
    title = "</script><script>alert(1)</script>"
    job = cast.job(title, duties='<!-- <script> \u2028 & " \\ 分拣')
    text = client.get(f"/jobs/{job.pk}/").text
    assert "<script>alert" not in text
    assert "<!-- <script>" not in text
    made = told(client, job)
    assert made is not None
    assert made["title"] == title
    assert "&lt;!-- &lt;script&gt;" in made["description"]


def test_a_preview_tells_nothing(client: Client) -> None:
    job = cast.job()
    preview = Preview.objects.keep(Job, job.pk, content_of(job), cast.amin())
    preview.share()
    page = client.get(preview.get_absolute_url())
    assert job.title in page.text
    assert not BLOCK.search(page.text)
