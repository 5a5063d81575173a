"""DedeCMS 5: a dump, its own backup folder, or a sheet with the columns of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from portal.cms.publishing import Status
from portal.cms.richtext.scan import scan
from portal.cms.richtext.words import words_of
from portal.transfer import sheet
from portal.transfer.sources import tables
from portal.transfer.sources.cells import number, part, plain, split, summary_of, when
from portal.transfer.sources.dump import Created, Fault, Hears, Record, Row
from portal.transfer.sources.records import (
    Left,
    OldCategory,
    OldItem,
    OldPlace,
    SourceError,
)
from portal.transfer.sources.tables import Tables, TableSource

WANTED = {
    "archives": (
        *("id", "typeid", "flag", "channel", "arcrank", "money", "title", "writer", "source"),
        *("litpic", "pubdate", "senddate", "keywords", "description", "filename"),
    ),
    "addonarticle": ("aid", "body", "redirecturl"),
    "arctype": (
        *("id", "reid", "typename", "typedir", "namerule", "namerule2", "defaultname", "ispart"),
        *("description", "seotitle", "content"),
    ),
    "addoninfos": ("aid", "title"),
    "channeltype": ("id", "typename"),
    "sgpage": ("aid", "title", "filename", "description", "uptime", "body"),
    "sysconfig": ("varname", "value"),
    "taglist": ("aid", "tag"),
}
NEEDED = ("archives", "addonarticle", "arctype")
SHEETS = (".csv", ".xlsx", ".xlsm")

ARTICLES = (
    "SELECT a.*, b.body, b.redirecturl, t.tags FROM archives AS a"
    " LEFT JOIN addonarticle AS b ON b.aid = a.id"
    " LEFT JOIN (SELECT aid, group_concat(tag) AS tags FROM taglist GROUP BY aid) AS t ON t.aid = a.id"
)
REPEATED = (
    "SELECT a.id AS id FROM archives AS a LEFT JOIN addonarticle AS b ON b.aid = a.id"
    " GROUP BY a.id HAVING count(*) > 1"
)

ARTICLE_CHANNELS = frozenset({"", "0", "1"})  # of a sheet; of what was never filed; the usual one
FLAGS = set("chfas")  # 推荐, 头条, 幻灯, 特荐, 滚动
JUMPS = "j"
BINNED = -2
STATUSES = {0: Status.PUBLISHED, -1: Status.IN_REVIEW, BINNED: Status.DRAFT}
RESTRICTED = "旧站只给部分会员看，存为草稿"
NAMERULE = "{typedir}/{y}/{m}{d}/{aid}.html"
LIST_RULE = "{typedir}/list_{tid}_{page}.html"
PAGE = re.compile(r"#p#([^#<>]{0,200}+)#e#")
UNTITLED_PAGE = "副标题"  # what the editor's button writes
NO_NAMES = frozenset({"", "admin", "未知", "佚名", "本站", "原创", "本站原创"})
NO_PICTURE = "defaultpic.gif"
# Columns are counted in signs in UTF-8, in bytes in GBK.
FULL_TITLE, FULL_KEYWORDS = 60, 30
HEADED = re.compile(r"\s*<h1\b[^<>]{0,500}+>(.{0,2000}?)</h1\s*>\s*", re.IGNORECASE | re.DOTALL)


def records_of(path: Path) -> Iterator[Record]:
    """Yield the rows of a sheet as those of the tables they come from. Raises SourceError."""
    yield from map(Created, NEEDED)
    types: set[str] = set()
    try:
        for line, cells in sheet.read(path):
            if problem := cells.pop(sheet.PROBLEM, ""):
                yield Fault(line, "", problem)
                continue
            values: dict[str, str | None] = {name.lower(): cell for name, cell in cells.items()}
            if "title" not in values or not {"id", "aid"} & values.keys():
                raise SourceError("表格里没有 id 和 title 列；第一行应为 DedeCMS 的列名。")
            values["id"] = values["aid"] = values.get("id") or values.get("aid")
            kind = values.setdefault("typeid", values.get("typename"))
            yield Row(line, "archives", values)
            yield Row(line, "addonarticle", values)
            if kind and kind not in types:
                types.add(kind)
                name: dict[str, str | None] = {
                    "id": kind,
                    "typename": values.get("typename") or kind,
                }
                yield Row(line, "arctype", name)
    except sheet.SheetError as error:
        raise SourceError(str(error)) from error


@dataclass(frozen=True)
class Column:
    """A category, or a page that stands in the place of one."""

    row: dict[str, str]
    folder: str  # the beginning of its addresses, without a slash at the end
    is_page: bool


class DedeCMS(TableSource):
    system = "dedecms"
    wanted, needed = WANTED, NEEDED
    counted = ("archives", "addoninfos", "sgpage")
    repeated = REPEATED

    @classmethod
    def tables_in(cls, path: Path, prefix: str, hears: Hears) -> AbstractContextManager[Tables]:
        if path.suffix.lower() in SHEETS:
            return tables.filled(records_of(path), WANTED, NEEDED)
        return super().tables_in(path, prefix, hears)

    def __init__(self, content: Tables, site: str = "") -> None:
        self.settings = {
            row["varname"]: row["value"] for row in content.read("SELECT * FROM sysconfig")
        }
        super().__init__(content, site, self.settings.get("cfg_basehost", ""))
        self.channels = {
            row["id"]: plain(row["typename"])
            for row in content.read("SELECT id, typename FROM channeltype")
        }
        self.columns = {column.row["id"]: column for column in self.read_columns()}

    def size(self) -> int:
        return super().size() + sum(bool(column.row["content"]) for column in self.columns.values())

    def read_columns(self) -> Iterator[Column]:
        rows = tables.outer_first(self.tables.read("SELECT * FROM arctype"), "id", "reid")
        in_use = {row["reid"] for row in rows}
        in_use |= {
            row["typeid"] for row in self.tables.read("SELECT DISTINCT typeid FROM archives")
        }
        for row in rows:
            is_page = row["ispart"] == "1" and bool(row["content"]) and row["id"] not in in_use
            yield Column(row, self.folder(row["typedir"]), is_page)

    def folder(self, written: str) -> str:
        home = self.settings.get("cfg_cmspath", "")
        path = written.replace("{cmspath}", home) or home + self.settings.get("cfg_arcdir", "/a")
        path = re.sub(r"^https?://[^/]*+", "", path.strip())
        return "/".join(("", *filter(None, map(part, path.split("/")))))

    # --- Categories ----------------------------------------------------------------------------------

    def categories(self) -> Iterator[OldCategory]:
        for old_id, column in self.columns.items():
            if column.is_page:
                continue
            rule = column.row["namerule2"] or LIST_RULE
            address = rule.lower().replace("{typedir}", column.folder).replace("{tid}", old_id)
            yield OldCategory(
                old_id=old_id,
                name=plain(column.row["typename"]),
                slug=column.folder.rpartition("/")[2],
                description=plain(column.row["description"]),
                addresses=(*self.entrances(column), address.replace("{page}", "1")),
                patterns=() if "{page}" not in address else (address.replace("{page}", r"(\d+)"),),
            )

    def entrances(self, column: Column) -> tuple[str, ...]:
        home, old_id = self.settings.get("cfg_cmspath", ""), column.row["id"]
        dynamic = (f"{home}{place}/list.php?tid={old_id}" for place in ("/plus", "", "/m"))
        first = f"{column.folder}/{part(column.row['defaultname'])}"
        return tuple(
            dict.fromkeys((f"{column.folder}/", first, *dynamic, f"{home}/plus/list-{old_id}.html"))
        )

    def places(self) -> Iterator[OldPlace]:
        home = self.settings.get("cfg_cmspath", "")
        for row in self.tables.read("SELECT DISTINCT tag FROM taglist"):
            if tag := plain(row["tag"]):
                yield OldPlace(f"{home}/tags.php?/{part(tag)}/", tag=tag)
                yield OldPlace(f"{home}/tags.php?/{part(tag)}", tag=tag)

    # --- Articles ------------------------------------------------------------------------------------

    def records(self, numbers: Iterator[int]) -> Iterator[OldItem | Left]:
        for row in self.tables.read(ARTICLES):
            at = next(numbers)
            if why := self.problem(row["id"]) or self.why_left(row):
                yield Left(at, plain(row["title"]), why)
            else:
                yield self.article(at, row)
        for row in self.tables.read("SELECT * FROM addoninfos"):
            yield Left(next(numbers), plain(row["title"]), "不是文章，是分类信息")
        for row in self.tables.read("SELECT * FROM sgpage"):
            yield self.single_page(next(numbers), row)
        for column in self.columns.values():
            if column.is_page:
                yield self.column_page(next(numbers), column)
            elif column.row["content"]:
                title = plain(column.row["typename"])
                yield Left(next(numbers), title, "栏目自己的内容没有导入，栏目本身已导入")
        self.warn("阅读数没有导入：这里自己统计。")

    def why_left(self, row: dict[str, str]) -> str:
        channel = row["channel"]
        if channel not in ARTICLE_CHANNELS:
            return f"不是文章，属于频道模型“{self.channels.get(channel) or channel}”"
        if JUMPS in row["flag"].split(",") and row["redirecturl"]:
            return f"只是一个跳转，指向 {row['redirecturl'][:200]}"
        return ""

    def article(self, at: int, row: dict[str, str]) -> OldItem:
        if FLAGS & set(row["flag"].split(",")):
            self.warn("自定义属性（头条、推荐、特荐、幻灯、滚动）没有导入，置顶请在后台设置。")
        body, title = row["body"], title_of(row["title"], row["body"])
        date, notes = when(row["pubdate"] or row["senddate"])
        rank = number(row["arcrank"])
        status = STATUSES.get(rank, Status.DRAFT)
        if rank > 0 or number(row["money"]) > 0:
            status = Status.DRAFT
            notes += (RESTRICTED,)
        elif rank not in STATUSES:
            notes += (f"旧站的状态是 {rank}，存为草稿",)
        cover = "" if row["litpic"].endswith(NO_PICTURE) else row["litpic"].strip()
        return OldItem(
            number=at,
            kind="article",
            old_id=row["id"],
            title=title,
            html=PAGE.sub(page_heading, without_title(body, title)),
            summary=summary_of(row["description"], body),
            category=row["typeid"],
            tags=split(row["tags"]) or keywords_of(row["keywords"]),
            author=name_of(row["writer"]),
            source_name=name_of(row["source"]),
            date=date,
            status=status,
            binned=rank == BINNED,
            cover=cover,
            addresses=tuple(dict.fromkeys(self.addresses(row))),
            notes=notes,
        )

    def addresses(self, row: dict[str, str]) -> Iterator[str]:
        """Yield where an article could be read: its file, by its column's rule, and the scripts."""
        home, old_id = self.settings.get("cfg_cmspath", ""), row["id"]
        column = self.columns.get(row["typeid"])
        made, _ = when(row["senddate"] or row["pubdate"])
        if column and made:
            rule = (column.row["namerule"] or NAMERULE).lower()
            if row["filename"]:
                rule = f"{rule.rpartition('/')[0]}/{part(row['filename'])}.html"
            # Of pinyin, one would have to have the same dictionary.
            if address := filled_in(rule, old_id, made, column.folder):
                yield address
        for place in ("/plus", "", "/m"):
            yield f"{home}{place}/view.php?aid={old_id}"
        yield f"{home}/plus/view-{old_id}-1.html"

    # --- Pages ---------------------------------------------------------------------------------------

    def single_page(self, at: int, row: dict[str, str]) -> OldItem | Left:
        address = self.folder(f"{{cmspath}}/{row['filename']}")
        date, notes = when(row["uptime"])
        return OldItem(
            number=at,
            kind="page",
            old_id=f"page-{row['aid']}",
            title=plain(row["title"]),
            html=row["body"],
            summary=summary_of(row["description"], row["body"]),
            slug=Path(address).stem,
            date=date,
            addresses=(address,) if row["filename"] else (),
            notes=notes,
        )

    def column_page(self, at: int, column: Column) -> OldItem:
        row = column.row
        return OldItem(
            number=at,
            kind="page",
            old_id=f"column-{row['id']}",
            title=plain(row["typename"]),
            html=row["content"],
            summary=summary_of(row["description"], row["content"]),
            seo_title=plain(row["seotitle"]),
            slug=column.folder.rpartition("/")[2],
            addresses=self.entrances(column),
        )


