"""What search engines are told of a page in a form of their own: schema.org's terms, as JSON-LD.

Each kind of page says here, or in the `markup` of its app, what it tells. No query beyond what the page
has loaded, and nothing that the page does not show: whoever is told what readers are not, calls it a lie.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.urls import reverse
from django.utils import timezone

from portal.cms.media.display import image_attributes, is_animated
from portal.cms.media.models import MediaFile
from portal.cms.richtext.scan import scan
from portal.cms.site import SiteProfile, absolute

SCHEMA: Final = "https://schema.org"
# 百度时间因子. Its moments have no zone: they are Beijing's.
CAMBRIAN: Final = "https://ziyuan.baidu.com/contexts/cambrian.jsonld"
# 1:1, 4:3 and 16:9.
SHAPES: Final = ("square", "photo", "wide")
# Of a list: the rest is on its further pages.
MOST_LISTED: Final = 50

Markup = dict[str, Any]


class Crumb(NamedTuple):
    """A step of the way to a page; the page itself has no address."""

    name: str
    href: str


def moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")


def without_zone(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%dT%H:%M:%S}"


# --- Pictures ------------------------------------------------------------------------------------------


class Image(NamedTuple):
    """A file of a picture, as others are told of it."""

    url: str
    width: int
    height: int
    alt: str


def image(file: MediaFile, size: str) -> Image:
    """Return a picture of the library in a size; whole where its shapes are not made yet."""
    shown = size if file.shapes_made else "large"
    attributes = image_attributes(file, shown)
    width, height = int(attributes["width"]), int(attributes["height"])
    return Image(absolute(str(attributes["src"])), width, height, file.image_alt_text)


def images(file: MediaFile | None) -> list[str]:
    """Return the addresses of a picture in each shape; nothing for none."""
    if file is None or not file.image_file:
        return []
    shapes = SHAPES if file.shapes_made and not is_animated(file) else SHAPES[:1]
    return [image(file, shape).url for shape in shapes]


# --- The site ------------------------------------------------------------------------------------------


def organization(profile: SiteProfile) -> Markup:
    """Return whose site it is: what every page shows of it."""
    found: Markup = {
        "@type": "Organization",
        "@id": absolute(f"{reverse('home')}#organization"),
        "name": profile.name,
        "url": absolute(reverse("home")),
    }
    if profile.legal_name:
        found["legalName"] = profile.legal_name
    if profile.logo is not None:
        found["logo"] = absolute(profile.logo.image_file.url)
    return found


def site(profile: SiteProfile) -> Markup:
    """Return what the home page tells: whose site it is, and how it is searched."""
    home = absolute(reverse("home"))
    website = {
        "@type": "WebSite",
        "@id": f"{home}#website",
        "name": profile.name,
        "url": home,
        "inLanguage": "zh-CN",
        "publisher": {"@id": f"{home}#organization"},
        "potentialAction": {
            "@type": "SearchAction",
            "target": {
                "@type": "EntryPoint",
                "urlTemplate": f"{absolute(reverse('search'))}?q={{search_term_string}}",
            },
            "query-input": "required name=search_term_string",
        },
    }
    return {"@context": SCHEMA, "@graph": [organization(profile), website]}


# --- The way to a page ---------------------------------------------------------------------------------


def crumbs_of(html: str) -> list[Crumb]:
    """Return the way that a page shows: the words and links of its list."""
    found: list[Crumb] = []
    words: list[str] = []
    href = ""
    for token in scan(html):
        if token.kind == "text":
            words.append(token.value)
        elif token.value == "li" and token.kind == "open":
            words, href = [], ""
        elif token.value == "li":
            found.append(Crumb(" ".join("".join(words).split()), href))
        elif token.value == "a" and token.kind == "open":
            href = token.attributes.get("href", "")
    return found


def breadcrumbs(crumbs: Sequence[Crumb]) -> Markup | None:
    """Return the way to a page; None for one that has none: a single step leads nowhere."""
    if len(crumbs) < 2:
        return None
    steps = [
        {"@type": "ListItem", "position": position, "name": crumb.name}
        | ({"item": absolute(crumb.href)} if crumb.href else {})
        for position, crumb in enumerate(crumbs, 1)
    ]
    return {"@context": SCHEMA, "@type": "BreadcrumbList", "itemListElement": steps}


# --- Lists ---------------------------------------------------------------------------------------------


def listing(name: str, address: str, items: Iterable[Any]) -> Markup | None:
    """Return what the first page of a list tells: the addresses of the rows it shows, in their order."""
    rows = [
        {"@type": "ListItem", "position": position, "url": absolute(item.get_absolute_url())}
        for position, item in enumerate(list(items)[:MOST_LISTED], 1)
    ]
    if not rows:
        return None
    return {
        "@context": SCHEMA,
        "@type": "CollectionPage",
        "@id": address,
        "url": address,
        "name": name,
        "mainEntity": {"@type": "ItemList", "itemListElement": rows},
    }


def updated(title: str, address: str, at: datetime | None) -> Markup | None:
    """Return what Baidu is told of a list: when the newest row came that it shows."""
    if at is None:
        return None
    return {"@context": CAMBRIAN, "@id": address, "title": title, "upDate": without_zone(at)}
