from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = "业务"  # of its models, the desk shows the landing pages

    def ready(self) -> None:
        # Not from portal.admin itself, which is imported while the site is made: that one would be lost.
        from portal.admin import districts  # noqa: F401 - registers the model
        from portal.cms import addresses
        from portal.cms.pagecache import epochs
        from portal.districts.models import DistrictPage
        from portal.views import preview  # noqa: F401 - registers its system check

        addresses.register("district", DistrictPage)
        epochs.watch(DistrictPage)


class PortalAdminConfig(admin_apps.AdminConfig):
    """The admin with our own site class, in place of `django.contrib.admin`."""

    default = False
    default_site = "portal.admin.PortalAdminSite"
