"""Leads as rows: what the table itself refuses, and what its journal never says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from portal.cms.phones import phone_key, to_e164
from staffing.models import Consent, Enquiry, EnquiryEvent, Forwarding
from staffing.models.enquiry import PERSONAL
from staffing.models.journal import without_phones
from tests import cast

pytestmark = pytest.mark.both_databases

database = pytest.mark.django_db


def refused(lead: Enquiry, **changes: Any) -> bool:
    """Whether the database refuses to change a lead so."""
    try:
        with transaction.atomic():
            Enquiry.objects.filter(pk=lead.pk).update(**changes)
    except IntegrityError:
        return True
    return False


@database
def test_a_lead_is_named_by_its_reference_and_nothing_else() -> None:
    lead = cast.enquiry("王女士", phone="+8613812348155")
    assert str(lead) == f"{lead.reference} 企业用工咨询"
    assert lead.masked_phone == "138****8155"
    assert len({cast.enquiry().reference for _ in range(20)}) == 20
    assert not set(lead.reference[3:]) & set("01OI")


@database
def test_the_key_follows_the_number_and_outlives_it() -> None:
    lead = cast.enquiry(phone="+8613812348155")
    assert lead.phone_key == phone_key("+8613812348155")
    lead.phone = "+8675588828155"
    lead.save(update_fields=["phone"])
    lead.refresh_from_db()
    assert lead.phone_key == phone_key("+8675588828155")
    erase(lead)
    assert list(Enquiry.objects.of_phone("+8675588828155")) == [lead]


def erase(lead: Enquiry) -> None:
    Enquiry.objects.filter(pk=lead.pk).update(
        erased_at=timezone.now(), birth_year=None, cv=None, **dict.fromkeys(PERSONAL, "")
    )


@database
def test_what_is_sent_twice_is_stored_once() -> None:
    first = cast.enquiry()
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.enquiry(submission=first.submission)
    with pytest.raises(IntegrityError), transaction.atomic():
        cast.enquiry(reference=first.reference)


@database
def test_a_lead_needs_a_number_and_an_application_an_age() -> None:
    lead, application = cast.enquiry(), cast.application()
    assert refused(lead, phone="")
    assert refused(application, birth_year=None)
    assert not refused(lead, birth_year=None)
    assert refused(lead, kind="spam")
    assert refused(lead, status="gone")


@database
@pytest.mark.parametrize("status", Enquiry.Status.values)
def test_what_is_closed_says_when_and_what_is_open_does_not(status: str) -> None:
    lead = cast.enquiry()
    closed = status in ("won", "lost", "invalid")
    assert refused(lead, status=status, closed_at=timezone.now()) is not closed
    assert refused(lead, status=status, closed_at=None) is closed


@database
def test_erased_leaves_no_text_whatever_the_code_forgets() -> None:
    lead = cast.application(experience="做过两年")
    now = timezone.now()
    empty: dict[str, Any] = {"birth_year": None, "cv": None, **dict.fromkeys(PERSONAL, "")}
    for name in [*PERSONAL, "birth_year"]:
        left = {"birth_year": 2001, "phone": "+8613812348155"}.get(name, "留下的")
        assert refused(lead, erased_at=now, **{**empty, name: left}), name
    assert not refused(lead, erased_at=now, **empty)


def test_every_text_a_visitor_types_is_erased() -> None:
    """A text field that comes later must be put on one of the two lists."""
    stays = {
        *("reference", "kind", "submission", "phone_key", "status"),
        *("page", "landing_page", "referrer_host"),  # pages of ours, and a host
    }
    texts = {
        field.name
        for field in Enquiry._meta.concrete_fields
        if field.get_internal_type() in ("CharField", "TextField")
    }
    assert texts == stays | set(PERSONAL)


@database
@pytest.mark.parametrize("status", Enquiry.Status.values)
@pytest.mark.parametrize("hours", [None, -1, 1])
def test_rows_and_queries_agree_about_what_is_open_and_due(status: str, hours: int | None) -> None:
    now = timezone.now()
    lead = cast.enquiry(
        status=status,
        closed_at=now if status in ("won", "lost", "invalid") else None,
        next_call_at=None if hours is None else now + timedelta(hours=hours),
    )
    assert Enquiry.objects.open().exists() is lead.is_open
    assert Enquiry.objects.due().exists() is lead.is_due
    assert Enquiry.objects.unclaimed().exists() is lead.is_open


@database
def test_a_lead_is_unclaimed_again_when_its_owner_leaves() -> None:
    amin = cast.amin()
    lead = cast.enquiry(owner=amin)
    assert not Enquiry.objects.unclaimed().exists()
    amin.is_active = False
    amin.save()
    assert Enquiry.objects.unclaimed().get() == lead


# --- Consent ---------------------------------------------------------------------------------------


@database
def test_words_somebody_agreed_to_stay_and_go_with_nobody() -> None:
    lead, notice = cast.application(), cast.notice("application", "forwarding")
    consent = Consent.objects.create(enquiry=lead, notice=notice, recipient="示例电子")
    Forwarding.objects.create(enquiry=lead, recipient="示例电子", consent=consent, by=cast.amin())
    with pytest.raises(ProtectedError):
        notice.delete()
    lead.delete()
    assert not Consent.objects.exists()


@database
def test_consent_is_not_withdrawn_before_it_was_given() -> None:
    consent = Consent.objects.create(enquiry=cast.application(), notice=cast.notice())
    assert consent.is_living
    consent.withdrawn_at = consent.given_at - timedelta(seconds=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        consent.save()


# --- The journal -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("打过 13812348155，没人接", "打过 138****8155，没人接"),
        ("换成138 1234 8155", "换成138****8155"),
        ("+86 138-1234-8155 是他爱人", "138****8155 是他爱人"),
        ("１３８１２３４８１５５也行", "138****8155也行"),
        ("前台 0755-8882 8155 转小李", "前台 0755****8155 转小李"),
        ("(0755)88828155", "0755****8155"),
        ("13812348155、13912345678", "138****8155、139****5678"),
        ("138.1234.8155", "138****8155"),
        ("138–1234–8155", "138****8155"),
        ("138\u00a01234\u00a08155", "138****8155"),
        ("138  1234\t8155", "138****8155"),
        ("138\n1234\r\n8155", "138****8155"),
        ("138\u200b1234\u200b8155", "138****8155"),
        ("008613812348155", "138****8155"),
        ("(138)12348155", "138****8155"),
        ("1381 234 8155", "138****8155"),
        ("138·1234·8155", "138****8155"),
        ("+86(138)1234-8155", "138****8155"),
        ("138/1234/8155", "138****8155"),
        ("①③⑧ 1234 8155", "138****8155"),
        ("17951 13812348155", "138****8155"),
        ("0755.88828155", "0755****8155"),
        ("（电话 13812348155）", "（电话 138****8155）"),
        ("010 8882 8155 2 楼", "010****8155 2 楼"),
        ("075588828155 13812348155", "0755****8155 138****8155"),
        ("138、1234、8155", "138****8155"),
        ("138:1234:8155", "138****8155"),
        ("138*1234*8155", "138****8155"),
        ("138+1234+8155", "138****8155"),
        ("138。1234。8155", "138****8155"),
        ("138|1234#8155", "138****8155"),
        ("1381234815513912345678", "138****8155139****5678"),
        ("07558882815513912345678", "0755****8155139****5678"),
        ("13000000000179003100001300、0000000", "130****0000179****0000130****0000"),
        ("打幺三八一二三四八一五五", "打138****8155"),
        ("138一二三四8155", "138****8155"),
        ("周一13812348155一直没人接", "周一138****8155一直没人接"),
        ("١٣٨١٢٣٤٨١٥٥", "138****8155"),
        ("138****8155 2026 年来的", "138****8155 2026 年来的"),
        ("13:30-17:30，100 元", "13:30-17:30，100 元"),
        ("周一、周三、周五，一天一千三百八十元", "周一、周三、周五，一天一千三百八十元"),
        ("约 2026-11-24 09:00 再打", "约 2026-11-24 09:00 再打"),
        ("2026-03-10~2026-03-20", "2026-03-10~2026-03-20"),
        ("2026-05-05, 2026-08-09", "2026-05-05, 2026-08-09"),
        ("2026/11/13 8000-10000", "2026/11/13 8000-10000"),
        ("08:00-17:30，18-25 岁，5000-8000 元", "08:00-17:30，18-25 岁，5000-8000 元"),
        ("400-123-4567、95588", "400-123-4567、95588"),
        ("6222 0212 3456 7890 123", "6222 0212 3456 7890 123"),
        ("44030119900307881X", "44030119900307881X"),
        ("要 30 人，25 元/时", "要 30 人，25 元/时"),
        ("订单 202611231380123", "订单 202611231380123"),
        ("", ""),
    ],
)
def test_numbers_in_notes_cannot_be_read(written: str, kept: str) -> None:
    assert without_phones(written) == kept


@given(st.text(), st.text(), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_wherever_a_number_stands_it_cannot_be_read(before: str, after: str, phone: str) -> None:
    assert phone not in without_phones(f"{before}，{phone}，{after}")


BETWEEN = ["", "", "", " ", "  ", "-", "–", "—", ".", "·", "~", "(", ")", "\u00a0", "\u3000", "\u200b", "\u2060", "\t", "\n"]  # fmt: skip
BEFORE = ["", "0", "+86", "86", "0086", "+860", "17951", "+86 17951"]


@st.composite
def spelled(draw: st.DrawFn) -> str:
    """A mobile or a landline in a spelling that a form takes."""
    landline = st.from_regex(r"(0(10|20|755|769|310|898)[2-8][0-9]{6,7})", fullmatch=True)
    mobile = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
    number = draw(st.sampled_from(BEFORE)) + draw(mobile) if draw(st.booleans()) else draw(landline)
    signs = [
        chr(ord(sign) + 0xFEE0) if sign.isdigit() and draw(st.booleans()) else sign
        for sign in number
    ]
    text = signs[0] + "".join(draw(st.sampled_from(BETWEEN)) + sign for sign in signs[1:])
    try:
        to_e164(text)
    except ValidationError:
        reject()
    return text


# Most of what can be spelled is no number of anybody.
@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(spelled())
def test_what_a_form_takes_for_a_number_cannot_be_read_in_a_note(number: str) -> None:
    left = "".join(filter(str.isdigit, without_phones(f"电话{number}，谢谢")))
    assert to_e164(number)[-7:] not in left


SIGNS = [
    "",
    "",
    "、",
    "。",
    ":",
    ";",
    "*",
    "+",
    "|",
    "#",
    "/",
    "_",
    "，",
    "；",
    "：",
    "…",
    "→",
    "【",
    "】",
    " ",
]
SCRIPTS = [
    "0123456789",
    "０１２３４５６７８９",
    "零一二三四五六七八九",
    "〇幺二三四五六七八九",
    "٠١٢٣٤٥٦٧٨٩",
]


@given(
    st.lists(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), min_size=1, max_size=3),
    st.lists(st.sampled_from(SIGNS), min_size=11, max_size=11),
    st.sampled_from(SCRIPTS),
)
def test_signs_scripts_and_a_second_number_hide_none(
    mobiles: list[str], signs: list[str], script: str
) -> None:
    plain = [
        "".join(script[int(digit)] + sign for digit, sign in zip(mobile, signs, strict=True))
        for mobile in mobiles
    ]
    left = "".join(filter(str.isdigit, without_phones(f"电话{''.join(plain)}谢谢")))
    assert left == "".join(f"{mobile[:3]}{mobile[7:]}" for mobile in mobiles)


@given(st.text())
def test_what_is_masked_is_not_masked_again(text: str) -> None:
    assert without_phones(without_phones(text)) == without_phones(text)


@database
def test_an_entry_is_written_once() -> None:
    event = EnquiryEvent.objects.create(
        enquiry=cast.enquiry(), kind=EnquiryEvent.Kind.NOTE, text="打过 13812348155" + "长" * 1200
    )
    event.refresh_from_db()
    assert event.text.startswith("打过 138****8155")
    assert len(event.text) == 1000
    event.text = "没打过"
    with pytest.raises(TypeError):
        event.save()
