"""Calculators and comparisons for visitors. Each result has an address of its own, and prints well."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from portal.cms.pagecache.views import cacheable
from staffing.models import ComparisonRow, ContributionRate, MinimumWage
from staffing.models.comparison import WAYS
from staffing.tools import cost, ratio
from staffing.tools.forms import Calculator, CostForm, RatioForm

HOME_CITY: Final = "深圳市"


@cacheable()
@require_safe
def tools(request: HttpRequest) -> HttpResponse:
    """Name the calculators; no query."""
    return render(request, "tools/tools.html")


@cacheable()
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Compare five ways of having work done; one query."""
    context = {"rows": ComparisonRow.objects.all(), "ways": WAYS.values()}
    return render(request, "tools/compare.html", context)


@cacheable(*RatioForm.base_fields)
@require_safe
def dispatch_ratio(request: HttpRequest) -> HttpResponse:
    """Say how many dispatched workers an employer may use; no query."""
    form = RatioForm(request.GET)
    context = {"result": form.result, "rule": ratio.RULE, "source": ratio.SOURCE}
    return calculator(request, "tools/ratio.html", form, context)


@cacheable(*CostForm.base_fields)
@require_safe
def labour_cost(request: HttpRequest) -> HttpResponse:
    """Estimate what a month of work costs, by the figures in force today; three queries.

    Where the tables are empty it says so, and reckons with what there is.
    """
    form = CostForm(request.GET, cities())
    city = form.chosen_city
    rates = ContributionRate.objects.at(city)
    wage = MinimumWage.objects.at(city)
    result = form.cost(rates)
    context = {
        "result": result,
        "city": city,
        "rates": rates,
        "unchecked": not all(rate.is_checked for rate in rates),
        "minimum": wage,
        "below_minimum": result is not None and wage is not None and result.wage < wage.monthly,
        "overtime_source": cost.OVERTIME_SOURCE,
        "paid_days": cost.PAID_DAYS,
    }
    return calculator(request, "tools/cost.html", form, context)


def cities() -> list[str]:
    """Return the cities whose figures there are, the agency's own first; one query."""
    wages = MinimumWage.objects.order_by().values_list("city", flat=True)
    rates = ContributionRate.objects.order_by().values_list("city", flat=True)
    known = set(wages.union(rates)) or {HOME_CITY}
    return sorted(known, key=lambda city: (city != HOME_CITY, city))


def calculator(
    request: HttpRequest, template: str, form: Calculator, context: dict[str, Any]
) -> HttpResponse:
    """Show a calculator. Engines are to know the empty form only: results are beyond number."""
    context |= {
        "form": form,
        "today": timezone.localdate(),
    }
    response = render(request, template, context)
    if form.is_bound:
        # Nor are they kept: whoever leafs through numbers would put out the pages people read.
        patch_cache_control(response, private=True)
    return response
