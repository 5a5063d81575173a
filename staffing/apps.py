from __future__ import annotations

from django.apps import AppConfig


class StaffingConfig(AppConfig):
    name = "staffing"
    verbose_name = "业务"

    def ready(self) -> None:
        from portal.cms import addresses
        from portal.cms.pagecache import epochs
        from portal.cms.site import Page
        from staffing import models
        from staffing.hotlines import now  # noqa: F401 - registers the moment the hotline opens

        addresses.register("staffing:service", models.Service)
        addresses.register("staffing:job", models.Job)
        addresses.register("staffing:case", models.Case)
        addresses.register("staffing:cases", Page, slug="cases")
        addresses.register("staffing:prices", Page, slug="prices")
        addresses.register("staffing:faq", Page, slug="faq")
        addresses.register("staffing:complaint", Page, slug="complaint")
        addresses.register("staffing:takedown", Page, slug="takedown")
        epochs.watch(models.Service, models.Faq, models.Service.districts.through)
        epochs.watch(models.Job, models.District, models.Licence, models.Case)
        epochs.watch(models.Hotline, models.HotlineHours, models.SpecialDay)
        epochs.watch(models.MinimumWage, models.ContributionRate, models.ComparisonRow)
