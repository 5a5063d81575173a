"""The WSGI entry point that gunicorn loads: health, numbers, figures and the page cache in front of Django."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def application_to_serve(*, keeps_pages: bool) -> Any:
    """Return the application; without keeping pages every one is made anew."""
    application: Any = get_wsgi_application()
    # They read models, which are loaded only now.
    from portal.cms.pagecache.wsgi import PageCache
    from portal.cms.seeing.metrics import measured
    from portal.cms.seeing.readiness import Health
    from portal.cms.seeing.requests import RequestIds

    if keeps_pages:
        application = PageCache(application)
    return Health(RequestIds(measured(application)))


try:
    # With DEBUG nothing is kept, so that a changed template shows at once.
    application = application_to_serve(keeps_pages=not settings.DEBUG)
except ImproperlyConfigured as error:
    sys.exit("无法启动：" + " ".join(str(error).split()))
