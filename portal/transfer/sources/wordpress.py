"""A WordPress site in its export file.

The file is read three times: first for what others refer to by numbers and names, since an attachment
may stand behind its post; then for the files; then for the items. A pass takes some twenty seconds for
500 MB. Kept in memory are, of each attachment, its address and words, and of the post that is read,
all of it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2s
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.urls import reverse
from django.utils import timezone

from portal.cms.publishing import Status
from portal.cms.redirects.keys import key_of
from portal.cms.richtext.scan import decode
from portal.cms.richtext.words import words_of
from portal.cms.times import YEARS
from portal.transfer.sources.records import (
    Kind,
    Left,
    OldCategory,
    OldFile,
    OldItem,
    OldPlace,
    SourceError,
)
from portal.transfer.sources.shortcodes import Attached, Known, convert
from portal.transfer.sources.tables import hosts_of
from portal.transfer.sources.wxr import Reader, Record

COVER = "_thumbnail_id"
ALT = "_wp_attachment_image_alt"
OLD_SLUG = "_wp_old_slug"
PRIMARY = ("_yoast_wpseo_primary_category", "rank_math_primary_category")
SEO_TITLE = ("_yoast_wpseo_title", "rank_math_title", "_aioseo_title", "_aioseop_title")
SEO_DESCRIPTION = (
    *("_yoast_wpseo_metadesc", "rank_math_description"),
    *("_aioseo_description", "_aioseop_description"),
)
BUILDER = "_elementor_edit_mode"
METAS = (COVER, ALT, OLD_SLUG, *PRIMARY, *SEO_TITLE, *SEO_DESCRIPTION, BUILDER)

KINDS: dict[str, Kind] = {"post": "article", "page": "page"}
# What else is in a file, in the words of WordPress's Chinese desk.
TYPES = {
    "attachment": "附件",
    "custom_css": "自定义样式",
    "customize_changeset": "主题设置",
    "nav_menu_item": "菜单项",
    "oembed_cache": "嵌入内容的缓存",
    "product": "商品",
    "revision": "修订版本",
    "shop_order": "订单",
    "wp_block": "可重用区块，内容已写入引用它的文章",
    "wp_global_styles": "主题样式",
    "wp_navigation": "导航菜单",
    "wp_template": "主题模板",
    "wp_template_part": "主题模板",
}
PRIVATE = "原来只有登录的人能看，存为草稿"
STATES: dict[str, tuple[Status, str]] = {
    "publish": (Status.PUBLISHED, ""),
    "future": (Status.PUBLISHED, ""),
    "draft": (Status.DRAFT, ""),
    "auto-draft": (Status.DRAFT, ""),
    "pending": (Status.IN_REVIEW, ""),
    "private": (Status.DRAFT, PRIVATE),
    "trash": (Status.DRAFT, ""),
}
UNFILED = frozenset({"uncategorized", "uncategorised", "未分类"})
BINNED_SLUG = "__trashed"
# `%%title%% %%sep%% %%sitename%%`, `%title% %sep%`, `#post_title #separator_sa`.
TITLE_VARIABLE = re.compile(r"%%(?:title|post_title)%%|%(?:title|post_title)%|#post_title")
OTHER_VARIABLE = re.compile(
    r"%%(?:page|sep|sitename|sitedesc)%%|%(?:page|sep|sitename|sitedesc)%|#(?:separator_sa|site_title)"
)
VARIABLE = re.compile(r"%%\w+%%|%[a-z_]+%|#[a-z]+_[a-z]+")
NUMBERED = re.compile(r"[?&](?:p|page_id)=([0-9]{1,18})(?![0-9])")
YEAR = re.compile(r"(?<![0-9+-])[0-9]{4}(?![0-9])")

LONGEST_ADDRESS = 1000
# What is kept of the whole file is cut: it may have been written to fill the memory.
LONGEST_TERM = 200  # as in WordPress
LONGEST_TEXT = 2000
LONGEST_ALT = 300
DEEPEST = 10  # categories within each other
LONGEST_BLOCK = 100_000  # characters of one that is referred to, and of all of them
LONGEST_BLOCKS = 4_000_000


@dataclass
class Survey:
    """What records refer to, from the first pass."""

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
            self.tags[term_of(record.get("wp:tag_slug"))] = named(record.get("wp:tag_name"))

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
        login = named(record.get("wp:author_login"))
        family, given = (named(record.get(f"wp:author_{part}_name")) for part in ("last", "first"))
        names = (named(record.get("wp:author_display_name")), family + given)
        # A login is half of a password, though readers may have seen it.
        self.authors[login] = next((n for n in names if n and n.lower() != login.lower()), "")

    def take_category(self, record: Record) -> None:
        slug = term_of(record.get("wp:category_nicename"))
        self.categories[slug] = {
            "id": record.get("wp:term_id")[:LONGEST_TERM],
            "name": named(record.get("wp:cat_name")),
            "parent": term_of(record.get("wp:category_parent")),
            "description": plain(record.get("wp:category_description"))[:LONGEST_TEXT],
        }

    # --- Items ---------------------------------------------------------------------------------------

    def take_item(self, record: Record) -> None:
        kind, id = type_of(record), number(record.get("wp:post_id"))
        if kind == "attachment" and id:
            self.files[id] = attached(record)
            if parent := number(record.get("wp:post_parent")):
                self.children[parent].append(id)
        elif kind == "wp_block" and id:
            self.take_block(id, record.get("content:encoded"))
        elif kind in KINDS:
            self.take_terms(record)
            if is_public(record) and (link := self.own_address(record.get("link"))):
                self.links.add(short_key(link))
                slug = slug_of(record.get("wp:post_name"))
                self.likely.update(map(short_key, self.monthly(record, [slug])))
            if kind == "post" and record.get("wp:status") == "publish" and (at := date_of(record)):
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
            slug, name = term_of(term.slug) or named(term.name), named(term.name)
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
        path = slug_of(parts.path)
        if path.rstrip("/") in {"", self.base} and not parts.query:
            return ""
        found = f"{path}?{parts.query}" if parts.query else path
        return found if len(found) <= LONGEST_ADDRESS else ""

    def monthly(self, record: Record, slugs: list[str]) -> list[str]:
        """Return addresses of a post by year, month and slug, as most blogs had them once."""
        date = date_of(record)
        if type_of(record) != "post" or date is None:
            return []
        month = f"{self.base}/{timezone.localtime(date):%Y/%m}"
        return [f"{month}/{slug}/" for slug in slugs if slug]


class WordPress:
    """The source: see `records.Source`."""

    is_sized = True

    def __init__(self, path: Path, site: str = "") -> None:
        """Read the file once; `site` in place of what the file says. Raises SourceError."""
        self.path = path
        self.reader = Reader(path, METAS)
        self.survey = Survey(set(hosts_of(site)))
        for record in self.reader.records():
            self.survey.take(record)
        self.warnings = list(self.reader.warnings)
        if nameless := [login for login, name in self.survey.authors.items() if not name]:
            count = f"有 {len(nameless)} 位作者的显示名就是登录名，没有沿用"
            self.warnings.append(f"{count}；他们的文章署默认作者。")
        self.site = site or self.survey.home or "wordpress"
        self.hosts = frozenset(self.survey.hosts)
        self.known = Known(self.survey.files, self.survey.children, self.survey.blocks)
        categories = self.survey.categories.items()
        self.category_ids = {id: slug for slug, given in categories if (id := given.get("id"))}

    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise SourceError(f"文件 {self.path.name} 无法读取。") from error

    def done(self) -> int:
        return self.reader.bytes_read

    def records(self, *, attachments: bool) -> Iterator[Record]:
        for record in self.reader.records():
            if record.tag == "item" and (type_of(record) == "attachment") == attachments:
                yield record

    # --- Lists ---------------------------------------------------------------------------------------

    def categories(self) -> Iterator[OldCategory]:
        paths = {slug: self.survey.path_to(slug) for slug in self.survey.categories}
        for slug, path in sorted(paths.items(), key=lambda pair: len(pair[1])):
            given = self.survey.categories[slug]
            name = given["name"] or slug
            if slug and not is_unfiled(slug, name):
                addresses = [f"/category/{'/'.join(path)}/", f"/category/{slug}/"]
                if given.get("id"):
                    addresses.append(f"/?cat={given['id']}")
                description = given.get("description", "")
                yield OldCategory(slug, name, slug, description, self.below(addresses))

    def places(self) -> Iterator[OldPlace]:
        for slug, name in self.survey.tags.items():
            for address in self.below([f"/tag/{slug}/", f"/?tag={slug}"] if slug and name else []):
                yield OldPlace(address, tag=name)
        articles = reverse("articles:list")
        lists = ["/category/uncategorized/", "/?cat=1"]
        # An author's page is named after the login.
        lists += [f"/author/{re.sub('[ .]+', '-', a.lower())}/" for a in self.survey.authors]
        taken = {address for category in self.categories() for address in category.addresses}
        for address in self.below(lists):
            if address not in taken:
                yield OldPlace(address, articles)
        for year in sorted({year for year, _ in self.survey.months}):
            target = reverse("articles:archive_year", args=[f"{year:04}"])
            yield from (OldPlace(a, target) for a in self.below([f"/{year}/", f"/?m={year}"]))
        for year, month in sorted(self.survey.months):
            target = reverse("articles:archive_month", args=[f"{year:04}", f"{month:02}"])
            addresses = [f"/{year}/{month:02}/", f"/?m={year}{month:02}"]
            yield from (OldPlace(address, target) for address in self.below(addresses))

    def below(self, addresses: list[str]) -> tuple[str, ...]:
        """Return addresses as they were in WordPress's folder, each once."""
        return tuple(dict.fromkeys(self.survey.base + address for address in addresses))

    # --- Files ---------------------------------------------------------------------------------------

    def files(self) -> Iterator[OldFile | Left]:
        for record in self.records(attachments=True):
            title, id = plain(record.get("title")), number(record.get("wp:post_id"))
            file = attached(record)
            if record.problem or not file.address:
                yield Left(record.number, title, record.problem or "附件没有文件地址")
                continue
            addresses = [self.survey.own_address(record.get("link"))]
            if id:
                addresses.append(page_of_file(self.survey.base, id))
            addresses = [a for a in dict.fromkeys(addresses) if a and a != file.address]
            yield OldFile(
                record.number, file.address, title, file.alt, file.caption, tuple(addresses)
            )

    # --- Items ---------------------------------------------------------------------------------------

    def items(self) -> Iterator[OldItem | Left]:
        seen: set[str] = set()
        for record in self.records(attachments=False):
            title = plain(record.get("title"))
            old_id = id_of(record)
            if reason := record.problem or reason_to_leave(record):
                yield Left(record.number, title, reason)
            elif old_id in seen:
                yield Left(record.number, title, f"文件里有两条编号为 {old_id}，只取第一条")
            else:
                seen.add(old_id)
                yield self.item(record, old_id, title)

    def item(self, record: Record, old_id: str, title: str) -> OldItem:
        id = number(record.get("wp:post_id"))
        state, *notes = state_of(record)
        converted = convert(record.get("content:encoded"), self.known, id)
        category, *others = self.categories_of(record) or [""]
        cover, cover_notes = self.cover_of(record)
        slug = slug_of(record.get("wp:post_name")).removesuffix(BINNED_SLUG)
        return OldItem(
            number=record.number,
            kind=KINDS[type_of(record)],
            old_id=old_id,
            title=title,
            html=converted.html,
            summary=plain(record.get("excerpt:encoded")),
            seo_title=self.seo_text(record, SEO_TITLE, title),
            seo_description=self.seo_text(record, SEO_DESCRIPTION, ""),
            slug=slug,
            category=category,
            tags=tags_of(record),
            author=self.author_of(record),
            date=date_of(record),
            changed=moment(record.get("wp:post_modified_gmt"), gmt=True)
            or moment(record.get("wp:post_modified")),
            status=state,
            binned=record.get("wp:status") == "trash",
            pinned=record.get("wp:is_sticky") == "1",
            cover=cover,
            addresses=self.addresses_of(record, id, slug),
            notes=(
                *notes,
                *cover_notes,
                *self.category_notes(others),
                *converted.notes,
                *leftovers(record),
            ),
        )

    def author_of(self, record: Record) -> str:
        login = named(record.get("dc:creator"))
        return self.survey.authors.get(login, "")

    def categories_of(self, record: Record) -> list[str]:
        """Return the ids of the categories, the one that counts first."""
        slugs = [
            slug
            for term in record.terms
            if term.domain == "category" and (slug := term_of(term.slug) or named(term.name))
            if not is_unfiled(slug, plain(term.name))
        ]
        main = self.category_ids.get(first_meta(record, PRIMARY), "")
        return list(dict.fromkeys([main, *slugs] if main in slugs else slugs))

    def category_notes(self, slugs: list[str]) -> list[str]:
        names = "、".join(self.survey.categories[slug]["name"] or slug for slug in slugs)
        return [f"一篇文章只属于一个栏目，没有放进：{names}"] if slugs else []

    def cover_of(self, record: Record) -> tuple[str, list[str]]:
        id = number(first_meta(record, (COVER,)))
        if file := self.survey.files.get(id):
            return file.address, []
        return (
            (page_of_file(self.survey.base, id), ["特色图片在文件里没有记录"]) if id else ("", [])
        )

    def seo_text(self, record: Record, metas: tuple[str, ...], title: str) -> str:
        """Return a text for search engines; "" where it only repeats what the site says anyway."""
        text = plain(first_meta(record, metas))
        text = OTHER_VARIABLE.sub("", TITLE_VARIABLE.sub(lambda match: title, text)).strip(" -_|·")
        # What a variable stood for, only the plugin knew.
        return "" if text == title or VARIABLE.search(text) else " ".join(text.split())

    # --- Addresses -----------------------------------------------------------------------------------

    def addresses_of(self, record: Record, id: int, slug: str) -> tuple[str, ...]:
        """Return all addresses that may have been in use; none of what was never public.

        As in WordPress, one where another item is read now is that one's alone.
        """
        base, kind = self.survey.base, type_of(record)
        if not is_public(record):
            return ()
        link = self.survey.own_address(record.get("link"))
        found = [guid_of(self.survey.own_address(record.get("guid")), id)]
        former = []
        if id:
            found.append(f"{base}/?{'page_id' if kind == 'page' else 'p'}={id}")
        old_slugs = [slug_of(old) for old in record.metas[OLD_SLUG]]
        if slug and f"/{slug}" in link:
            head, _, tail = link.rpartition(f"/{slug}")
            former += [f"{head}/{old}{tail}" for old in old_slugs if old]
        if kind == "post" and id:
            found.append(f"{base}/archives/{id}")
            if slug:
                found += self.survey.monthly(record, [slug])
                former += self.survey.monthly(record, old_slugs)
        links, likely = self.survey.links, self.survey.likely
        free = [link, *(old for old in found if short_key(old) not in links)]
        free += [
            old for old in former if short_key(old) not in links and short_key(old) not in likely
        ]
        return tuple(dict.fromkeys(filter(None, free)))


