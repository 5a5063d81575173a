"""Parts of addresses."""

from __future__ import annotations

from django.urls import register_converter
from django.urls.converters import IntConverter


class NumberConverter(IntConverter):
    """The number of a row, in one spelling: without zeros in front, and no longer than any there is."""

    regex = "(?:0|[1-9][0-9]{0,17})"


register_converter(NumberConverter, "number")
