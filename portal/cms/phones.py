"""Telephone numbers of the mainland: typed in any usual form, kept as E.164, shown as people read them.

What is taken: mobiles, landlines with their area code, 400 and 800 numbers, and the short numbers of
companies (95588). Numbers of other countries are refused: nobody here would call them back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.crypto import salted_hmac

# What stands between digits. A telephone copies its numbers with invisible marks around them; they go first.
NUMBER: Final = re.compile(r"\+?[\d\s().·~\-‐-―−]+", re.ASCII)
SHORT: Final = re.compile(r"95\d{3,6}", re.ASCII)
EXTENSION: Final = re.compile(r"(.*\d)\s*(?:转|分机|ext\.?|x|#|-)\s*\d{1,6}", re.IGNORECASE)
COUNTRY: Final = "+86"
STORED: Final = re.compile(r"\+[0-9]{5,15}")

# How the digits behind +86 fall apart, and how each kind is written. The first that fits holds.
FORMS: Final = (
    (re.compile(r"(1[3-9]\d)(\d{4})(\d{4})"), "{} {} {}"),
    (re.compile(r"([48]00)(\d{3})(\d{4})"), "{}-{}-{}"),
    (re.compile(r"(10|2\d|[3-9]\d\d)(\d{3,4})(\d{4})"), "0{}-{} {}"),
)
# These cannot be dialled with a country code.
HOME_ONLY: Final = re.compile(r"[48]00\d{7}|1010\d{4}|95\d{3,6}")


def to_e164(text: str) -> str:
    """Return a mainland number as E.164, however it was typed: full-width, spaced, with or without +86.

    Raises ValidationError with a Chinese sentence that says what to type instead. No query.
    """
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf"
    ).strip()
    if number := _mainland(plain):
        return number
    if (match := EXTENSION.fullmatch(plain)) and _mainland(match[1]):
        raise ValidationError("请只填总机号码，分机号写在备注或留言里。")
    digits = "".join(filter(str.isdecimal, plain))
    if 7 <= len(digits) <= 8 and digits[0] not in "01":
        raise ValidationError("座机请加区号，例如 0755-88888888。")
    raise ValidationError(
        "请填写内地的手机、座机（带区号）或 400 号码，例如 13800138000、0755-88888888。"
    )


def _mainland(text: str) -> str:
    """Return the number that a text without full-width signs is; empty where it is none of ours."""
    if not NUMBER.fullmatch(text):
        return ""
    digits = "".join(filter(str.isdecimal, text))
    if SHORT.fullmatch(short := digits.removeprefix("0086").removeprefix("86")):
        return COUNTRY + short
    try:
        number = phonenumbers.parse(text, "CN")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number_for_region(number, "CN"):
        return ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def display(number: str) -> str:
    """Return a number as it is read aloud: `138 1234 8155`, `0755-8882 8155`, `400-123-4567`."""
    national = number.removeprefix(COUNTRY)
    for digits, form in FORMS:
        if match := digits.fullmatch(national):
            return form.format(*match.groups())
    return national


def masked(number: str) -> str:
    """Return what may be shown to those who may not read it: `138****8155`, `0755****8155`.

    Of a number of no known form only the beginning is left.
    """
    national = number.removeprefix(COUNTRY)
    for digits, form in FORMS:
        if match := digits.fullmatch(national):
            return f"{'0' if form.startswith('0') else ''}{match[1]}****{match[3]}"
    return f"{national[:2]}****" if national else ""


def tel_url(number: str) -> str:
    """Return the link that dials."""
    national = number.removeprefix(COUNTRY)
    return f"tel:{national if HOME_ONLY.fullmatch(national) else number}"


def phone_key(number: str) -> str:
    """Return what stands for a number where it must be found again and not be read.

    It follows SECRET_KEY: eleven digits alone are soon guessed from a bare hash. With another key,
    rows of before are no longer found by their number.
    """
    return salted_hmac("cms.phones", number, algorithm="sha256").hexdigest() if number else ""


class PhoneFormField(forms.CharField):
    """A box for one number; cleans to E.164."""

    widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"})

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return to_e164(text) if text else ""


class PhoneField(models.CharField):  # type: ignore[type-arg]
    """A telephone number, typed in any usual form and stored as E.164 (`+8675588828155`)."""

    def to_python(self, value: str | None) -> str | None:
        text = super().to_python(value)
        return to_e164(text) if text else text

    def get_prep_value(self, value: Any) -> Any:
        # What is stored already is not parsed with every save; nor refused, whatever was taken once.
        if isinstance(value, str) and STORED.fullmatch(value):
            return value
        return super().get_prep_value(value)

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        # With room for the signs between the digits, which are not stored.
        return super().formfield(
            *args, **{"form_class": PhoneFormField, "max_length": 40, **kwargs}
        )
