"""An old site moves in: what becomes of each record, of its addresses, and of a run that is done again."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import DatabaseError, DataError, connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Category
from portal.cms.media.models import MediaFile
from portal.cms.publishing import State, Status
from portal.cms.redirects.models import Redirect
from portal.cms.revisions import actions, drafts
from portal.cms.site import Page
from portal.transfer import moving
from portal.transfer.moving import FILE, move, short
from portal.transfer.pages import KIND as PAGE
from portal.transfer.report import Entry, Ledger, Outcome
from portal.transfer.sources.records import Left, OldCategory, OldFile, OldItem, OldPlace
from portal.transfer.translating import ARTICLE, OTHER, Indexable
from tests import cast
from tests.cms.samples import jpeg

pytestmark = pytest.mark.django_db

DATE = timezone.make_aware(datetime(2019, 5, 1, 8, 30))
CHANGED = timezone.make_aware(datetime(2020, 2, 3, 9))
POLICY = OldCategory(
    "3",
    "用工政策",
    "policy",
    "新规怎么看",
    addresses=("/policy/", "/plus/list.php?tid=3", "/policy/list_3_1.html"),
    patterns=(r"/policy/list_3_(\d+).html", r"/policy/(\d+)/"),
)
ARTICLES = [
    OldItem(
        1,
        "article",
        "7",
        "加班费怎么算",
        '<p>按新的基数算。<img src="/uploads/a.jpg" alt="工资表"></p>',
        "基数变了。",
        category="3",
        tags=("社保", "加班费"),
        author="林梅",
        date=DATE,
        changed=CHANGED,
        pinned=True,
        cover="/uploads/b.jpg",
        addresses=("/policy/7.html", "/plus/view.php?aid=7"),
    ),
    OldItem(
        2, "article", "8", "明年的公告", "<p>放假。</p>", date=timezone.now() + timedelta(days=9)
    ),
    OldItem(3, "article", "9", "没写完", "<p>一半</p>", status=Status.DRAFT),
    OldItem(4, "article", "10", "等主编看", "<p>请审</p>", status=Status.IN_REVIEW),
    OldItem(5, "article", "11", "扔掉的", "<p>旧</p>", status=Status.DRAFT, binned=True),
]
PAGES = [
    OldItem(6, "page", "12", "关于蛇口", "<p>我们是谁</p>", slug="about-us", date=DATE,
            addresses=("/about-us.html",)),
    OldItem(7, "page", "13", "内部", "<p>旧</p>", slug="neibu", status=Status.DRAFT),
    OldItem(8, "page", "14", "扔掉的页", "<p>旧</p>", slug="old", status=Status.DRAFT, binned=True),
]  # fmt: skip
LEFT = Left(9, "招聘会", "不是文章")
FILES: list[OldFile | Left] = [
    OldFile(10, "/uploads/a.jpg", "表", "一张表", "图一", addresses=("/?attachment_id=5",)),
    OldFile(11, "/uploads/missing.jpg", "丢了"),
    Left(12, "坏的", "没有地址"),
]
PLACES = [
    OldPlace("/tags.php?/社保/", tag="社保"),
    OldPlace("/tags.php?/没人用/", tag="没人用"),
    OldPlace("/author/admin/", target="/articles/"),
]
EVERYTHING: tuple[type[models.Model], ...] = (Article, Page, Category, MediaFile, Redirect)


class Toy:
    """A site of a few records."""

    def __init__(
        self,
        items: Sequence[OldItem | Left] = (*ARTICLES, *PAGES, LEFT),
        *,
        categories: Sequence[OldCategory] = (POLICY,),
        files: Sequence[OldFile | Left] = FILES,
        site: str = "old.example",
    ) -> None:
        self.records = items
        self.kinds = categories
        self.kept = files
        self.site = site
        self.hosts = frozenset({"old.example"})
        self.warnings = ["阅读数没有导入。"]
        self.is_sized = True

    def size(self) -> int:
        return len(self.records)

    def done(self) -> int:
        return 0

    def categories(self) -> Iterator[OldCategory]:
        yield from self.kinds

    def files(self) -> Iterator[OldFile | Left]:
        yield from self.kept

    def items(self) -> Iterator[OldItem | Left]:
        yield from self.records

    def places(self) -> Iterator[OldPlace]:
        yield from PLACES


def only(**fields: Any) -> Toy:
    """A site of one article."""
    item = OldItem(1, "article", "7", "标题", "<p>正文</p>", date=DATE)
    return Toy([replace(item, **fields)], categories=[POLICY], files=[])


@pytest.fixture
def media(tmp_path: Path) -> Path:
    folder = tmp_path / "site" / "uploads"
    folder.mkdir(parents=True)
    (folder / "a.jpg").write_bytes(jpeg((640, 480)))
    (folder / "b.jpg").write_bytes(jpeg((320, 240)))
    return folder.parent


@pytest.fixture
def moved(media: Path) -> Ledger:
    return move(Toy(), media=media)


def rows(*leaving_out: str) -> dict[str, list[dict[str, Any]]]:
    """All there is, but for columns that each look at it counts up."""
    return {
        model.__name__: [
            {name: value for name, value in row.items() if name not in leaving_out}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in EVERYTHING
    }


def notes(ledger: Ledger) -> dict[int, str]:
    return {entry.row: "；".join(entry.notes) for entry in ledger.entries}


# --- What becomes of each record -------------------------------------------------------------------------


@pytest.mark.both_databases
def test_each_record_has_its_line_and_the_sums_add_up(moved: Ledger) -> None:
    assert moved.count(ARTICLE) == {Outcome.IMPORTED: 5}
    assert moved.count(PAGE) == {Outcome.IMPORTED: 3}
    assert moved.count(OTHER) == {Outcome.SKIPPED: 1}
    assert moved.count(FILE) == {Outcome.IMPORTED: 1, Outcome.SKIPPED: 2}
    assert moved.records == 12 == len(ARTICLES + PAGES + FILES) + 1
    lines = list(moved.lines())
    assert lines[0] == "提示：阅读数没有导入。"
    assert "其他 第 9 条 跳过：招聘会（不是文章）" in lines
    assert "附件 第 11 条 跳过：丢了（文件夹里没有这个文件；/uploads/missing.jpg）" in lines
    assert lines[-1] == "旧网站的文件里共 12 条，每条都在上面某一类里。"


@pytest.mark.usefixtures("moved")
def test_an_article_is_as_it_was() -> None:
    article = Article.objects.get(legacy_id="old.example:7")
    assert (article.title, article.summary) == ("加班费怎么算", "基数变了。")
    assert article.category == Category.objects.get(slug="policy", name="用工政策")
    assert article.author is not None
    assert article.author.name == "林梅"
    assert (article.go_live_at, article.last_published_at) == (DATE, CHANGED)
    assert article.pinned
    assert article.indexable
    assert set(article.tags.names()) == {"社保", "加班费"}
    assert article.cover.title == "b"
    assert article.legacy_url == "/policy/7.html"
    table = MediaFile.objects.get(title="表")
    assert (table.image_alt_text, table.caption) == ("一张表", "图一")
    assert f'data-file="{table.pk}"' in article.body


@pytest.mark.usefixtures("moved")
def test_each_state_is_what_it_was() -> None:
    states = {item.legacy_id.partition(":")[2]: item.state for item in Article._base_manager.all()}
    assert states == {
        "7": State.LIVE,
        "8": State.SCHEDULED,
        "9": State.DRAFT,
        "10": State.IN_REVIEW,
        "11": State.DELETED,
    }
    # Who publishes it one day publishes it on that day.
    assert Article.objects.get(legacy_id="old.example:9").go_live_at is None
    pages = {page.slug: page.state for page in Page._base_manager.all()}
    assert pages == {"about-us": State.LIVE, "neibu": State.DRAFT, "old": State.DELETED}


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(
    ("old", "title"),
    [
        ("/policy/7.html", "加班费怎么算"),
        ("/plus/view.php?aid=7&from=singlemessage", "加班费怎么算"),
        ("/about-us.html", "关于蛇口"),
        ("/policy/", "用工政策"),
        ("/plus/list.php?tid=3", "用工政策"),
        ("/policy/list_3_17.html", "用工政策"),
        ("/policy/17/", "用工政策"),
        ("/tags.php?/社保/", "社保"),
        ("/author/admin/", "资讯"),
    ],
)
def test_every_old_address_leads_to_what_was_there(client: Client, old: str, title: str) -> None:
    response = client.get(quote(old, safe="/?=&"), follow=True)
    assert [code for _, code in response.redirect_chain] == [301]
    assert title in response.content.decode()


@pytest.mark.usefixtures("moved")
def test_the_addresses_of_files_lead_to_them(client: Client) -> None:
    table = MediaFile.objects.get(title="表")
    for old in ("/uploads/a.jpg", "/uploads/a-300x200.jpg", "/?attachment_id=5"):
        response = client.get(old)
        assert (response.status_code, response["Location"]) == (301, table.image_file.url)


@pytest.mark.usefixtures("moved")
def test_further_pages_of_lists_need_a_pattern_only_where_look_ups_do_not_know_them() -> None:
    patterns = Redirect.objects.filter(kind=Redirect.Kind.PATTERN)
    assert [row.old for row in patterns] == [r"/policy/(\d+)/"]
    assert short(r"/policy/list_3_(\d+).html") == "/policy/list_3.html"
    assert short(r"/?news_(\d+)/") == short(r"/新闻_(\d+).html") == ""


# --- Again, and in part ----------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_second_run_changes_nothing(moved: Ledger, media: Path) -> None:
    before = rows()
    again = move(Toy(), media=media)
    assert again.count() - moved.count() == {Outcome.UNCHANGED: 10}
    assert again.count(FILE) == {Outcome.UNCHANGED: 1, Outcome.SKIPPED: 2}
    assert rows() == before


def test_a_dry_run_says_the_same_and_writes_nothing(media: Path) -> None:
    rehearsed = move(Toy(), media=media, dry_run=True)
    assert not any(rows().values())
    assert not (media.parent / "media").exists()
    assert rehearsed.counts == move(Toy(), media=media).counts


@pytest.mark.both_databases
@pytest.mark.parametrize("after", [2, 6, 11])
def test_a_run_that_was_killed_is_gone_on_with(
    after: int, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "ROWS", 2)
    steps = 0

    def kill(what: str, done: int, size: int) -> None:
        nonlocal steps
        steps += 1
        if steps == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        move(Toy(), media=media, progress=kill)
    ledger = move(Toy(), media=media)
    assert ledger.records == 12
    numbers = {model.__name__: model._base_manager.count() for model in EVERYTHING[:4]}
    assert numbers == {"Article": 5, "Page": 3, "Category": 2, "MediaFile": 2}
    before = rows()
    move(Toy(), media=media)
    assert rows() == before


@pytest.mark.usefixtures("moved")
def test_what_changed_on_the_old_site_is_changed_here(media: Path) -> None:
    changed = [
        replace(ARTICLES[0], title="加班费新算法", category="4"),
        replace(ARTICLES[2], binned=True),
        replace(PAGES[0], title="关于新蛇口", slug="about-them"),
    ]
    ledger = move(Toy(changed, categories=[OldCategory("4", "工资")]), media=media)
    assert ledger.count(ARTICLE) == {Outcome.CHANGED: 2}
    assert ledger.count(PAGE) == {Outcome.CHANGED: 1}
    article = Article.objects.get(legacy_id="old.example:7")
    assert (article.title, str(article.category)) == ("加班费新算法", "工资")
    assert Article.objects.get(legacy_id="old.example:9").state == State.DELETED
    assert Page.objects.get(title="关于新蛇口").slug == "about-us"


# --- What is here already --------------------------------------------------------------------------------


@pytest.mark.usefixtures("moved")
def test_no_editor_s_work_is_overwritten(client: Client, media: Path) -> None:
    Redirect.objects.all().update(origin="old.example")
    article = Article.objects.get(legacy_id="old.example:7")
    page = Page.objects.get(slug="about-us")
    for item in (article, page):
        item.title, item.updated_by = "小林改过的", cast.xiaolin()
        item.save()
    ledger = move(Toy(), media=media)
    assert "已在后台修改过，没有覆盖" in notes(ledger)[1]
    assert "已在后台修改过，没有覆盖" in notes(ledger)[6]
    assert Article.objects.get(pk=article.pk).title == "小林改过的"
    assert Page.objects.get(pk=page.pk).title == "小林改过的"
    assert client.get("/policy/7.html").status_code == 301


@pytest.mark.usefixtures("moved")
def test_the_work_of_an_editor_who_has_left_is_not_overwritten(media: Path) -> None:
    Redirect.objects.all().update(origin="old.example")
    article = Article.objects.get(legacy_id="old.example:7")
    draft = Article.objects.get(legacy_id="old.example:9")
    page = Page.objects.get(slug="about-us")
    by = cast.xiaolin()
    for item in (article, page, draft):
        actions.save(item, {**drafts.working_content(item), "title": "小林改过的"}, by)
        if item is not draft:
            actions.publish(item, by)
    by.delete()
    ledger = move(Toy(), media=media)
    for number in (1, 3, 6):
        assert "已在后台修改过，没有覆盖" in notes(ledger)[number]


@pytest.mark.usefixtures("moved")
def test_a_draft_of_an_editor_does_not_keep_the_text_below_it_from_changing(media: Path) -> None:
    article = Article.objects.get(legacy_id="old.example:7")
    content = drafts.working_content(article)
    actions.save(article, {**content, "title": "小林还没发布的"}, cast.xiaolin())
    changed = [replace(ARTICLES[0], html="<p>旧站又改了</p>")]
    assert move(Toy(changed), media=media).count(ARTICLE) == {Outcome.CHANGED: 1}


@pytest.mark.usefixtures("moved")
def test_a_category_is_known_by_its_old_address_whatever_editors_call_it(media: Path) -> None:
    Category.objects.filter(slug="policy").update(name="政策解读", slug="zhengce")
    assert move(Toy(), media=media).count(ARTICLE) == {Outcome.UNCHANGED: 5}
    assert not Category.objects.filter(name="用工政策").exists()


def test_a_page_of_ours_keeps_its_address() -> None:
    ours = cast.page("about-us", "本站的关于")
    ledger = move(Toy(PAGES[:1]))
    ours.refresh_from_db()
    assert ours.title == "本站的关于"
    assert Page.objects.get(title="关于蛇口").slug == "page-12"
    assert "网址名“about-us”不能用" in notes(ledger)[6]
    for slug in ("articles", "admin", "关于", "a" * 41):
        move(Toy([replace(PAGES[0], old_id=f"x {slug[:3]}", slug=slug, addresses=())]))
    assert Page.objects.count() == 6


def test_two_old_sites_do_not_take_each_other_s_files_and_addresses(media: Path) -> None:
    move(Toy(), media=media)
    (media / "uploads" / "a.jpg").write_bytes(jpeg((100, 90)))
    ledger = move(Toy(site="another.example"), media=media)
    assert ledger.count(FILE) == {Outcome.IMPORTED: 1, Outcome.SKIPPED: 2}
    assert "旧网址已指向别处，没有改动：/policy/7.html、/plus/view.php?aid=7" in notes(ledger)[1]
    theirs = Article.objects.get(legacy_id="another.example:7")
    assert MediaFile.objects.get(title="表", image_width=100).pk != MediaFile.objects.first().pk
    assert f'data-file="{MediaFile.objects.get(image_width=100).pk}"' in theirs.body
    before = rows()
    again = move(Toy(site="another.example"), media=media)
    assert again.count(FILE) == {Outcome.UNCHANGED: 1, Outcome.SKIPPED: 2}
    assert rows() == before


def test_files_whose_addresses_only_look_alike_are_not_taken_for_each_other(media: Path) -> None:
    names = ["C#教程.jpg", "C#入门.jpg", "A1.JPG", "a1.jpg", "A1.jpg", "50%.jpg", "50%25.jpg"]
    for number, name in enumerate(names):
        (media / "uploads" / name).write_bytes(jpeg((100 + number, 90)))
    items = [
        OldItem(
            n, "article", str(n), name, f'<p>文</p><img src="/uploads/{quote(name)}">', date=DATE
        )
        for n, name in enumerate(names)
    ]
    move(Toy(items, files=[]), media=media)

    def widths() -> list[int]:
        return [
            MediaFile.objects.get(
                pk=article.body.partition('data-file="')[2].partition('"')[0]
            ).image_width
            for article in Article.objects.order_by("title")
        ]

    assert widths() == [100 + names.index(name) for name in sorted(names)]
    before = rows()
    assert move(Toy(items, files=[]), media=media).count(ARTICLE) == {Outcome.UNCHANGED: 7}
    assert move(Toy(items, files=[])).count(ARTICLE) == {Outcome.UNCHANGED: 7}
    assert rows() == before


def test_a_cover_of_another_part_of_an_export_is_known_by_its_page(media: Path) -> None:
    move(Toy([]), media=media)
    part = [
        replace(ARTICLES[2], cover="/?attachment_id=5"),
        replace(ARTICLES[3], cover="/?attachment_id=6"),
    ]
    ledger = move(Toy(part, files=[]))
    assert Article.objects.get(title="没写完").cover.title == "表"
    assert "封面没有带入：/?attachment_id=6" in notes(ledger)[4]


def test_an_old_address_at_which_there_is_a_page_of_ours_is_named(client: Client) -> None:
    pages = [
        replace(
            PAGES[0], addresses=("/articles/", "/about-us/", "/about-us.html", "/?page_id=12", "/")
        ),
        replace(PAGES[1], addresses=("/contact",)),
    ]
    ledger = move(Toy(pages, files=[]))
    assert notes(ledger)[6] == "这里已有这个网址的页面，旧网址不会跳转：/articles/"
    assert notes(ledger)[7].endswith("旧网址不会跳转：/contact")
    assert client.get("/articles/").status_code == 200


@pytest.mark.both_databases
@pytest.mark.usefixtures("moved")
@pytest.mark.skipif(not connection.features.has_select_for_update, reason="SQLite has one writer")
def test_no_editor_saves_a_page_between_its_reading_and_its_writing() -> None:
    with CaptureQueriesContext(connection) as queries:
        move(Toy(files=[]))
    assert [q for q in queries if "FOR UPDATE" in q["sql"] and Page._meta.db_table in q["sql"]]


def test_of_two_items_with_one_address_the_first_has_it() -> None:
    items = [
        replace(ARTICLES[0], cover="", html="<p>一</p>"),
        replace(ARTICLES[1], addresses=("/policy/7.html",)),
    ]
    for _ in range(2):
        ledger = move(Toy(items, files=[]))
        assert "旧网址已指向别处，没有改动：/policy/7.html" in notes(ledger)[2]
    assert str(Redirect.objects.get(old="/policy/7.html").item) == "加班费怎么算"


# --- Odd records -----------------------------------------------------------------------------------------


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("fields", "title", "note"),
    [
        ({"title": "", "html": "<p>今天招 20 人，日结。</p>"}, "今天招 20 人，日结。", "没有标题，用了正文的开头"),
        ({"title": " ", "html": ""}, "无标题 7", "没有标题"),
        ({"title": "长" * 2000}, "长" * 199 + "…", "标题太长，已截短；原为：" + "长" * 2000),
        ({"title": "甲\x00乙\ud800丙\x1b"}, "甲 乙 丙", ""),
        ({"author": "名" * 99, "source_name": "来" * 99}, "标题", ""),
        ({"tags": ("社" * 99, "、", "a/b")}, "标题", ""),
        ({"seo_title": "搜" * 99, "seo_description": "述" * 999, "summary": "摘" * 999}, "标题", ""),
        ({"category": "没有这个"}, "标题", ""),
        ({"old_id": "x" * 200}, "标题", ""),
        ({"date": None}, "标题", "没有日期：按导入时间"),
        ({"cover": "/no.jpg"}, "标题", "封面没有带入：/no.jpg（没有用 --media 给出旧站的文件夹）"),
        ({"addresses": ("/a\x00b", "/" + "很长" * 2000, "", "/", "http://[")}, "标题", ""),
        ({"html": '<script>x</script><p onclick="x">好<a href="javascript:x">坏</a></p>'}, "标题", ""),
    ],
)  # fmt: skip
def test_nothing_odd_stops_a_run(fields: dict[str, Any], title: str, note: str) -> None:
    for outcome in (Outcome.IMPORTED, Outcome.UNCHANGED):
        ledger = move(only(**fields))
        assert ledger.count(ARTICLE) == {outcome: 1}
        assert note in notes(ledger).get(1, "")
    article = Article.objects.get()
    assert article.title == title
    assert "script" not in article.body
    article.full_clean(exclude=["legacy_url"])


@pytest.mark.both_databases
def test_a_record_the_database_refuses_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    save = Page.save

    def refuse(page: Page, **kwargs: Any) -> None:
        if page.slug == "neibu":
            raise DatabaseError("no")
        save(page, **kwargs)

    monkeypatch.setattr(Page, "save", refuse)
    ledger = move(Toy(files=[]))
    assert ledger.count(PAGE) == {Outcome.IMPORTED: 2, Outcome.SKIPPED: 1}
    assert "数据库不接受" in notes(ledger)[7]
    assert ledger.records == 9


@pytest.mark.parametrize(
    ("choice", "indexable"),
    [(Indexable.ALL, [True, True]), (Indexable.ON_TOPIC, [True, False]), (Indexable.NONE, [False, False])],
)  # fmt: skip
def test_what_is_off_topic_can_be_kept_from_engines(
    choice: Indexable, indexable: list[bool]
) -> None:
    items = [
        OldItem(1, "article", "1", "加班工资怎么算", "<p>看考勤。</p>", date=DATE),
        OldItem(2, "article", "2", "五一去哪里玩", "<p>大梅沙，记得请假。</p>", date=DATE),
    ]
    ledger = move(Toy(items), indexable=choice)
    found = Article.objects.order_by("pk").values_list("indexable", flat=True)
    assert list(found) == indexable
    assert ("与主业无关" in notes(ledger).get(2, "")) == (choice == Indexable.ON_TOPIC)


@pytest.mark.both_databases
def test_a_category_the_database_refuses_takes_no_article_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refusing(*args: object) -> None:
        raise DataError("value too long")

    monkeypatch.setattr(moving, "new_category", refusing)
    ledger = move(only(category="3"))
    assert ledger.count(moving.CATEGORY) == {Outcome.SKIPPED: 1}
    assert ledger.count(ARTICLE) == {Outcome.IMPORTED: 1}


def test_a_pattern_beyond_all_addresses_is_left_out() -> None:
    endless = OldCategory("3", "用工政策", "policy", patterns=(rf"/{'很长' * 600}/(\d+)/",))
    move(Toy([], categories=[endless], files=[]))
    assert not Redirect.objects.filter(kind=Redirect.Kind.PATTERN).exists()


def test_links_are_read_where_the_text_was_and_foreign_ones_are_told() -> None:
    spam = '<a href="https://spam.example/">x</a>'
    ledger = move(only(html=f'<p><a href="8.html">下一篇</a>{spam}</p>', addresses=("/a/7.html",)))
    assert 'href="/a/8.html"' in Article.objects.get().body
    assert "链到外站：spam.example（1）" in notes(ledger)[1]
    assert "spam.example（1）" in "".join(ledger.warnings)


# --- The report, and memory ------------------------------------------------------------------------------


def test_the_whole_report_goes_to_a_file_that_no_spreadsheet_reckons_with() -> None:
    file = io.StringIO()
    items = [replace(LEFT, number=number, title="=HYPERLINK(1)") for number in range(1, 500)]
    ledger = move(Toy(items, files=[]), Ledger(file))
    lines = file.getvalue().splitlines()
    assert lines[0] == "序号,种类,标题,结果,说明"
    assert lines[1] == ",栏目,用工政策,新增,"
    assert lines[2] == "1,其他,'=HYPERLINK(1),跳过,不是文章"
    assert len(lines) == 501
    assert len(ledger.entries) == 200
    assert "另有 299 条有说明" in "\n".join(ledger.lines())


def test_neither_a_terminal_nor_the_memory_suffers_from_what_a_record_is_called() -> None:
    file = io.StringIO()
    ledger = Ledger(file)
    note = "封面没有带入：\x1b[2J\x1b]0;owned\x07" + "长" * 10_000
    ledger.take([Entry(1, "\x1b" + "题" * 10_000, Outcome.SKIPPED, (note,), OTHER)])
    ledger.warnings.append("\x1b[2J")
    shown = "".join(ledger.lines()) + file.getvalue()
    assert "\x1b" not in shown
    assert len(shown) < 20_000
    assert len(ledger.entries[0].title) < 3_000


def test_memory_is_that_of_a_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    class Long(Toy):
        def items(self) -> Iterator[OldItem | Left]:
            for number in range(self.first, self.first + self.most):
                yield OldItem(number, "article", str(number), "长文", f"{number}" + "长 " * 20_000)

        first, most = 1, 5

    def peak(first: int, most: int) -> int:
        source = Long([], files=[])
        source.first, source.most = first, most
        tracemalloc.start()
        try:
            move(source)
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    monkeypatch.setattr("portal.transfer.arrivals.indexing.index_all", lambda articles: None)
    peak(1, 5)  # what is kept once is there
    assert peak(30, 25) < peak(6, 5) + 500_000  # twenty more hold 1,600,000
