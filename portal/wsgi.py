"""The WSGI entry point that gunicorn loads: Django, behind the page cache."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")


def application_to_serve() -> Any:
    """Return the application; with DEBUG nothing is kept, so that a changed template shows at once."""
    django = get_wsgi_application()
    if settings.DEBUG:
        return django
    from portal.cms.pagecache.wsgi import PageCache  # reads models, which are loaded only now

    return PageCache(django)


try:
    application = application_to_serve()
except ImproperlyConfigured as error:
    sys.exit("无法启动：" + " ".join(str(error).split()))
