"""An agency's DedeCMS site, as its owner brings it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from portal.cms.publishing import Status
from portal.transfer.sources.dedecms import DedeCMS, in_letters, keywords_of, title_of
from portal.transfer.sources.records import Left, OldItem, Source, SourceError

DATA = Path(__file__).parent.parent / "data" / "dedecms"


@pytest.fixture(params=["utf-8", "gbk", "folder"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    parts = [(DATA / name).read_text(encoding="utf-8") for name in ("structure.sql", "rows.sql")]
    if request.param == "folder":  # as the system backs itself up
        (tmp_path / "2c0f_tables_struct.txt").write_text(parts[0], encoding="gbk")
        (tmp_path / "1b7e_dede_archives.txt").write_text(parts[1], encoding="gbk")
        return tmp_path
    made = tmp_path / "site.sql"
    made.write_text("".join(parts), encoding=request.param)
    return made


def items(source: Source) -> dict[str, OldItem]:
    return {item.old_id: item for item in source.items() if isinstance(item, OldItem)}


def left(source: Source) -> dict[str, str]:
    return {one.title: one.reason for one in source.items() if isinstance(one, Left)}


def test_every_row_comes_out_once(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        records = list(source.items())
        # Eleven articles, a page, a column that is one, and a row that cannot be read.
        assert [record.number for record in records] == list(range(1, 15))
        assert source.size() == source.done() == 14
        assert list(source.items()) == records
        assert len({item.old_id for item in records if isinstance(item, OldItem)}) == 10
        assert [warning[:5] for warning in source.warnings] == ["自定义属性", "阅读数没有"]
        assert source.hosts == {"pengcheng-laowu.example", "www.pengcheng-laowu.example"}


def test_an_article_with_everything(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        article = items(source)["1"]
    assert (article.kind, article.title, article.category) == ("article", "夜班补贴怎么算", "1")
    assert article.html == (
        "<p>夜班补贴按小时计。</p><p>写进合同才算数。</p><h2>怎么写&amp;怎么算</h2>"
        "<p>'22:00–6:00' 为夜班。</p><script>alert(1)</script>"  # whoever stores it cleans it
    )
    assert article.summary == "夜班补贴按小时计，写进合同才算数。"
    assert article.tags == ("夜班", "加班费")
    assert (article.author, article.source_name) == ("小林", "深圳晚报")
    assert article.date == timezone.make_aware(datetime(2021, 5, 1, 12))
    assert article.status == Status.PUBLISHED
    assert article.cover == "/uploads/allimg/210501/1-2105011200.jpg"
    # Its file is named by the day it was sent in, not by the one that is shown.
    assert article.addresses == (
        *("/a/news/2021/0430/1.html", "/plus/view.php?aid=1", "/view.php?aid=1"),
        *("/m/view.php?aid=1", "/plus/view-1-1.html"),
    )


def test_a_backup_without_rows_is_said(tmp_path: Path) -> None:
    path = tmp_path / "site.sql"
    path.write_text((DATA / "structure.sql").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(SourceError, match="只有数据表的结构"), DedeCMS.opened(path):
        pass


def test_a_title_that_was_cut_is_found_in_the_text(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        article = items(source)["2"]
    assert article.title == (
        "深圳市人力资源和社会保障局关于调整二〇二一年度企业职工基本养老保险缴费基数的通知"
    )
    assert article.html == "<p>七月一日起，社保基数调整。</p>"  # the title stands above it
    assert article.tags == ("社会保险", "养老保险", "缴费基数")  # and one that was cut
    assert (article.author, article.source_name, article.cover) == ("", "", "")
    assert article.addresses[0] == "/a/news/zhengce/2021/0701/tiaozheng.html"


def test_states(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        found, why = items(source), left(source)
    assert found["3"].status == Status.IN_REVIEW
    assert found["4"].binned
    assert (found["5"].status, found["5"].notes) == (
        Status.DRAFT,
        ("旧站只给部分会员看，存为草稿",),
    )
    assert why["跳到别处"] == "只是一个跳转，指向 https://hrss.example/"
    assert why["车间图集"] == "不是文章，属于频道模型“图片集”"
    assert why["编号重复"] == "编号与前面的一条重复"
    assert why[""].startswith("数据表 dede_archives，第 ")
    assert (found["9"].html, found["9"].date) == ("", None)


def test_addresses_by_the_rules_of_columns(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        found = items(source)
    assert found["8"].addresses[0] == "/plus/view.php?aid=8"  # nobody knows that pinyin
    assert found["97"].addresses[0] == "/s/0F1a2021_1625068800.html"
    # Two digits that number a letter are that letter, read from the left.
    assert in_letters("0701972021") == "0F1a2021"
    assert in_letters("12316419100") == "123164" + "19100"


def test_categories(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        categories = {one.old_id: one for one in source.categories()}
    assert list(categories)[:1] == ["1"]
    assert set(categories) == {"1", "2", "3", "5"}
    news = categories["1"]
    assert (news.name, news.slug, news.description) == ("用工资讯", "news", "派遣、外包与招工")
    assert {
        "/a/news/",
        "/a/news/index.html",
        "/plus/list.php?tid=1",
        "/a/news/list_1_1.html",
    } <= set(news.addresses)
    assert news.patterns == (r"/a/news/list_1_(\d+).html",)


def test_tags_have_their_lists(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        places = {place.address: place.tag for place in source.places()}
    assert places["/tags.php?/夜班/"] == places["/tags.php?/夜班"] == "夜班"


def test_pages(path: Path) -> None:
    with DedeCMS.opened(path) as source:
        found = items(source)
    contact, about = found["page-1"], found["column-4"]
    assert (contact.kind, contact.slug, contact.addresses) == (
        "page",
        "contact",
        ("/contact.html",),
    )
    assert (about.kind, about.slug, about.seo_title) == ("page", "about", "鹏程劳务简介")
    assert {"/about/", "/plus/list.php?tid=4"} <= set(about.addresses)


def test_a_cover_with_articles_is_a_category_and_paid_articles_are_drafts(tmp_path: Path) -> None:
    path = tmp_path / "site.sql"
    rows = (
        "INSERT INTO `dede_arctype` VALUES('6','0','封面','/cover','','1','','','','','<p>欢迎</p>');"
        "INSERT INTO `dede_archives` VALUES('12','6','','1','1','0','0','5','收费','','','','0','0','','','');"
    )
    parts = [(DATA / name).read_text(encoding="utf-8") for name in ("structure.sql", "rows.sql")]
    path.write_text("".join((*parts, rows)), encoding="utf-8")
    with DedeCMS.opened(path) as source:
        assert "6" in {one.old_id for one in source.categories()}
        assert left(source)["封面"] == "栏目自己的内容没有导入，栏目本身已导入"
        assert items(source)["12"].status == Status.DRAFT


def test_a_site_in_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "site.sql"
    rows = (
        (DATA / "rows.sql")
        .read_text(encoding="utf-8")
        .replace("'cfg_cmspath',''", "'cfg_cmspath','/web'")
    )
    path.write_text((DATA / "structure.sql").read_text(encoding="utf-8") + rows, encoding="utf-8")
    with DedeCMS.opened(path) as source:
        assert items(source)["1"].addresses[:2] == (
            "/web/a/news/2021/0430/1.html",
            "/web/plus/view.php?aid=1",
        )


def test_a_sheet_of_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "archives.csv"
    path.write_text(
        "ID,title,typeid,typename,pubdate,arcrank,body,keywords\n"
        '1,夜班补贴,3,用工资讯,1619841600,0,"<p>按小时计</p>","夜班,补贴"\n'
        "2,社保基数,3,用工资讯,2021-07-01 08:00,-1,<p>调整</p>,\n"
        ",没有编号,3,,,,,\n"
        "4,没有日期,4,政策,某日,0,x,\n"
        "5,藏起来的,4,政策,,-100,x,\n"
        "6,扔掉的,4,政策,,-2,x,\n",
        encoding="gbk",
    )
    with DedeCMS.opened(path) as source:
        found = items(source)
        assert [(one.old_id, one.name) for one in source.categories()] == [
            *(("3", "用工资讯"), ("4", "政策")),
        ]
        assert left(source) == {"没有编号": "没有编号"}
    assert found["1"].tags == ("夜班", "补贴")
    assert found["1"].html == "<p>按小时计</p>"
    assert found["1"].date == timezone.make_aware(datetime(2021, 5, 1, 12))
    assert (found["2"].date, found["2"].status) == (
        timezone.make_aware(datetime(2021, 7, 1, 8)),
        Status.IN_REVIEW,
    )
    assert found["4"].notes == ("日期“某日”无法识别",)
    assert (found["5"].status, found["5"].notes) == (Status.DRAFT, ("旧站的状态是 -100，存为草稿",))
    assert (found["6"].binned, found["6"].notes) == (True, ())


def test_what_was_filed_under_no_model_is_an_article(tmp_path: Path) -> None:
    path = tmp_path / "archives.csv"
    path.write_text("id,title,channel\n1,甲,0\n2,乙,\n3,丙,2\n", encoding="utf-8")
    with DedeCMS.opened(path) as source:
        assert list(items(source)) == ["1", "2"]
        assert left(source) == {"丙": "不是文章，属于频道模型“2”"}


def test_a_sheet_without_categories(tmp_path: Path) -> None:
    path = tmp_path / "archives.csv"
    path.write_text("aid,title\n7,夜班补贴\n", encoding="utf-8")
    with DedeCMS.opened(path) as source:
        assert list(source.categories()) == []
        assert items(source)["7"].addresses[0] == "/plus/view.php?aid=7"


@pytest.mark.parametrize("content", ["标题,正文\n一,二\n", "id\n1\n", ""])
def test_another_sheet_is_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "archives.csv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=r"表格|文件"), DedeCMS.opened(path):
        pass


@pytest.mark.parametrize(
    ("written", "body", "read"),
    [
        ("短标题", "<h1>短标题的全文</h1>", "短标题"),
        ("长" * 29, f"<p><strong>{'长' * 29}标题</strong></p>", "长" * 29 + "标题"),
        ("长" * 29 + "\ufffd", f"<h1>{'长' * 30}</h1>", "长" * 30),
        ("长" * 30, "<h1>别的话</h1>", "长" * 30),
        ("长" * 30, f"<h1>{'长' * 300}</h1>", "长" * 30),
        ("长" * 30, f"<h1>{'长' * 40}", "长" * 40),
    ],
)
def test_cut_titles(written: str, body: str, read: str) -> None:
    assert title_of(written, body) == read


def test_cut_keywords() -> None:
    assert keywords_of("夜班,补贴") == ("夜班", "补贴")
    assert keywords_of("劳务派遣,人力资源外包,深圳招工,临时") == (
        "劳务派遣",
        "人力资源外包",
        "深圳招工",
    )
