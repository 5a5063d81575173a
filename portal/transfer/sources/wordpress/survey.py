"""What the records of an export refer to by numbers and names, from a first pass over the file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils import timezone

from portal.cms.richtext.scan import decode
from portal.cms.times import YEARS
from portal.transfer.sources.wordpress import fields
from portal.transfer.sources.wordpress.shortcodes import Attached
from portal.transfer.sources.wordpress.wxr import Record

LONGEST_TEXT = 2000
DEEPEST = 10  # categories within each other
LONGEST_BLOCK = 100_000  # characters of one that is referred to, and of all of them
LONGEST_BLOCKS = 4_000_000


@dataclass
class Survey:
    """`take` every record, and it is known."""

    hosts: set[str] = field(default_factory=set)
    base: str = ""  # the folder that WordPress was in: "/blog"
    home: str = ""
    authors: dict[str, str] = field(default_factory=dict)  # names by login
    categories: dict[str, dict[str, str]] = field(default_factory=dict)  # fields by slug
    tags: dict[str, str] = field(default_factory=dict)  # names by slug
    months: set[tuple[int, int]] = field(default_factory=set)
    files: dict[int, Attached] = field(default_factory=dict)
    children: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    # Keys of addresses: where items are read, and where they might be by the slugs they have now.
    links: set[bytes] = field(default_factory=set)
    likely: set[bytes] = field(default_factory=set)
    blocks: dict[int, str] = field(default_factory=dict)
    block_length: int = 0

    # --- What stands in the channel ------------------------------------------------------------------

    def take(self, record: Record) -> None:
        if record.tag == "item":
            self.take_item(record)
        elif record.tag in {"wp:base_blog_url", "wp:base_site_url", "link"}:
            self.take_home(record.get(""))
        elif record.tag == "wp:author":
            self.take_author(record)
        elif record.tag == "wp:category":
            self.take_category(record)
        elif record.tag == "wp:tag":
            self.tags[fields.term_of(record.get("wp:tag_slug"))] = fields.named(
                record.get("wp:tag_name")
            )

    def take_home(self, address: str) -> None:
        """The blog's own address stands last, and may be a folder of the network's."""
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError:
            return
        if host:
            bare = host.removeprefix("www.")
            self.hosts |= {bare, f"www.{bare}"}
            self.base = parts.path.rstrip("/")
            self.home = f"{bare}{self.base}"

    def take_author(self, record: Record) -> None:
        login = fields.named(record.get("wp:author_login"))
        family, given = (
            fields.named(record.get(f"wp:author_{part}_name")) for part in ("last", "first")
        )
        names = (fields.named(record.get("wp:author_display_name")), family + given)
        # A login is half of a password, though readers may have seen it.
        self.authors[login] = next((n for n in names if n and n.lower() != login.lower()), "")

    def take_category(self, record: Record) -> None:
        slug = fields.term_of(record.get("wp:category_nicename"))
        self.categories[slug] = {
            "id": record.get("wp:term_id")[: fields.LONGEST_TERM],
            "name": fields.named(record.get("wp:cat_name")),
            "parent": fields.term_of(record.get("wp:category_parent")),
            "description": fields.plain(record.get("wp:category_description"))[:LONGEST_TEXT],
        }

    # --- Items ---------------------------------------------------------------------------------------

    def take_item(self, record: Record) -> None:
        kind, id = fields.type_of(record), fields.number(record.get("wp:post_id"))
        if kind == "attachment" and id:
            self.files[id] = fields.attached(record)
            if parent := fields.number(record.get("wp:post_parent")):
                self.children[parent].append(id)
        elif kind == "wp_block" and id:
            self.take_block(id, record.get("content:encoded"))
        elif kind in fields.KINDS:
            self.take_terms(record)
            if fields.is_public(record) and (link := self.own_address(record.get("link"))):
                self.links.add(fields.short_key(link))
                slug = fields.slug_of(record.get("wp:post_name"))
                self.likely.update(map(fields.short_key, self.monthly(record, [slug])))
            if (
                kind == "post"
                and record.get("wp:status") == "publish"
                and (at := fields.date_of(record))
            ):
                local = timezone.localtime(at)
                if local.year in YEARS:
                    self.months.add((local.year, local.month))

    def take_block(self, id: int, content: str) -> None:
        self.block_length += len(content)
        if len(content) <= LONGEST_BLOCK and self.block_length <= LONGEST_BLOCKS:
            self.blocks[id] = content

    def take_terms(self, record: Record) -> None:
        """An export of chosen posts names their terms only here."""
        for term in record.terms:
            slug, name = (
                fields.term_of(term.slug) or fields.named(term.name),
                fields.named(term.name),
            )
            if term.domain == "category":
                self.categories.setdefault(slug, {"name": name})
            elif term.domain == "post_tag":
                self.tags.setdefault(slug, name)

    def path_to(self, slug: str) -> list[str]:
        """Return the slugs of a category and those around it, outermost first."""
        path: list[str] = []
        while slug in self.categories and slug not in path and len(path) < DEEPEST:
            path.insert(0, slug)
            slug = self.categories[slug].get("parent", "")
        return path

    # --- Addresses -----------------------------------------------------------------------------------

    def own_address(self, address: str) -> str:
        """Return path and query of an address of this site, as people read it; else "".

        "" for the front page, too: it is ours by now.
        """
        try:
            parts = urlsplit(decode(address).strip())
            host = parts.hostname
        except ValueError:
            return ""
        if (host and host not in self.hosts) or not parts.path.startswith("/"):
            return ""
        path = fields.slug_of(parts.path)
        if path.rstrip("/") in {"", self.base} and not parts.query:
            return ""
        found = f"{path}?{parts.query}" if parts.query else path
        return found if len(found) <= fields.LONGEST_ADDRESS else ""

    def monthly(self, record: Record, slugs: list[str]) -> list[str]:
        """Return addresses of a post by year, month and slug, as most blogs had them once."""
        date = fields.date_of(record)
        if fields.type_of(record) != "post" or date is None:
            return []
        month = f"{self.base}/{timezone.localtime(date):%Y/%m}"
        return [f"{month}/{slug}/" for slug in slugs if slug]
