"""The least that Django does for a page: its default middleware, one query, one template.

`/<bytes>/` is a page of that size. With BENCH_PERSISTENT the connection to the database is kept,
as Django's documentation advises; a new one for each request is its default.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path
from environs import Env

database: dict[str, Any] = Env().dj_db_url("BENCH_DATABASE")
database["CONN_MAX_AGE"] = None if os.environ.get("BENCH_PERSISTENT") else 0

settings.configure(
    SECRET_KEY="used-by-the-bench-alone",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
    ],
    # What `startproject` writes.
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    DATABASES={"default": database},
    USE_TZ=True,
)
django.setup()

from django.contrib.contenttypes.models import ContentType  # noqa: E402  settings come first

PAGE = """<!doctype html>
<html lang="zh-Hans">
<head><meta charset="utf-8"><title>{{ title }}</title></head>
<body>
<h1>{{ title }}</h1>
<ul>{% for item in items %}<li><a href="/{{ item }}/">{{ item }}</a></li>{% endfor %}</ul>
{{ text|safe }}
</body>
</html>
"""


@cache
def template() -> Template:
    return Template(PAGE)


@cache
def text_of(size: int) -> str:
    """Return paragraphs of about that many bytes."""
    paragraph = "<p>劳务派遣单位应当依法与被派遣劳动者订立劳动合同，按月支付劳动报酬。</p>\n"
    return paragraph * (size // len(paragraph.encode()))


def page(request: HttpRequest, size: int) -> HttpResponse:
    row = ContentType.objects.get(pk=1)
    ctx: dict[str, Any] = {"title": row.model, "items": range(20), "text": text_of(size)}
    return HttpResponse(template().render(Context(ctx)))


urlpatterns = [path("<int:size>/", page)]
application = get_wsgi_application()
