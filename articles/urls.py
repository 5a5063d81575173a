"""The addresses of the articles, all under `/articles/`."""

from __future__ import annotations

from django.urls import path, re_path

from articles import feeds, views
from portal.cms import converters  # noqa: F401 - registers `number`

app_name = "articles"

urlpatterns = [
    # Before the tags, whose names may hold a slash.
    *[
        path(f"{of}{format.address}", feeds.feed, {"format": format}, name=format.name)
        for of in ("", "category/<slug:slug>/", "tag/<path:name>/")
        for format in feeds.FORMATS
    ],
    path("", views.article_list, name="list"),
    path("top/", views.top, name="top"),
    path("tags/", views.tags, name="tags"),
    path("archive/", views.archive, name="archive"),
    path("category/<slug:slug>/", views.category, name="category"),
    # `path`, not `str`: a tag that was given a slash elsewhere still has an address.
    path("tag/<path:name>/", views.tag, name="tag"),
    # Years of four digits and months of two: one address for each archive.
    re_path(r"^archive/(?P<year>[0-9]{4})/$", views.archive_year, name="archive_year"),
    re_path(
        r"^archive/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])/$",
        views.archive_month,
        name="archive_month",
    ),
    path("<number:pk>/", views.article, name="article"),
    path("<number:pk>/read/", views.read, name="read"),
]
