"""Addresses of this app (design §4), from the root of the site."""

from __future__ import annotations

from django.urls import path

from portal.cms import converters  # noqa: F401 - registers `number`
from staffing import views

app_name = "staffing"
urlpatterns = [
    path("services/", views.services, name="services"),
    path("services/<slug:slug>/", views.service, name="service"),
    path("licences/", views.licences, name="licences"),
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/<number:pk>/", views.job, name="job"),
    path("jobs/kind/<slug:kind>/", views.jobs, name="jobs_by_kind"),
]
