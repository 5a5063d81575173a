"""What `/sitemap.xml` and its parts say: every page that engines may have, when it changed, its pictures.

The items of a kind are parted by ranges of their ids: `sitemap-articles-7.xml` holds those from 60,001
to 70,000. So a page never moves from one part to another, none is found by counting, and a part is far
within the limits of the protocol (50,000 addresses, 50 MB). `sitemap-articles.xml`, without a number,
are the pages about them that are no items: lists, categories, tags.

No text is read for any of it, and nothing is kept here: the page cache keeps the answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, Final
from xml.sax.saxutils import escape

from django.contrib.contenttypes.models import ContentType
from django.db.models import F, Max, Model, Q
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.urls import reverse
from django.utils import timezone

from portal.cms.engines.register import Indexed, Pages, all_indexed, all_pages
from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.publishing import Unindexed
from portal.cms.site import absolute

# Ids of a part.
RANGE: Final = 10_000
# The limits of the protocol (sitemaps.org), and of a page of ours.
MOST_ADDRESSES: Final = 50_000
LONGEST_ADDRESS: Final = 2_048
MOST_PICTURES: Final = 10
# The field of the picture that a page shows at any rate. Others may wait for somebody's consent.
COVER: Final = "cover"

HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
PROTOCOL: Final = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
PICTURES: Final = 'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'


def index() -> str:
    """Return the list of the parts that hold anything; one query a kind, and those of the first page
    of each of the others.
    """
    entries = [*_parts_of_pages(), *_parts_of_items()]
    return f"{HEAD}<sitemapindex {PROTOCOL}>\n{''.join(entries)}</sitemapindex>\n"


def part(key: str, number: int | None) -> str | None:
    """Return one part; None where there is none, or nothing in it.

    Of items it costs one query, and two for their pictures; a second for ten thousand.
    """
    if number is None:
        urls = (_urls_of_pages(pages) for pages in all_pages() if pages.key == key)
    else:
        urls = (_urls_of_items(kind, number) for kind in all_indexed() if kind.key == key)
    text = "".join(next(urls, ()))
    return f"{HEAD}<urlset {PROTOCOL} {PICTURES}>\n{text}</urlset>\n" if text else None


def _parts_of_pages() -> Iterator[str]:
    for pages in all_pages():
        if next(iter(pages.source()), None) is not None:
            yield _entry("sitemap", reverse("sitemap_part", kwargs={"key": pages.key}))


def _parts_of_items() -> Iterator[str]:
    for kind in all_indexed():
        # What their `stamp` is made of; of a part the latest.
        latest = {"live": Max("go_live_at"), "published": Max("last_published_at")}
        parts = kind.public().order_by().annotate(part=(F("pk") - 1) / RANGE).values("part")
        for row in parts.annotate(**latest).order_by("part"):
            address = {"key": kind.key, "part": row["part"] + 1}
            changed = max(filter(None, (row["live"], row["published"])), default=None)
            yield _entry("sitemap", reverse("sitemap_part", kwargs=address), changed)


def _urls_of_pages(pages: Pages) -> Iterator[str]:
    for number, entry in enumerate(pages.source(), start=1):
        if number <= MOST_ADDRESSES and len(absolute(entry.path)) < LONGEST_ADDRESS:
            yield _entry("url", entry.path, entry.changed)


def _urls_of_items(kind: Indexed, number: int) -> Iterator[str]:
    after, last = (number - 1) * RANGE, number * RANGE
    items = kind.public().filter(pk__gt=after, pk__lte=last).order_by("pk").only(*kind.columns)
    pictures = _pictures(kind.model, after, last) if kind.pictures else {}
    for item in items.iterator():
        shown = pictures.get(item.pk, ())
        yield _entry("url", item.get_absolute_url(), kind.stamp(item), shown)


def _pictures(model: type[Model], after: int, last: int) -> dict[int, list[str]]:
    """Return the names of the pictures of items, by id: the cover first, then those in their texts."""
    found: dict[int, list[str]] = defaultdict(list)
    for pk, name in (*_covers(model, after, last), *_pictures_in_texts(model, after, last)):
        if name and name not in found[pk] and len(found[pk]) < MOST_PICTURES:
            found[pk].append(name)
    return found


def _covers(model: type[Model], after: int, last: int) -> Iterator[tuple[int, str]]:
    # Not looked up by id, which would read the rows, and the texts in them: of all that have a picture
    # an index knows which, and there are as many looks at it as there are parts.
    here = Q(GreaterThan(Unindexed("pk"), after), LessThanOrEqual(Unindexed("pk"), last))
    if any(field.name == COVER for field in model._meta.concrete_fields):
        rows = model._base_manager.filter(here, **{f"{COVER}__isnull": False})
        yield from rows.order_by().values_list("pk", f"{COVER}__image_file").iterator()


def _pictures_in_texts(model: type[Model], after: int, last: int) -> Iterator[tuple[int, str]]:
    kind = ContentType.objects.get_for_model(model)
    uses = MediaUse.objects.filter(content_type=kind, object_id__gt=after, object_id__lte=last)
    yield from uses.order_by("pk").values_list("object_id", "file__image_file").iterator()


def _entry(
    tag: str, path: str, changed: datetime | None = None, pictures: Iterable[str] = ()
) -> str:
    files: Any = MediaFile._meta.get_field("image_file")
    shown = "".join(
        f"<image:image><image:loc>{_text(files.storage.url(name))}</image:loc></image:image>"
        for name in pictures
    )
    lastmod = f"<lastmod>{_moment(changed)}</lastmod>" if changed else ""
    return f"<{tag}><loc>{_text(path)}</loc>{lastmod}{shown}</{tag}>\n"


def _text(path: str) -> str:
    return escape(absolute(path))


def _moment(at: datetime) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds")
