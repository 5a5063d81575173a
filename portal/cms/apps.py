from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class CmsConfig(AppConfig):
    name = "portal.cms"
    label = "cms"
    verbose_name = "网站"

    def ready(self) -> None:
        from portal.cms.review import notices  # noqa: F401 - connects its receivers
        from portal.cms.revisions import actions

        actions.watch_deletions()
        # What is checked in which model, as each app says in its own `compliance` module.
        autodiscover_modules("compliance")
        # Likewise what can be found, in their `search` modules.
        autodiscover_modules("search")
        # And what is told to whom, in their `deliveries` modules.
        autodiscover_modules("deliveries")
        # And what search engines may have, in their `engines` modules.
        autodiscover_modules("engines")
        # And what may have come out of step, in their `upkeep` modules.
        autodiscover_modules("upkeep.checks", "upkeep")
        from portal.cms.engines import announcing, push  # noqa: F401 - registers how engines are told

        announcing.watch()
        from portal.cms.search import indexing, pages  # noqa: F401 - registers the pages

        indexing.watch()

        from portal.cms import models
        from portal.cms.pagecache import epochs, moments  # noqa: F401 - registers the moments
        from portal.cms.signing_in import (  # noqa: F401 - connects its receivers, registers its tasks
            devices,
            forgotten,
            second_factor,
        )

        epochs.watch(models.SiteProfile, models.HomeFact, models.SiteLink, models.Page)
        epochs.watch(models.KeywordLink, models.MediaFile, models.Redirect, models.Verification)

        from portal.cms.seeing import looks, slow  # noqa: F401 - registers what is looked at

        slow.watch()

        from portal.cms import addresses

        addresses.register("page", models.Page)
        addresses.register("contact", models.Page, slug="contact")
