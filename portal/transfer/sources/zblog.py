"""Z-BlogPHP: its SQLite database, or a dump."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.urls import reverse

from portal.cms.publishing import Status
from portal.transfer.sources import tables
from portal.transfer.sources.cells import moment, number, part, plain, summary_of
from portal.transfer.sources.records import Left, OldCategory, OldFile, OldItem, OldPlace
from portal.transfer.sources.tables import Tables, TableSource

WANTED = {
    "post": (
        *("log_id", "log_cateid", "log_authorid", "log_tag", "log_status", "log_type", "log_alias"),
        *("log_istop", "log_title", "log_intro", "log_content", "log_posttime", "log_updatetime"),
    ),
    "category": ("cate_id", "cate_name", "cate_alias", "cate_parentid", "cate_intro"),
    "tag": ("tag_id", "tag_name", "tag_alias"),
    "member": ("mem_id", "mem_alias"),
    "upload": ("ul_id", "ul_name", "ul_sourcename", "ul_posttime"),
}
NEEDED = ("post", "category")

# Months in which something was published, as Beijing's calendar has them.
MONTHS = (
    "SELECT DISTINCT strftime('%Y-%m', log_posttime + 28800, 'unixepoch') AS month FROM post"
    " WHERE CAST(log_status AS TEXT) = '0' AND CAST(log_type AS TEXT) IN ('', '0')"
)
HOST = "{#ZC_BLOG_HOST#}"
ARTICLE, PAGE = "0", "1"
STATUSES = {"0": Status.PUBLISHED, "1": Status.DRAFT, "2": Status.IN_REVIEW}
HIDDEN = {"4": "旧站设为私人，存为草稿", "8": "旧站要密码才能看，存为草稿；密码没有导入"}
TAG = re.compile(r"\{(\d{1,18})\}")
MONTH = re.compile(r"(\d{4})-(\d\d)\Z")


class ZBlog(TableSource):
    """Its host stands nowhere in its tables."""

    system = "zblog"
    wanted, needed = WANTED, NEEDED
    counted = ("upload", "post")
    repeated = "SELECT log_id AS id FROM post GROUP BY log_id HAVING count(*) > 1"

    def __init__(self, content: Tables, site: str = "") -> None:
        super().__init__(content, site)
        rows = tables.outer_first(
            content.read("SELECT * FROM category"), "cate_id", "cate_parentid"
        )
        self.kinds = {row["cate_id"]: row for row in rows}
        self.tags = {row["tag_id"]: row for row in content.read("SELECT * FROM tag")}
        # Not by the name they log in with.
        self.authors = {
            row["mem_id"]: plain(row["mem_alias"]) for row in content.read("SELECT * FROM member")
        }

    # --- Lists ---------------------------------------------------------------------------------------

    def categories(self) -> Iterator[OldCategory]:
        for old_id, row in self.kinds.items():
            addresses, patterns = lists("cate", "category", old_id, row["cate_alias"])
            yield OldCategory(
                old_id=old_id,
                name=plain(row["cate_name"]),
                slug=row["cate_alias"],
                description=plain(row["cate_intro"]),
                addresses=addresses,
                patterns=patterns,
            )

    def places(self) -> Iterator[OldPlace]:
        for old_id, row in self.tags.items():
            name = plain(row["tag_name"])
            for address in lists("tags", "tags", old_id, row["tag_alias"] or name)[0]:
                yield OldPlace(address, tag=name)
        articles = reverse("articles:list")
        for old_id, name in self.authors.items():
            for address in lists("auth", "author", old_id, name)[0]:
                yield OldPlace(address, target=articles)
        for row in self.tables.read(MONTHS):
            if found := MONTH.match(row["month"]):
                target = reverse("articles:archive_month", args=found.groups())
                for address in lists("date", "date", f"{found[1]}-{int(found[2])}", "")[0]:
                    yield OldPlace(address, target=target)

    # --- Files ---------------------------------------------------------------------------------------

    def files(self) -> Iterator[OldFile | Left]:
        numbers = self.numbers()
        for row in self.tables.read("SELECT * FROM upload"):
            at, added = next(numbers), moment(number(row["ul_posttime"]))
            if added is None or not row["ul_name"]:
                yield Left(
                    at, plain(row["ul_sourcename"]), "附件没有上传日期或文件名，不知道在哪里"
                )
                continue
            address = f"/zb_users/upload/{added:%Y}/{added:%m}/{part(row['ul_name'])}"
            yield OldFile(at, address, title=plain(row["ul_sourcename"]))

    def first_item(self) -> int:
        return self.tables.count("upload") + 1

    # --- Articles and pages --------------------------------------------------------------------------

    def records(self, numbers: Iterator[int]) -> Iterator[OldItem | Left]:
        for row in self.tables.read("SELECT * FROM post"):
            at = next(numbers)
            kind = row["log_type"] or ARTICLE
            why = self.problem(row["log_id"])
            if kind not in {ARTICLE, PAGE}:
                why = why or f"不是文章或页面（类型 {kind[:20]}）"
            yield Left(at, plain(row["log_title"]), why) if why else self.item(at, row)
        self.warn("阅读数没有导入：这里自己统计。评论也没有导入。")
        if not all(self.authors.values()):
            self.warn("没有填别名的用户，作者没有导入：不公开登录名。")

    def item(self, at: int, row: dict[str, str]) -> OldItem:
        is_page = row["log_type"] == PAGE
        body = row["log_content"].replace(HOST, "/")
        status = row["log_status"] or "0"
        hidden = HIDDEN.get(
            status, "" if status in STATUSES else f"旧站的状态是 {status[:20]}，存为草稿"
        )
        return OldItem(
            number=at,
            kind="page" if is_page else "article",
            old_id=row["log_id"],
            title=plain(row["log_title"]),
            html=body,
            summary=summary_of(row["log_intro"].replace(HOST, "/"), body),
            slug=row["log_alias"] if is_page else "",
            category="" if is_page else row["log_cateid"],
            tags=tuple(self.tag_names(row["log_tag"])),
            author=self.authors.get(row["log_authorid"], ""),
            date=moment(number(row["log_posttime"])),
            changed=moment(number(row["log_updatetime"])),
            status=STATUSES.get(status, Status.DRAFT),
            pinned=number(row["log_istop"]) > 0,
            addresses=tuple(dict.fromkeys(self.addresses(row, is_page=is_page))),
            notes=(hidden,) if hidden else (),
        )

    def tag_names(self, written: str) -> Iterator[str]:
        for old_id in dict.fromkeys(TAG.findall(written)):
            if old_id in self.tags:
                yield plain(self.tags[old_id]["tag_name"])

    def addresses(self, row: dict[str, str], *, is_page: bool) -> Iterator[str]:
        """Yield all addresses that the system offers to choose from."""
        old_id = row["log_id"]
        # Where an article has no alias, its title stands for it.
        alias = part(row["log_alias"]) or part(plain(row["log_title"]))
        yield f"/?id={old_id}"
        if is_page:
            for name in filter(None, (old_id, alias)):
                yield from (f"/{name}.html", f"/index.php/{name}.html", f"/{name}/")
            return
        for name in filter(None, (old_id, alias)):
            yield from (f"/post/{name}.html", f"/index.php/post/{name}.html")
        if row["log_alias"]:
            yield f"/{alias}.html"
        if at := moment(number(row["log_posttime"])):
            yield f"/{at:%Y}/{at:%m}/{old_id}/"
        kind = self.kinds.get(row["log_cateid"])
        if kind and alias:
            yield f"/{part(kind['cate_alias'] or plain(kind['cate_name']))}/{alias}/"


def lists(key: str, word: str, old_id: str, alias: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the addresses of a list, and the patterns of its further pages."""
    names = [name for name in (part(old_id), part(alias)) if name]
    addresses = [f"/?{key}={old_id}"]
    patterns = []
    for name in dict.fromkeys(names):
        addresses += [f"/{word}-{name}.html", f"/index.php/{word}-{name}.html", f"/{word}/{name}/"]
        patterns += [rf"/{word}-{name}_(\d+).html", rf"/{word}/{name}/(\d+)/"]
    return tuple(addresses), tuple(patterns)
