"""Telephone numbers: what is taken, what is refused and with which words, and how they are shown."""

from __future__ import annotations

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from portal.cms.phones import PhoneFormField, display, masked, phone_key, tel_url, to_e164
from staffing.models import Hotline

MOBILE = "+8613812348155"
LANDLINE = "+8675588828155"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13812348155", MOBILE),
        ("138 1234 8155", MOBILE),
        ("138-1234-8155", MOBILE),
        ("１３８１２３４８１５５", MOBILE),
        ("　138１２３４　8155 ", MOBILE),
        ("+86 138 1234 8155", MOBILE),
        ("＋８６－13812348155", MOBILE),
        ("8613812348155", MOBILE),
        ("008613812348155", MOBILE),
        ("\u202d13812348155\u202c", MOBILE),  # as the address book of a telephone copies it
        ("0755-8882 8155", LANDLINE),
        ("0755－8882　8155", LANDLINE),
        ("0755—88828155", LANDLINE),
        ("（0755）88828155", LANDLINE),
        ("075588828155", LANDLINE),
        ("+86 (0)755 8882 8155", LANDLINE),
        ("0086-755-88828155", LANDLINE),
        ("020-8765 4321", "+862087654321"),
        ("0898-68888888", "+8689868888888"),
        ("19912345678", "+8619912345678"),
        ("400-123-4567", "+864001234567"),
        ("+864001234567", "+864001234567"),
        ("4001234567", "+864001234567"),
        ("800-830-1234", "+868008301234"),
        ("1010 8888", "+8610108888"),
        ("95588", "+8695588"),
        ("95-588", "+8695588"),
        ("+86 95588", "+8695588"),
        ("95188123", "+8695188123"),
    ],
)
def test_numbers_of_the_mainland_are_taken_however_they_are_typed(typed: str, number: str) -> None:
    assert to_e164(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        *("+1 212 555 0123", "+44 20 7946 0018", "0081-3-1234-5678"),
        # Neighbours, with numbers of their own.
        *("+852 2123 4567", "+853 2812 3456", "+886 2 2345 6789"),
        *("1381234815", "138123481555", "10812348155", "110", "12345", "12580", "10010"),
        *("", "   ", "-", "+", "派遣", "微信同号", "400-FLOWERS", "一三八一二三四八一五五"),
        *("13812348155、13912348155", "13812348155/13912348155", "13812348155 13912348155"),
        *("13812348155\r\nBcc: x@example.com", "javascript:alert(1)", "=1+1", "tel:13812348155"),
        *("9" * 5000, "１３８١٢٣٤٨١٥٥", "95٥٨٨"),
    ],
)
def test_everything_else_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match="请填写内地的手机、座机（带区号）或 400 号码"):
        to_e164(typed)


@pytest.mark.parametrize(
    "typed", ["0755-88828155-801", "0755-88828155转801", "0755 8882 8155 分机 12", "400-123-4567-1"]
)
def test_an_extension_has_another_place(typed: str) -> None:
    with pytest.raises(ValidationError, match="分机号写在备注"):
        to_e164(typed)


@pytest.mark.parametrize("typed", ["88828155", "8882 8155", "2345678"])
def test_a_landline_without_its_area_is_asked_for_it(typed: str) -> None:
    with pytest.raises(ValidationError, match="座机请加区号"):
        to_e164(typed)


@pytest.mark.parametrize(
    ("number", "shown", "hidden", "link"),
    [
        (MOBILE, "138 1234 8155", "138****8155", "tel:+8613812348155"),
        (LANDLINE, "0755-8882 8155", "0755****8155", "tel:+8675588828155"),
        ("+862087654321", "020-8765 4321", "020****4321", "tel:+862087654321"),
        ("+861088888888", "010-8888 8888", "010****8888", "tel:+861088888888"),
        ("+868106868888", "0810-686 8888", "0810****8888", "tel:+868106868888"),
        ("+864001234567", "400-123-4567", "400****4567", "tel:4001234567"),
        ("+868008301234", "800-830-1234", "800****1234", "tel:8008301234"),
        ("+8610108888", "10108888", "10****", "tel:10108888"),
        ("+8695588", "95588", "95****", "tel:95588"),
        ("", "", "", "tel:"),
    ],
)
def test_how_numbers_are_shown(number: str, shown: str, hidden: str, link: str) -> None:
    assert (display(number), masked(number), tel_url(number)) == (shown, hidden, link)