# --- Records -------------------------------------------------------------------------------------------


def plain(html: str) -> str:
    """Return the words of a title or another short text, in one line."""
    return " ".join(words_of(html).split())


def slug_of(written: str) -> str:
    """Return a slug or path as people read it: WordPress keeps Chinese as %e5%8a%b3."""
    written = decode(written).strip()
    try:
        text = unquote(written, errors="strict")
    except UnicodeDecodeError:  # cut in the middle of a character
        return written
    return text if text.isprintable() and set(text).isdisjoint("?#%\\") else written


def term_of(written: str) -> str:
    """Return the slug of a category or a tag."""
    return slug_of(written)[:LONGEST_TERM]


def named(html: str) -> str:
    """Return the name of one."""
    return plain(html)[:LONGEST_TERM]


def number(text: str) -> int:
    """Return an id; 0 where there is none."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def type_of(record: Record) -> str:
    return record.get("wp:post_type") or "post"


def is_public(record: Record) -> bool:
    """Whether an item had an address that somebody could open."""
    return record.get("wp:status") in {"publish", "private"}


def short_key(address: str) -> bytes:
    return bytes.fromhex(key_of(address))


def guid_of(address: str, id: int) -> str:
    """Return a guid's address, unless it names another item: an importer leaves it as it was."""
    named = NUMBERED.search(address)
    return "" if named and int(named[1]) != id else address


