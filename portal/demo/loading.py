"""Putting the demo content into an empty site, and taking it out again."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cabinet.models import Folder
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.html import format_html

from articles.models import Article, Author, Category, Ranking
from portal.cms.delivery.models import DeliveryTarget
from portal.cms.engines.announcing import untold
from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import store
from portal.cms.publishing import Publishable
from portal.cms.search.models import Synonyms
from portal.cms.site import HomeFact, Page, SiteLink, SiteProfile
from portal.demo import content
from portal.demo.models import DemoItem
from portal.districts.models import DistrictPage
from staffing.models import (
    Case,
    ContributionRate,
    District,
    Faq,
    Hotline,
    HotlineHours,
    Job,
    Licence,
    Service,
)
from staffing.models.job import PAPERS

# What makes a site somebody's: where one of these has a row, demo content is not loaded.
CONTENT: tuple[type[models.Model], ...] = (
    Article, Page, Service, Job, Case, DistrictPage, Hotline, Licence,
)  # fmt: skip


def site_is_empty() -> bool:
    """Whether nobody has put anything into the site yet; up to eight queries."""
    return not any(model._default_manager.exists() for model in CONTENT)


def is_loaded() -> bool:
    """Whether demo content is on the site; one query."""
    return DemoItem.objects.exists()


@untold()
@transaction.atomic
def load() -> Counter[str]:
    """Load everything in one transaction and return how many rows of each kind were made."""
    loader = Loader(timezone.now())
    loader.run()
    for item in loader.made:
        DemoItem.remember(item)
    Ranking.refresh()
    return Counter(str(item._meta.verbose_name) for item in loader.made)


class Loader:
    """One run of loading. `made` lists the rows in the order they were made."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.today = timezone.localdate(now)
        self.made: list[models.Model] = []
        self.pictures = content.read("pictures/pictures.toml")
        self.picture = cache(self._picture)
        self.addresses: dict[str, str] = {}  # of articles, by title
        self.services: dict[str, Service] = {}

    def run(self) -> None:
        site = content.read("content/site.toml")
        self.folder = self.make(Folder, name="演示图片")
        self.load_profile(site)
        self.load_tables(site)
        for row in content.read_all("pages"):
            self.publish(Page, days_ago=400, **row)
        # Oldest first, so that ids and dates tell the same story.
        for row in sorted(content.read_all("articles"), key=lambda row: -row["days_ago"]):
            self.make_article(row)
        # They name articles, and cases name them.
        for row in content.read_all("services"):
            self.make_service(row)
        for row in content.read("content/jobs.toml")["jobs"]:
            self.make_job(row)
        for row in content.read("content/cases.toml")["cases"]:
            self.make_case(row)
        for row in content.read("content/districts.toml")["pages"]:
            self.make_district_page(row)

    def load_tables(self, site: dict[str, Any]) -> None:
        """What the contents choose from, and what the desk works by."""
        self.categories = {
            row["slug"]: self.make(Category, **row) for row in numbered(site["categories"])
        }
        self.authors = {row.pop("key"): self.make(Author, **row) for row in site["authors"]}
        self.districts = {
            row["slug"]: self.make(District, **row) for row in numbered(site["districts"])
        }
        for row in site["hotlines"]:
            hours = row.pop("hours")
            hotline = self.make(Hotline, **row)
            HotlineHours.objects.bulk_create(
                HotlineHours(hotline=hotline, **span) for span in hours
            )
        self.licences = {
            row.pop("key"): self.make_licence(row) for row in numbered(site["licences"])
        }
        if not Synonyms.objects.exists():  # a word stands in one group only
            for words in site["synonyms"]:
                self.make(Synonyms, words=words)
        business = content.read("content/business.toml")
        new_year = self.today.replace(month=1, day=1)
        for row in business["rates"]:
            self.make(ContributionRate, in_force_from=new_year, **business["rate"], **row)
        for row in business["targets"]:
            self.make(DeliveryTarget, **row)

    def make(self, model: type[models.Model], **values: Any) -> Any:
        item = model._default_manager.create(**values)
        self.made.append(item)
        return item

    def publish(self, model: type[Publishable], days_ago: int = 30, **values: Any) -> Any:
        """Publish an item on a working day's hour so many days ago; today's is never ahead."""
        morning = timezone.localtime(self.now).replace(hour=9, minute=0, second=0, microsecond=0)
        at = morning - timedelta(days=days_ago) + timedelta(minutes=37 * days_ago % 480)
        item = model(go_live_at=min(at, self.now), **values)
        item.publish()
        self.made.append(item)
        return item

    def _picture(self, name: str) -> MediaFile:
        path = next(path for path in content.PICTURES.glob(f"{name}.*") if path.suffix != ".svg")
        about = self.pictures.get(name, {})
        file = store(
            ContentFile(path.read_bytes(), name=path.name),
            folder=self.folder,
            title=about.get("alt", name)[:40],
            image_alt_text=about.get("alt", ""),
            caption=about.get("caption", ""),
            rights="本站绘制",
        )
        self.made.append(file)
        return file

    def load_profile(self, site: dict[str, Any]) -> None:
        profile = SiteProfile.load()
        for name, value in site["profile"].items():
            setattr(profile, name, value)
        profile.logo = self.picture("logo")
        profile.wechat_qr = self.picture("wechat")
        profile.hero_picture = self.picture("factory")
        profile.save()
        for row in numbered(site["facts"]):
            self.make(HomeFact, profile=profile, **row)
        for row in numbered(site["links"]):
            self.make(SiteLink, **row)

    def make_licence(self, row: dict[str, Any]) -> Licence:
        for end in ("valid_from", "valid_to"):
            if f"{end}_days" in row:
                row[end] = self.today + timedelta(days=row.pop(f"{end}_days"))
        licence: Licence = self.make(Licence, scan=self.picture("licence"), **row)
        return licence

    def make_service(self, row: dict[str, Any]) -> None:
        faqs, districts = row.pop("faqs"), row.pop("districts")
        row["cover"] = self.picture(row["cover"]) if row["cover"] else None
        row["required_licence"] = self.licences.get(row["required_licence"])
        if days := row.pop("price_valid_until_days", None):
            row["price_valid_until"] = self.today + timedelta(days=days)
        row["related"] = [self.addresses.get(line, line) for line in row.get("related", [])]
        service = self.publish(Service, **row)
        self.services[service.slug] = service
        service.districts.set(self.districts[slug] for slug in districts)
        for faq in numbered(faqs):  # one by one: the search index follows saves
            Faq.objects.create(service=service, **faq)

    def make_job(self, row: dict[str, Any]) -> None:
        row["district"] = self.districts[row["district"]]
        if (days := row.pop("papers_checked_days_ago", None)) is not None:
            row |= dict.fromkeys(PAPERS, True)
            row["checked_on"] = self.today - timedelta(days=days)
        if (days := row.pop("filled_days_ago", None)) is not None:
            row["filled_at"] = self.now - timedelta(days=days)
        ends = self.today + timedelta(days=row.pop("valid_days"))
        days_ago = row.pop("days_ago", len(self.made) % 9)
        job = self.publish(Job, days_ago=days_ago, **row, valid_through=max(ends, self.today))
        if ends < self.today:  # nothing is published that is over already: it has run out since
            job.valid_through = ends
            job.save()

    def make_article(self, row: dict[str, Any]) -> None:
        tags = row.pop("tags")
        row["category"] = self.categories[row["category"]]
        row["author"] = self.authors[row["author"]]
        row["cover"] = self.picture(row["cover"]) if row["cover"] else None
        figures = [
            (row_of["after"], figure(self.picture(row_of["picture"]), row_of["caption"]))
            for row_of in row.pop("figures", [])
        ]
        row["body"] = content.with_figures(row["body"], figures)
        article = self.publish(Article, **row)
        article.tags.add(*tags)
        self.addresses[article.title] = article.get_absolute_url()

    def make_case(self, row: dict[str, Any]) -> None:
        row["district"] = self.districts[row["district"]]
        row["service"] = self.services[row["service"]]
        row["cover"] = self.picture(row["cover"])
        if days := row.pop("permission_days", None):
            row["permission_until"] = self.today + timedelta(days=days)
        self.publish(Case, **row)

    def make_district_page(self, row: dict[str, Any]) -> None:
        row["district"] = self.districts[row["district"]]
        row["cover"] = self.picture(row["cover"])
        self.publish(DistrictPage, **row)


