from __future__ import annotations

from django.apps import AppConfig


class CmsConfig(AppConfig):
    name = "portal.cms"
    label = "cms"
    verbose_name = "网站"
