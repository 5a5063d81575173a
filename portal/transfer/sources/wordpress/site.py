"""The source of `records` for an export of WordPress.

The file is read three times: first for what others refer to by numbers and names, since an attachment
may stand behind its post; then for the files; then for the items. A pass takes some twenty seconds for
500 MB. Kept in memory are, of each attachment, its address and words, and of the post that is read,
all of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from django.urls import reverse

from portal.transfer.sources.cells import hosts_of
from portal.transfer.sources.records import (
    Left,
    OldCategory,
    OldFile,
    OldItem,
    OldPlace,
    SourceError,
)
from portal.transfer.sources.wordpress import fields
from portal.transfer.sources.wordpress.shortcodes import Known, convert
from portal.transfer.sources.wordpress.survey import Survey
from portal.transfer.sources.wordpress.wxr import Reader, Record

BINNED_SLUG = "__trashed"
# `%%title%% %%sep%% %%sitename%%`, `%title% %sep%`, `#post_title #separator_sa`.
TITLE_VARIABLE = re.compile(r"%%(?:title|post_title)%%|%(?:title|post_title)%|#post_title")
OTHER_VARIABLE = re.compile(
    r"%%(?:page|sep|sitename|sitedesc)%%|%(?:page|sep|sitename|sitedesc)%|#(?:separator_sa|site_title)"
)
VARIABLE = re.compile(r"%%\w+%%|%[a-z_]+%|#[a-z]+_[a-z]+")


class WordPress:
    is_sized = True

    def __init__(self, path: Path, site: str = "") -> None:
        """Read the file once; `site` in place of what the file says. Raises SourceError."""
        self.path = path
        self.reader = Reader(path, fields.METAS)
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
            if record.tag == "item" and (fields.type_of(record) == "attachment") == attachments:
                yield record

    # --- Lists ---------------------------------------------------------------------------------------

    def categories(self) -> Iterator[OldCategory]:
        paths = {slug: self.survey.path_to(slug) for slug in self.survey.categories}
        for slug, path in sorted(paths.items(), key=lambda pair: len(pair[1])):
            given = self.survey.categories[slug]
            name = given["name"] or slug
            if slug and not fields.is_unfiled(slug, name):
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
            title, id = fields.plain(record.get("title")), fields.number(record.get("wp:post_id"))
            file = fields.attached(record)
            if record.problem or not file.address:
                yield Left(record.number, title, record.problem or "附件没有文件地址")
                continue
            addresses = [self.survey.own_address(record.get("link"))]
            if id:
                addresses.append(fields.page_of_file(self.survey.base, id))
            addresses = [a for a in dict.fromkeys(addresses) if a and a != file.address]
            yield OldFile(
                record.number, file.address, title, file.alt, file.caption, tuple(addresses)
            )

    # --- Items ---------------------------------------------------------------------------------------

    def items(self) -> Iterator[OldItem | Left]:
        seen: set[str] = set()
        for record in self.records(attachments=False):
            title = fields.plain(record.get("title"))
            old_id = fields.id_of(record)
            if reason := record.problem or fields.reason_to_leave(record):
                yield Left(record.number, title, reason)
            elif old_id in seen:
                yield Left(record.number, title, f"文件里有两条编号为 {old_id}，只取第一条")
            else:
                seen.add(old_id)
                yield self.item(record, old_id, title)

    def item(self, record: Record, old_id: str, title: str) -> OldItem:
        id = fields.number(record.get("wp:post_id"))
        state, *notes = fields.state_of(record)
        converted = convert(record.get("content:encoded"), self.known, id)
        category, *others = self.categories_of(record) or [""]
        cover, cover_notes = self.cover_of(record)
        slug = fields.slug_of(record.get("wp:post_name")).removesuffix(BINNED_SLUG)
        return OldItem(
            number=record.number,
            kind=fields.KINDS[fields.type_of(record)],
            old_id=old_id,
            title=title,
            html=converted.html,
            summary=fields.plain(record.get("excerpt:encoded")),
            seo_title=self.seo_text(record, fields.SEO_TITLE, title),
            seo_description=self.seo_text(record, fields.SEO_DESCRIPTION, ""),
            slug=slug,
            category=category,
            tags=fields.tags_of(record),
            author=self.author_of(record),
            date=fields.date_of(record),
            changed=fields.moment(record.get("wp:post_modified_gmt"), gmt=True)
            or fields.moment(record.get("wp:post_modified")),
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
                *fields.leftovers(record),
            ),
        )

    def author_of(self, record: Record) -> str:
        login = fields.named(record.get("dc:creator"))
        return self.survey.authors.get(login, "")

    def categories_of(self, record: Record) -> list[str]:
        """Return the ids of the categories, the one that counts first."""
        slugs = [
            slug
            for term in record.terms
            if term.domain == "category"
            and (slug := fields.term_of(term.slug) or fields.named(term.name))
            if not fields.is_unfiled(slug, fields.plain(term.name))
        ]
        main = self.category_ids.get(fields.first_meta(record, fields.PRIMARY), "")
        return list(dict.fromkeys([main, *slugs] if main in slugs else slugs))

    def category_notes(self, slugs: list[str]) -> list[str]:
        names = "、".join(self.survey.categories[slug]["name"] or slug for slug in slugs)
        return [f"一篇文章只属于一个栏目，没有放进：{names}"] if slugs else []

    def cover_of(self, record: Record) -> tuple[str, list[str]]:
        id = fields.number(fields.first_meta(record, (fields.COVER,)))
        if file := self.survey.files.get(id):
            return file.address, []
        return (
            (fields.page_of_file(self.survey.base, id), ["特色图片在文件里没有记录"])
            if id
            else ("", [])
        )

    def seo_text(self, record: Record, metas: tuple[str, ...], title: str) -> str:
        """Return a text for search engines; "" where it only repeats what the site says anyway."""
        text = fields.plain(fields.first_meta(record, metas))
        text = OTHER_VARIABLE.sub("", TITLE_VARIABLE.sub(lambda match: title, text)).strip(" -_|·")
        # What a variable stood for, only the plugin knew.
        return "" if text == title or VARIABLE.search(text) else " ".join(text.split())

    # --- Addresses -----------------------------------------------------------------------------------

    def addresses_of(self, record: Record, id: int, slug: str) -> tuple[str, ...]:
        """Return all addresses that may have been in use; none of what was never public.

        As in WordPress, one where another item is read now is that one's alone.
        """
        base, kind = self.survey.base, fields.type_of(record)
        if not fields.is_public(record):
            return ()
        link = self.survey.own_address(record.get("link"))
        found = [fields.guid_of(self.survey.own_address(record.get("guid")), id)]
        former = []
        if id:
            found.append(f"{base}/?{'page_id' if kind == 'page' else 'p'}={id}")
        old_slugs = [fields.slug_of(old) for old in record.metas[fields.OLD_SLUG]]
        if slug and f"/{slug}" in link:
            head, _, tail = link.rpartition(f"/{slug}")
            former += [f"{head}/{old}{tail}" for old in old_slugs if old]
        if kind == "post" and id:
            found.append(f"{base}/archives/{id}")
            if slug:
                found += self.survey.monthly(record, [slug])
                former += self.survey.monthly(record, old_slugs)
        links, likely = self.survey.links, self.survey.likely
        free = [link, *(old for old in found if fields.short_key(old) not in links)]
        free += [
            old
            for old in former
            if fields.short_key(old) not in links and fields.short_key(old) not in likely
        ]
        return tuple(dict.fromkeys(filter(None, free)))