def id_of(record: Record) -> str:
    """Return what tells an item from all others, the same in the next export."""
    if id := number(record.get("wp:post_id")):
        return str(id)
    parts = [record.get(name) for name in ("link", "guid", "title", "wp:post_date")]
    if not any(parts):
        parts = [record.get("content:encoded")]
    return blake2s("\0".join(parts).encode(), digest_size=8).hexdigest()


def attached(record: Record) -> Attached:
    address = record.get("wp:attachment_url") or record.get("guid")
    caption = record.get("excerpt:encoded") or record.get("content:encoded")
    address = decode(address).strip()
    return Attached(
        address if len(address) <= LONGEST_ADDRESS else "",
        plain(first_meta(record, (ALT,)))[:LONGEST_ALT],
        plain(caption)[:LONGEST_TERM],
    )


def page_of_file(base: str, id: int) -> str:
    """Return the address of the page that shows an attachment."""
    return f"{base}/?attachment_id={id}"


def first_meta(record: Record, names: tuple[str, ...]) -> str:
    values = (value for name in names for value in record.metas.get(name, ()))
    return next((value for value in values if value.strip()), "")


def is_unfiled(slug: str, name: str) -> bool:
    return slug.lower() in UNFILED or name in UNFILED


def tags_of(record: Record) -> tuple[str, ...]:
    names = (plain(term.name) for term in record.terms if term.domain == "post_tag")
    return tuple(dict.fromkeys(filter(None, names)))