SIGNS = st.sampled_from(["", " ", "-", "　", "－", "\u200b", " - "])
FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
MOBILES = st.from_regex(r"1(3[0-9]|5[0-35-9]|8[0-9])[0-9]{8}", fullmatch=True)
LANDLINES = st.from_regex(r"0(10|2[0-57-9]|755|769)[2-7][0-9]{7}", fullmatch=True)


@given(
    st.one_of(MOBILES, LANDLINES), st.data(), st.booleans(), st.sampled_from(["", "+86", "0086"])
)
def test_every_way_to_type_a_number_is_the_same_number(
    digits: str, data: st.DataObject, wide: bool, country: str
) -> None:
    number = "+86" + digits.removeprefix("0")
    body = digits.removeprefix("0") if country else digits
    typed = country + "".join(digit + data.draw(SIGNS) for digit in body)
    assert to_e164(typed.translate(FULL_WIDTH) if wide else typed) == number
    # What was stored, and what is shown, may be typed again.
    assert to_e164(number) == to_e164(display(number)) == number


@given(st.text())
def test_any_text_is_a_mainland_number_or_refused(text: str) -> None:
    try:
        number = to_e164(text)
    except ValidationError:
        return
    assert re.fullmatch(r"\+86\d{5,11}", number)
    assert to_e164(number) == number


@given(st.one_of(MOBILES, LANDLINES))
def test_no_mask_can_be_read(digits: str) -> None:
    number = "+86" + digits.removeprefix("0")
    hidden = masked(number)
    assert "****" in hidden
    assert sum(map(str.isdigit, hidden)) <= len(digits) - 3
    assert digits not in hidden


@given(st.text(min_size=1))
def test_not_even_of_a_number_nobody_understands(text: str) -> None:
    assert masked(text).endswith("****") or "****" in masked(text)


def test_the_key_finds_a_number_and_tells_nothing() -> None:
    assert phone_key(MOBILE) == phone_key(to_e164("138 1234 8155"))
    assert phone_key(MOBILE) != phone_key(LANDLINE)
    assert re.fullmatch(r"[0-9a-f]{64}", phone_key(MOBILE))
    assert phone_key("") == ""
    with override_settings(SECRET_KEY="another"):
        elsewhere = phone_key(MOBILE)
    assert elsewhere != phone_key(MOBILE)


def test_the_box_of_a_form_cleans_and_is_right_for_a_telephone() -> None:
    field = PhoneFormField()
    assert field.clean(" 138-1234-8155 ") == MOBILE
    html = field.widget.render("phone", "")
    assert 'type="tel"' in html
    assert 'autocomplete="tel"' in html
    assert PhoneFormField(required=False).clean("") == ""


@pytest.mark.django_db
def test_a_hotline_abroad_is_refused_and_one_of_ours_is_shown_as_people_write_it() -> None:
    with pytest.raises(ValidationError, match="内地"):
        Hotline(label="客服", number="+1 212 555 0123").full_clean()
    # One that was taken before is no obstacle to saving something else of it.
    old = Hotline(label="海外", number="+12125550123")
    old.save()
    old.save()
    hotline = Hotline(label="客服", number="+86 (0755) 8882－8155 ")
    hotline.full_clean()
    hotline.save()
    assert Hotline.objects.filter(number="0755-8882 8155").get() == hotline
    assert (hotline.number, hotline.display) == (LANDLINE, "0755-8882 8155")
