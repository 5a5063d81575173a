"""Addresses of this app, from the root of the site."""

from __future__ import annotations

from django.urls import path

from portal.cms import converters  # noqa: F401 - registers `number`
from staffing import views
from staffing.cases import views as cases
from staffing.enquiries import views as enquiries
from staffing.hotlines import views as hotlines
from staffing.services import views as services
from staffing.tickets import views as tickets
from staffing.tools import views as tools

app_name = "staffing"
urlpatterns = [
    path("services/", views.services, name="services"),
    path("services/<slug:slug>/", views.service, name="service"),
    path("prices/", services.prices, name="prices"),
    path("faq/", services.faq, name="faq"),
    path("cases/", cases.cases, name="cases"),
    path("cases/<slug:slug>/", cases.case, name="case"),
    path("licences/", views.licences, name="licences"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<number:pk>/", views.job, name="job"),
    path("jobs/<number:pk>/apply/", enquiries.apply, name="apply"),
    path("jobs/kind/<slug:kind>/", views.jobs, name="jobs_by_kind"),
    path("jobs/district/<slug:district>/", views.jobs, name="jobs_by_district"),
    path("enquiry/", enquiries.company, name="enquiry"),
    path("enquiry/call-back/", enquiries.call_back, name="call_back"),
    path("enquiry/thanks/", enquiries.thanks, name="thanks"),
    path("enquiry/calls/", hotlines.called, name="called"),
    path("tools/", tools.tools, name="tools"),
    path("tools/compare/", tools.compare, name="compare"),
    path("tools/dispatch-ratio/", tools.dispatch_ratio, name="dispatch_ratio"),
    path("tools/labour-cost/", tools.labour_cost, name="labour_cost"),
    path("complaint/", tickets.complaint, name="complaint"),
    path("takedown/", tickets.takedown, name="takedown"),
]