# --- Words -------------------------------------------------------------------------------------------


def filled_in(rule: str, old_id: str, made: datetime, folder: str) -> str:
    """Return the address by a rule for names of files; nothing if it asks for what we do not know."""
    values = {
        "{typedir}": folder,
        "{y}": f"{made:%Y}",
        "{m}": f"{made:%m}",
        "{d}": f"{made:%d}",
        "{timestamp}": str(int(made.timestamp())),
        "{aid}": old_id,
        "{cc}": in_letters(f"{made:%m%d}{old_id}{made:%Y}"),
    }
    for name, value in values.items():
        rule = rule.replace(name, value)
    return "" if "{" in rule else "/" + rule.lstrip("/")


def in_letters(digits: str) -> str:
    """Write pairs of digits that number a letter in ASCII as this letter: `{cc}` of rules."""
    return re.sub(r"9[789]|6[5-9]|[78]\d|90", lambda pair: chr(int(pair[0])), digits)


def title_of(written: str, body: str) -> str:
    """Return the title; if it was cut to fit its column, the one the text begins with, if it does."""
    title = plain(written).rstrip("\ufffd")
    length = max(len(title), len(title.encode("gb18030", "replace")))
    if length < FULL_TITLE - 2:  # two characters may have been cut in half, and be gone
        return title
    begun: list[str] = []
    for token in scan(body[:5000]):
        if token.value in {"h1", "strong", "b"} and token.kind != "text":
            if token.kind == "close":
                break
            begun = [""]
        elif begun and token.kind == "text":
            begun.append(token.value)
    whole = " ".join("".join(begun).split())
    return whole if whole.startswith(title) and len(whole) <= 200 else title


def without_title(body: str, title: str) -> str:
    """Return a text without the heading that says the title over again: our pages show it above."""
    begin = HEADED.match(body)
    return body[begin.end() :] if begin and words_of(begin[1]).split() == title.split() else body


def keywords_of(written: str) -> tuple[str, ...]:
    """Return keywords as tags; the last may have been cut to fit the column."""
    words = split(written.rstrip("\ufffd"))
    is_full = max(len(written), len(written.encode("gb18030", "replace"))) >= FULL_KEYWORDS - 1
    return words[:-1] if is_full else words


def name_of(written: str) -> str:
    name = plain(written)
    return "" if name in NO_NAMES else name


def page_heading(mark: re.Match[str]) -> str:
    """Return what a page of an article begins with, in place of the system's mark."""
    title = plain(mark[1])
    return "" if title in {"", UNTITLED_PAGE} else f"<h2>{escape(title)}</h2>"