def reason_to_leave(record: Record) -> str:
    kind = type_of(record)
    if kind not in KINDS:
        return f"不是文章或页面：{TYPES.get(kind, kind[:40])}"
    if record.get("wp:status") == "inherit":
        return f"不是文章或页面：{TYPES['revision']}"
    says_nothing = not record.get("title") and not record.get("content:encoded")
    return "没有标题，也没有正文" if says_nothing else ""


def state_of(record: Record) -> tuple[Status, *tuple[str, ...]]:
    """Return the state, and what its owner should know of it."""
    written = record.get("wp:status")
    if written not in STATES:
        return (
            Status.DRAFT,
            f"状态“{written[:40]}”无法识别，存为草稿" if written else "没有状态，存为草稿",
        )
    state, note = STATES[written]
    notes = (note,) if note else ()
    if record.get("wp:post_password"):
        return Status.DRAFT, *notes, "原来凭密码才能看，存为草稿，密码没有带入"
    return state, *notes


def leftovers(record: Record) -> list[str]:
    """Return what belongs to the item and does not come along."""
    left = []
    if record.comments:
        left.append(f"{record.comments} 条评论没有带入")
    if first_meta(record, (BUILDER,)):
        left.append("用 Elementor 排的版，请核对版面")
    return left


# --- Moments -------------------------------------------------------------------------------------------


def date_of(record: Record) -> datetime | None:
    """Return when it was published: by the world's clock if the file says so, else by Shenzhen's."""
    return (
        moment(record.get("wp:post_date_gmt"), gmt=True)
        or moment(record.get("wp:post_date"))
        or mailed(record.get("pubDate"))
    )


def moment(text: str, *, gmt: bool = False) -> datetime | None:
    try:
        naive = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:  # 0000-00-00 00:00:00, of drafts
        return None
    if naive.year not in YEARS:
        return None
    return naive.replace(tzinfo=UTC) if gmt else timezone.make_aware(naive)


def mailed(text: str) -> datetime | None:
    """Read a date as in mails; None where the year is none: WordPress writes drafts' as -0001."""
    if not YEAR.search(text):
        return None
    try:
        found = parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    aware = found if found.tzinfo else found.replace(tzinfo=UTC)
    return aware if aware.year in YEARS else None
