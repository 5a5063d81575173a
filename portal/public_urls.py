"""The URL map without the desk, for those to whom it is not open (`portal.middleware.door`)."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.urls import URLPattern, URLResolver

from portal import urls
from portal.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    each
    for each in cast("list[URLPattern | URLResolver]", urls.urlpatterns)
    if not str(each.pattern).startswith(f"{settings.ADMIN_PATH}/")
]
