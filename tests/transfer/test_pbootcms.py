"""An agency's PbootCMS site, as its owner brings it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from portal.cms.publishing import Status
from portal.transfer.sources.pbootcms import PbootCMS
from portal.transfer.sources.records import Left, OldItem, OldPlace, Source

SITE = Path(__file__).parent.parent / "data" / "pbootcms" / "site.sql"


@pytest.fixture(params=["dump", "database"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    if request.param == "dump":
        return SITE
    made = tmp_path / "site.db"
    with closing(sqlite3.connect(made)) as connection:
        connection.executescript(f"BEGIN; {SITE.read_text(encoding='utf-8')}; COMMIT;")
    return made


def items(source: Source) -> dict[str, OldItem]:
    return {item.old_id: item for item in source.items() if isinstance(item, OldItem)}


def test_every_row_comes_out_once(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        records = list(source.items())
        assert [record.number for record in records] == [1, 2, 3, 4, 5, 6, 7, 8]
        assert source.size() == source.done() == 8
        assert list(source.items()) == records
        assert list(source.files()) == []
        assert source.warnings == ["阅读数、点赞数没有导入：这里自己统计。"]


def test_an_article_with_everything(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        article = items(source)["3"]
    assert (article.kind, article.title, article.category) == ("article", "招工旺季&用工成本", "2")
    assert article.html == (
        "<p>旺季招工，<strong>提前两周</strong>备人。</p>"
        '\n<p><a href="/static/upload/file/20210218/表格.docx">附件下载</a></p>'
    )
    assert article.summary == "节后两周是招工最紧的时候。"
    assert article.tags == ("招工", "旺季")
    assert (article.author, article.source_name) == ("小林", "深圳晚报")
    assert article.date == timezone.make_aware(datetime(2021, 2, 18, 8, 30))
    assert article.changed == timezone.make_aware(datetime(2021, 3, 1, 10))
    assert (article.status, article.pinned) == (Status.PUBLISHED, True)
    assert article.cover == "/static/upload/image/20210218/a.jpg"
    assert [picture[-5:] for picture in article.gallery] == ["b.jpg", "c.jpg"]
    assert article.notes == ()


def test_addresses_of_all_three_ways(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        found = items(source)
        assert {"/?news/3.html", "/news/3.html", "/index.php/news/3.html", "/list_2/3.html"} <= set(
            found["3"].addresses
        )
        assert {"/?list_3/shebao-jishu.html", "/list_3/4.html"} <= set(found["4"].addresses)
        assert "/4.html" not in found["4"].addresses
        assert {"/aboutus/", "/?aboutus/", "/about_1/"} <= set(found["2"].addresses)


def test_addresses_by_the_settings(tmp_path: Path) -> None:
    path = tmp_path / "site.sql"
    settings = (
        "INSERT INTO `ay_config` VALUES (8,'url_rule_content_path','1'),(9,'url_break_char','-');"
    )
    path.write_text(SITE.read_text(encoding="utf-8") + settings, encoding="utf-8")
    with PbootCMS.opened(path) as source:
        addresses = items(source)["4"].addresses
        [category] = [one for one in source.categories() if one.old_id == "3"]
    assert {"/shebao-jishu.html", "/4.html", "/list-3/4.html"} <= set(addresses)
    assert r"/list-3-(\d+)/" in category.patterns


def test_categories(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        news, policy = source.categories()
    assert (news.old_id, news.name, news.slug) == ("2", "新闻中心", "news")
    assert news.description == "派遣与外包的消息 & 政策"
    assert {"/news/", "/?news/", "/index.php/list_2/"} <= set(news.addresses)
    assert {r"/news_(\d+)/", r"/?list_2_(\d+)/"} <= set(news.patterns)
    assert (policy.old_id, policy.slug) == ("3", "")


def test_states(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        found = items(source)
        left = {one.title: one.reason for one in source.items() if isinstance(one, Left)}
    assert (found["5"].status, found["5"].date, found["5"].notes) == (Status.DRAFT, None, ())
    assert found["6"].status == Status.DRAFT
    assert found["6"].notes == ("旧站只给部分会员看，存为草稿",)
    assert "外链，指向 https://hrss.example/news/1" in left["去官网看"]
    assert "--area" in left["Hiring season"]
    assert found["4"].html == "<p>七月起执行新的社保基数。</p>"
    assert found["4"].notes == ("正文里的 PbootCMS 标签（{pboot:…}）没有导入",)


def test_a_page_is_what_its_column_showed(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        found = items(source)
    new, old = found["2"], found["1"]
    assert (new.kind, new.slug, new.category, new.status) == ("page", "aboutus", "", "published")
    assert (old.status, old.addresses) == (Status.DRAFT, ())
    assert "同一单页有更新的内容" in old.notes[0]
    assert (new.author, new.source_name) == ("", "")


def test_another_language_and_site(path: Path) -> None:
    with PbootCMS.opened(path, area="en", site="laowu.example") as source:
        assert list(items(source)) == ["8"]
        assert source.site == "laowu.example"
        assert {"laowu.example", "en.pengcheng-laowu.example"} <= source.hosts
        assert "www.pengcheng-laowu.example" not in source.hosts
    with PbootCMS.opened(path) as source:
        assert (source.site, "pengcheng-laowu.example" in source.hosts) == (
            "pengcheng-laowu.example",
            True,
        )


def test_tags_have_their_lists(path: Path) -> None:
    with PbootCMS.opened(path) as source:
        assert list(source.places()) == [
            OldPlace("/?tag=招工", tag="招工"),
            OldPlace("/?tag=旺季", tag="旺季"),
        ]