def figure(file: MediaFile, caption: str) -> str:
    """Return the markup of a picture in a text."""
    return format_html(
        '<figure><img data-file="{}" alt="{}"><figcaption>{}</figcaption></figure>',
        file.pk,
        file.image_alt_text,
        caption,
    )


def numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give rows without an order the one they stand in."""
    return [{"order": index, **row} for index, row in enumerate(rows, start=1)]


@untold()
@transaction.atomic
def remove() -> tuple[Counter[str], list[str]]:
    """Remove all demo rows that nobody has changed and nothing else needs.

    Returns how many of each kind went, and the names of what stayed.
    """
    clear_profile()
    removed: Counter[str] = Counter()
    kept: list[str] = []
    # Latest first: what was made later may point to what was made before, never the reverse.
    for row in DemoItem.objects.order_by("-pk"):
        if row.item is None:
            continue
        label, name = str(row.item._meta.verbose_name), str(row.item)
        try:
            if row.untouched:
                with transaction.atomic():
                    row.item.delete()
                removed[label] += 1
                continue
        except ProtectedError:
            pass  # still shown by something of the owner's
        kept.append(f"{label}：{name}")
    DemoItem.objects.all().delete()
    return removed, kept


def clear_profile() -> None:
    """Set every field of the profile back that still says what the demo said."""
    profile = SiteProfile.load()
    demo, empty = content.read("content/site.toml")["profile"], SiteProfile()
    for name, value in demo.items():
        if getattr(profile, name) == value:
            setattr(profile, name, getattr(empty, name))
    demo_files = DemoItem.objects.filter(
        content_type__app_label="cms", content_type__model="mediafile"
    ).values_list("object_id", flat=True)
    for name in ("logo", "wechat_qr", "hero_picture"):
        if getattr(profile, f"{name}_id") in set(demo_files):
            setattr(profile, name, None)
    profile.save()
