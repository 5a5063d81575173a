"""Amounts of money as people write them."""

from __future__ import annotations

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def yuan(amount: Decimal) -> str:
    """Return an amount to the cent, in groups of three: Django's own grouping for Chinese is of four."""
    return f"{amount:,.2f}"
