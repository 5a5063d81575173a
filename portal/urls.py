"""The URL map of the whole site."""

from __future__ import annotations

from django.conf import settings
from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from portal.cms.media.serving import serve
from portal.views.districts import district
from portal.views.engines import robots, root_file, sitemap_index, sitemap_part
from portal.views.home import home
from portal.views.pages import contact, favicon, page
from portal.views.preview import preview
from portal.views.search import search
from portal.views.sitemap import sitemap

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
# Not Django's: allauth looks for it.
handler429 = "portal.views.errors.too_many"
handler500 = "portal.views.errors.server_error"

urlpatterns = [
    # Before the admin, whose login it takes the place of.
    path(f"{settings.ADMIN_PATH}/", include("portal.cms.signing_in.urls")),
    path(f"{settings.ADMIN_PATH}/", admin.site.urls),
    path("", home, name="home"),
    path("articles/", include("articles.urls")),
    path("", include("staffing.urls")),
    path("search/", search, name="search"),
    path("districts/<slug:slug>/", district, name="district"),
    path("sitemap/", sitemap, name="sitemap"),
    path("contact/", contact, name="contact"),
    path("preview/<str:signed>/", preview, name="preview"),
    path("favicon.ico", favicon),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap_index, name="sitemap_index"),
    re_path(
        r"^sitemap-(?P<key>[a-z]{1,20})(?:-(?P<part>[1-9][0-9]{0,6}))?\.xml$",
        sitemap_part,
        name="sitemap_part",
    ),
    # Where feed readers and people try first.
    *[
        path(address, RedirectView.as_view(pattern_name=f"articles:{name}", permanent=True))
        for name, tried in {
            "atom": ("feed", "feed/", "atom.xml"),
            "rss": ("rss", "rss/", "rss.xml"),
        }.items()
        for address in tried
    ],
    path("media/<path:path>", serve, name="media"),
    # By which search engines know whose site this is.
    re_path(r"^(?P<name>[A-Za-z0-9_-]{1,128}\.(?:txt|html|xml))$", root_file, name="root_file"),
    # Last: any other single segment may be a page (`Page.RESERVED` names those that never are).
    path("<slug:slug>/", page, name="page"),
]
