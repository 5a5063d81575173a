from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "门户"

    def ready(self) -> None:
        from portal.views import preview  # noqa: F401 - registers its system check


class PortalAdminConfig(admin_apps.AdminConfig):
    """The admin with our own site class, in place of `django.contrib.admin`."""

    default = False
    default_site = "portal.admin.PortalAdminSite"
