"""PbootCMS 2 and 3: its SQLite database, or a dump."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from portal.cms.publishing import Status
from portal.transfer.sources import tables
from portal.transfer.sources.cells import hosts_of, number, part, plain, split, summary_of, when
from portal.transfer.sources.records import Left, OldCategory, OldItem, OldPlace
from portal.transfer.sources.tables import Tables, TableSource

WANTED = {
    "content": (
        *("id", "acode", "scode", "title", "filename", "author", "source", "outlink", "date"),
        *("ico", "pics", "content", "tags", "enclosure", "keywords", "description", "status"),
        *("istop", "gid", "update_time"),
    ),
    "content_sort": (
        *(
            "scode",
            "acode",
            "mcode",
            "pcode",
            "name",
            "filename",
            "title",
            "description",
            "outlink",
        ),
    ),
    "model": ("mcode", "type", "urlname"),
    "config": ("name", "value"),
    "site": ("acode", "domain"),
    "area": ("acode", "is_default"),
}
NEEDED = ("content", "content_sort", "config")

# A 单页 shows the newest of what was written for it.
SHOWN = (
    "SELECT scode, max(CAST(id AS INTEGER)) AS id FROM content"
    " WHERE CAST(status AS TEXT) = '1' GROUP BY scode"
)
SINGLE_PAGE = "1"
RESTRICTED = "旧站只给部分会员看，存为草稿"
# What the three ways of writing addresses begin with; a site may have gone from one to another.
WAYS = ("/", "/index.php/", "/?")
LABEL = re.compile(r"\{/?pboot:[^{}]*+\}")


class PbootCMS(TableSource):
    """One language of a site: that of `area`, else the usual one."""

    system = "pbootcms"
    wanted, needed = WANTED, NEEDED
    counted = ("content",)
    repeated = "SELECT id FROM content GROUP BY id HAVING count(*) > 1"

    def __init__(self, content: Tables, site: str = "", area: str = "") -> None:
        read = content.read
        usual = [row["acode"] for row in read("SELECT * FROM area") if row["is_default"] == "1"]
        self.area = area or next(iter(usual), "cn")
        domains = [
            row["domain"]
            for row in read("SELECT acode, domain FROM site")
            if self.area in (row["acode"] or self.area)
        ]
        super().__init__(content, site, next(filter(hosts_of, domains), ""))
        for domain in domains:
            self.hosts |= hosts_of(domain)
        self.settings = {row["name"]: row["value"] for row in read("SELECT * FROM config")}
        self.models = {row["mcode"]: row for row in read("SELECT * FROM model")}
        rows = tables.outer_first(read("SELECT * FROM content_sort"), "scode", "pcode")
        self.sorts = {row["scode"]: row for row in rows if self.is_ours(row)}
        self.shown = {row["scode"]: row["id"] for row in read(SHOWN)}

    def is_ours(self, row: dict[str, str]) -> bool:
        return row["acode"] in {"", self.area}

    def is_page(self, scode: str) -> bool:
        """Whether a 栏目 is a page of its own, rather than a list of articles."""
        mcode = self.sorts.get(scode, {}).get("mcode", "")
        return self.models.get(mcode, {}).get("type") == SINGLE_PAGE

    # --- Categories ----------------------------------------------------------------------------------

    def categories(self) -> Iterator[OldCategory]:
        for scode, row in self.sorts.items():
            if self.is_page(scode):
                continue
            mark = part(self.settings.get("url_break_char", "")) or "_"
            names = self.names(scode)
            yield OldCategory(
                old_id=scode,
                name=plain(row["name"]),
                slug=row["filename"],
                description=plain(row["description"]),
                addresses=tuple(lists(names)),
                patterns=tuple(lists([rf"{name}{mark}(\d+)" for name in names])),
            )

    def names(self, scode: str) -> list[str]:
        """Return what the addresses of a 栏目 begin with: its own name, and the one by its number."""
        row = self.sorts.get(scode, {})
        is_page = self.is_page(scode)
        usual = "about" if is_page else "list"
        urlname = self.models.get(row.get("mcode", ""), {}).get("urlname") or usual
        mark = part(self.settings.get("url_break_char", "")) or "_"
        numbered = f"{part(urlname)}{mark}{part(scode)}"
        return [name for name in (part(row.get("filename", "")), numbered) if name]

    def places(self) -> Iterator[OldPlace]:
        tags: set[str] = set()
        for row in self.tables.read("SELECT DISTINCT tags FROM content"):
            tags |= set(split(row["tags"]))
        for tag in sorted(tags):
            yield OldPlace(f"/?tag={part(tag)}", tag=tag)

    # --- Articles and pages --------------------------------------------------------------------------

    def records(self, numbers: Iterator[int]) -> Iterator[OldItem | Left]:
        for row in self.tables.read("SELECT * FROM content"):
            at = next(numbers)
            if why := self.problem(row["id"]) or self.why_left(row):
                yield Left(at, plain(row["title"]), why)
            else:
                yield self.item(at, row)
        self.warn("阅读数、点赞数没有导入：这里自己统计。")

    def why_left(self, row: dict[str, str]) -> str:
        if not self.is_ours(row):
            return f"属于区域“{row['acode']}”；要导入它，请用 --area 指定"
        if row["outlink"].strip():
            return f"只是一个外链，指向 {row['outlink'][:200]}"
        return ""

    def item(self, at: int, row: dict[str, str]) -> OldItem:
        is_page = self.is_page(row["scode"])
        body, notes = body_of(row)
        date, more = when(row["date"])
        changed, _ = when(row["update_time"])
        notes += more
        status = Status.PUBLISHED if row["status"] == "1" else Status.DRAFT
        if number(row["gid"]):
            status = Status.DRAFT
            notes += (RESTRICTED,)
        is_covered = is_page and self.shown.get(row["scode"], row["id"]) != row["id"]
        if is_covered and status == Status.PUBLISHED:
            status = Status.DRAFT
            notes += ("旧站不显示这一条：同一单页有更新的内容，存为草稿",)
        return OldItem(
            number=at,
            kind="page" if is_page else "article",
            old_id=row["id"],
            title=plain(row["title"]),
            html=body,
            summary=summary_of(row["description"], body),
            slug=self.sorts[row["scode"]]["filename"] if is_page and not is_covered else "",
            category="" if is_page else row["scode"],
            tags=split(row["tags"]) or split(row["keywords"]),
            author=plain(row["author"]) if row["author"] != "admin" else "",
            source_name=plain(row["source"]) if row["source"] != "本站" else "",
            date=date,
            changed=changed,
            status=status,
            pinned=row["istop"] == "1",
            cover=row["ico"].strip(),
            gallery=tuple(filter(None, map(str.strip, row["pics"].split(",")))),
            addresses=() if is_covered else self.addresses(row, is_page=is_page),
            notes=notes,
        )

    def addresses(self, row: dict[str, str], *, is_page: bool) -> tuple[str, ...]:
        names = self.names(row["scode"])
        if is_page:
            return tuple(lists(names))
        ending = self.settings.get("url_rule_suffix") or ".html"
        own = [f"{name}{ending}" for name in (part(row["filename"]), part(row["id"])) if name]
        paths = [f"{name}/{file}" for name in names for file in own]
        if self.settings.get("url_rule_content_path") == "1":
            paths = [*own, *paths]
        return tuple(way + path for way in WAYS for path in paths)


# --- Words -------------------------------------------------------------------------------------------


def lists(names: list[str]) -> Iterator[str]:
    """Yield the addresses of lists; in some versions they end as files do."""
    for way in WAYS:
        for name in names:
            yield f"{way}{name}/"
            yield f"{way}{name}.html"


def body_of(row: dict[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the text with its attachment, and what did not come along."""
    body = row["content"]
    notes: tuple[str, ...] = ()
    if "<" not in body and "&lt;" in body:  # as it was typed into the form
        body = html.unescape(body)
    if LABEL.search(body):
        body, notes = LABEL.sub("", body), ("正文里的 PbootCMS 标签（{pboot:…}）没有导入",)
    if file := row["enclosure"].strip():
        body += f'\n<p><a href="{html.escape(file)}">附件下载</a></p>'
    return body, notes
