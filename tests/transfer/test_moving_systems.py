"""Each system's site, from its file to what a visitor with an old link gets."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper
from django.db import models
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from articles.models import Article, Category
from portal.cms.media.models import MediaFile
from portal.cms.publishing import State, Status
from portal.cms.redirects.models import Redirect
from portal.cms.site import Page
from portal.management.commands import import_site
from portal.management.commands.import_site import opened
from portal.transfer.moving import move
from portal.transfer.report import Outcome
from portal.transfer.sources.records import OldItem
from tests.cms.samples import PDF, jpeg
from tests.transfer.test_wxr import ITEMS, SITE, WHOLE, channel, item

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parent.parent / "data"
SYSTEMS = ("wordpress", "dedecms", "pbootcms", "zblog")
SILENT = import_site.Progress(OutputWrapper(io.StringIO()))
EVERYTHING: tuple[type[models.Model], ...] = (Article, Page, Category, MediaFile, Redirect)
SITES = {"zblog": "laowu.example"}  # its file names no host
# Where the pictures lie that the sites show.
PICTURES = (
    *("wp-content/uploads/2021/07/table.jpg", "wp-content/uploads/2020/02/宿舍.jpg"),
    *("static/upload/image/20210218/a.jpg", "static/upload/image/20210218/b.jpg"),
    *("static/upload/image/20210218/c.jpg", "zb_users/upload/2021/05/202105011200001.jpg"),
)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    for number, name in enumerate(PICTURES):
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg((100 + number, 80)))
    return tmp_path / "site"


@pytest.fixture(params=SYSTEMS)
def system(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def file_of(system: str, folder: Path) -> Path:
    """The site of a system, in one file."""
    if system == "wordpress":
        return SITE
    if system != "dedecms":
        return DATA / system / "site.sql"
    parts = [(DATA / system / name).read_text("utf-8") for name in ("structure.sql", "rows.sql")]
    path = folder / "site.sql"
    path.write_text("".join(parts), encoding="gbk")
    return path


def dedecms_of(folder: Path, home: str, *titles: str) -> Path:
    """A backup of a site at an address with articles of these titles, numbered from 1."""
    rows = [f"INSERT INTO `dede_sysconfig` VALUES('1','cfg_basehost','{home}');"]
    for number, title in enumerate(titles, 1):
        rows.append(f"INSERT INTO `dede_archives` (id,channel,title) VALUES({number},1,'{title}');")
        rows.append(
            f"INSERT INTO `dede_addonarticle` (aid,body) VALUES({number},'<p>{title}</p>');"
        )
    path = folder / f"{titles[0]}.sql"
    structure = (DATA / "dedecms" / "structure.sql").read_text("utf-8")
    path.write_text("\n".join([structure, *rows]), encoding="gbk")
    return path


def stored() -> dict[str, list[dict[str, object]]]:
    return {m.__name__: list(m._base_manager.order_by("pk").values()) for m in EVERYTHING}


# --- Which site ----------------------------------------------------------------------------------------


def test_of_two_sites_of_one_system_neither_replaces_the_other(tmp_path: Path) -> None:
    for number, host in ((1, "http://www.one.example"), (2, "https://two.example/cms")):
        path = dedecms_of(tmp_path, host, f"甲{number}", f"乙{number}")
        call_command("import_site", "dedecms", path)
    assert {article.legacy_id: article.title for article in Article.objects.all()} == {
        "one.example:1": "甲1",
        "one.example:2": "乙1",
        "two.example:1": "甲2",
        "two.example:2": "乙2",
    }
    call_command("import_site", "dedecms", tmp_path / "甲1.sql", site="WWW.One.example")
    assert Article.objects.count() == 4


@pytest.mark.parametrize("home", ["", "http://localhost"])
def test_a_site_that_names_no_host_has_to_be_given_one(tmp_path: Path, home: str) -> None:
    path = dedecms_of(tmp_path, home, "甲")
    with pytest.raises(CommandError, match="请用 --site 写出来。没有导入任何内容。"):
        call_command("import_site", "dedecms", path)
    call_command("import_site", "dedecms", path, site="www.one.example")
    assert Article.objects.get().legacy_id == "one.example:1"


# --- All of them ---------------------------------------------------------------------------------------


def test_every_old_address_of_what_is_public_is_answered_with_a_301(
    system: str, media: Path, tmp_path: Path, client: Client
) -> None:
    file = file_of(system, tmp_path)
    call_command("import_site", system, file, media=media, site=SITES.get(system))
    with opened(system, file, {"site": SITES.get(system)}, SILENT) as source:
        items = [item for item in source.items() if isinstance(item, OldItem)]
        categories = [
            (address.replace(r"(\d+)", "2"), category.name)
            for category in source.categories()
            for address in (*category.addresses, *category.patterns)
        ]
        site = source.site
    followed = 0
    for old in items:
        made = found(old, site)
        assert made is not None, old.title
        for address in old.addresses if made.state == State.LIVE else ():
            response = client.get(quote(address, safe="/?=&%"))
            if address == made.get_absolute_url():  # it is where it was
                assert response.status_code == 200
                continue
            assert response.status_code == 301, address
            assert response["Location"] == made.get_absolute_url(), address
            followed += 1
    assert followed >= 10
    for address, name in categories:
        response = client.get(quote(address, safe="/?=&%"))
        assert response.status_code == 301, address
        assert response["Location"] == Category.objects.get(name=name).get_absolute_url()


def found(old: OldItem, site: str) -> Article | Page | None:
    if old.kind == "article":
        made: Article | None = Article._base_manager.filter(
            legacy_id=f"{site}:{old.old_id}"
        ).first()
        return made
    row = Redirect.objects.get(old=f"/{site}?page={old.old_id}")
    assert isinstance(row.item, Page)
    return row.item


def test_twice_changes_nothing_and_the_report_counts_each_record(
    system: str, media: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, report = file_of(system, tmp_path), tmp_path / "report.csv"
    call_command("import_site", system, file, media=media, site=SITES.get(system))
    before = stored()
    capsys.readouterr()
    call_command("import_site", system, file, media=media, site=SITES.get(system), report=report)
    assert stored() == before
    said = capsys.readouterr().out
    assert f"{Outcome.IMPORTED} 0，{Outcome.CHANGED} 0" in said
    assert not {f"{outcome} {n}" for outcome in ("新增", "更新") for n in range(1, 99)} & set(
        said.replace("，", "：").split("：")
    )
    lines = report.read_text("utf-8-sig").splitlines()
    with opened(system, file, {"site": SITES.get(system)}, SILENT) as source:
        records = len(list(source.files())) + len(list(source.items()))
        assert len(lines) - 1 - len(list(source.categories())) == records
    assert f"旧网站的文件里共 {records} 条" in said


def test_a_dry_run_writes_nothing(
    system: str, media: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = file_of(system, tmp_path)
    call_command("import_site", system, file, media=media, site=SITES.get(system), dry_run=True)
    assert not any(stored().values())
    assert "这是试运行，没有写入任何内容。" in capsys.readouterr().out


def test_one_pattern_is_enough_for_addresses_that_nobody_can_work_out(
    tmp_path: Path, client: Client
) -> None:
    """As docs/import.md tells the owner of a site whose pages were named in pinyin."""
    call_command("import_site", "dedecms", file_of("dedecms", tmp_path))
    Redirect.objects.create(
        kind=Redirect.Kind.PATTERN, old=r"/news/(\d+).html", target="/plus/view.php?aid=$1"
    )
    response = client.get("/news/1.html")
    assert response.status_code == 301
    assert (
        response["Location"]
        == Article.objects.get(legacy_id="pengcheng-laowu.example:1").get_absolute_url()
    )


# --- WordPress -----------------------------------------------------------------------------------------


@pytest.fixture
def wordpress(media: Path) -> None:
    (media / "wp-content/uploads/gongchang.mp4").write_bytes(b"x")
    (media / "wp-content/uploads/表.pdf").write_bytes(PDF)
    call_command("import_site", "wordpress", SITE, media=media)


def old(number: int) -> Article:
    article: Article = Article._base_manager.get(legacy_id=f"old-hr.example/blog:{number}")
    return article


@pytest.mark.usefixtures("wordpress")
def test_blocks_captions_and_galleries_are_figures_of_the_library() -> None:
    table = MediaFile.objects.get(title="工资表")
    room = MediaFile.objects.get(title="宿舍")
    assert (table.image_alt_text, table.caption) == ("一张工资表", "2021 年的表")
    assert old(101).body.startswith("<p>从 7 月起，加班费按新的基数算。</p><figure><img")
    assert "<figcaption>工资表样</figcaption></figure><p>咨询请打电话。</p>" in old(101).body
    classic = old(102).body
    assert classic.startswith("<p>第一行，<br>第二行。</p><p><strong>第二段</strong>里有 ")
    assert "<figcaption>表一：工资</figcaption>" in classic
    assert classic.count(f'data-file="{table.pk}"') == 2
    assert f'data-file="{room.pk}"' in classic
    assert "[1] 注一 【重要】 [注]" in classic
    assert "代码到此 ]]&gt; 为止" in classic
    assert "contact-form" not in classic
    assert old(101).cover == table
    assert f'data-file="{room.pk}"' in old(104).body


@pytest.mark.usefixtures("wordpress")
def test_every_state_and_format_is_there() -> None:
    states = {
        n: old(n).state for n in (101, 103, 105, 106, 107, 108, 110, 111, 112, 113, 114, 115, 116)
    }
    assert states == {
        **dict.fromkeys((101, 103, 105, 106, 107, 108), State.LIVE),
        110: State.SCHEDULED,
        111: State.DRAFT,
        112: State.IN_REVIEW,
        **dict.fromkeys((113, 114, 116), State.DRAFT),
        115: State.DELETED,
    }
    assert old(101).pinned
    assert (old(101).seo_title, old(101).seo_description) == ("加班费新基数", "一张表看懂加班费。")
    assert old(101).summary == "加班费的基数变了。"
    assert str(old(102).author) == "周平 - 周平"
    assert str(old(103).author) == "编辑部 - bianjibu"
    assert Page.objects.get(title="关于我们").body == "<h2>我们是谁</h2>"


@pytest.mark.usefixtures("wordpress")
@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("/blog/tag/社保/", "/articles/tag/%E7%A4%BE%E4%BF%9D/"),
        ("/blog/author/lin-mei/", "/articles/"),
        ("/blog/2021/07/", "/articles/archive/2021/07/"),
        ("/blog/2021/", "/articles/archive/2021/"),
        ("/blog/?m=202107", "/articles/archive/2021/07/"),
        ("/blog/category/uncategorized/page/3/", "/articles/"),
    ],
)
def test_lists_that_are_no_categories_lead_to_lists_of_ours(
    client: Client, address: str, to: str
) -> None:
    response = client.get(quote(address, safe="/?="))
    assert (response.status_code, response["Location"]) == (301, to)


@pytest.mark.usefixtures("wordpress")
def test_what_only_some_could_read_is_shown_to_nobody(client: Client) -> None:
    for address in ("/blog/2019/01/neibu/", "/blog/?p=114", "/blog/?p=115"):
        assert client.get(address).status_code == 404


HOSTILE = (
    "<p onmouseover=alert(1)>甲</p><script>alert(2)</script><svg><script>alert(3)</script></svg>"
    '<a href="java&#10;script:alert(4)">乙</a><iframe src="javascript:alert(5)"></iframe>'
    '<img src=x onerror="alert(6)"><math><mtext><table><mglyph><style><!--</style><img title="--&gt;'
    '&lt;img src=1 onerror=alert(7)&gt;"></table></mtext></math><base href="//evil.example/">'
    '<div style="display:none"><a href="https://casino.example/">丙</a></div><p>丁'
)


def test_hostile_texts_titles_and_depths_come_out_clean(tmp_path: Path, client: Client) -> None:
    live = "<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
    nested = "<!-- wp:group --><div>" * 400 + "底" + "</div><!-- /wp:group -->" * 400
    path = tmp_path / "hostile.xml"
    path.write_text(
        channel(
            item(1, "&lt;script&gt;alert(0)&lt;/script&gt;标题", HOSTILE, live),
            item(2, "长" * 2000, nested, live),
            item(3, "控\x00制\x0b符", "<p>文\x00</p>", live),
        ),
        encoding="utf-8",
    )
    call_command("import_site", "wordpress", path, site="old.example")
    article = Article.objects.get(legacy_id="old.example:1")
    assert article.body.startswith("<p>甲</p>")
    for evil in ("script", "onerror", "onmouse", "iframe", "evil.example", "casino", "style"):
        assert evil not in article.body
    page = client.get(article.get_absolute_url()).content.decode()
    assert "<script>alert" not in page
    assert Article.objects.get(legacy_id="old.example:2").body == "<p>底</p>"
    assert len(Article.objects.get(legacy_id="old.example:2").title) == 200
    assert Article.objects.get(legacy_id="old.example:3").title == "控制符"


@settings(
    max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(cut=st.integers(min_value=700, max_value=len(WHOLE) // 7))
def test_of_a_file_that_breaks_off_all_before_is_imported_and_the_rest_the_next_time(
    cut: int, tmp_path: Path
) -> None:
    path = tmp_path / "cut.xml"
    path.write_bytes(WHOLE[: cut * 7])
    with opened("wordpress", path, {}, SILENT) as source:
        ledger = move(source)
    whole = WHOLE[: cut * 7].count(b"</item>")
    assert whole <= ledger.records <= whole + 1
    with opened("wordpress", SITE, {}, SILENT) as source:
        assert move(source).records == ITEMS
    assert Article._base_manager.count() == 16


# --- The command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["csv", "x.csv", "--media", "."], "csv 格式不用 --media。"),
        (["native", "x.zip", "--cdn", "a.example"], "native 格式不用 --cdn。"),
        (["wordpress", "x.xml", "--prefix", "wp_"], "wordpress 格式不用 --prefix。"),
        (["zblog", "x.db", "--area", "cn"], "zblog 格式不用 --area。"),
        (["wordpress", "nichts.xml"], "没有导入任何内容"),
        (["dedecms", "nichts.sql"], "找不到文件 nichts.sql。没有导入任何内容。"),
        (["wordpress", str(SITE), "--media", "nichts"], "找不到文件夹 nichts。"),
        (["zblog", "x.db", "--site", "auto"], "请写旧网站的域名"),
        (["wordpress", str(SITE), "--report", "/nichts/r.csv"], "写不了报告文件"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("import_site", *arguments)
    assert not Article.objects.exists()


class Terminal:
    """What somebody sees who watches."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def isatty(self) -> bool:
        return True

    def write(self, text: str, style_func: object = None, ending: str = "\n") -> None:
        self.shown.append(text)

    def flush(self) -> None:
        pass


def test_a_terminal_shows_a_bar_and_a_log_a_line_for_a_thousand() -> None:
    terminal = Terminal()
    bar = import_site.Progress(terminal)  # type: ignore[arg-type]
    for done in range(0, 1001, 10):
        bar.show("内容", done, 1000)
    bar.end()
    assert terminal.shown[0] == "\r内容 [------------------------------]   0%"
    assert terminal.shown[-2] == "\r内容 [##############################] 100%"
    log = Terminal()
    log.isatty = lambda: False  # type: ignore[method-assign]
    lines = import_site.Progress(log)  # type: ignore[arg-type]
    for done in range(2500):
        lines.show("内容", done, 1000)
    assert log.shown == ["已处理 1000 条……", "已处理 2000 条……"]


def test_pictures_of_another_host_come_along_where_it_is_named(tmp_path: Path, media: Path) -> None:
    live = "<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
    body = '<p>文</p><img src="https://img.cdn.example/wp-content/uploads/2021/07/table.jpg">'
    path = tmp_path / "site.xml"
    path.write_text(channel(item(1, "图", body, live)), encoding="utf-8")
    call_command("import_site", "wordpress", path, site="old.example", media=media)
    assert "<figure>" not in Article.objects.get().body
    call_command(
        "import_site", "wordpress", path, site="old.example", media=media, hosts=["img.CDN.example"]
    )
    assert "<figure>" in Article.objects.get().body
    assert Article.objects.get().status == Status.PUBLISHED


def test_each_choice_of_the_command_reaches_the_source(tmp_path: Path) -> None:
    path = file_of("pbootcms", tmp_path)
    with pytest.raises(CommandError, match="other_"):
        call_command("import_site", "pbootcms", path, prefix="other_")
    call_command(
        "import_site",
        "pbootcms",
        path,
        area="en",
        site="en.pengcheng-laowu.example",
        indexable="none",
    )
    assert [a.title for a in Article.objects.all()] == ["Hiring season"]
    assert Article.objects.get().legacy_id == "en.pengcheng-laowu.example:8"
    assert not Article.objects.get().indexable
