"""A Z-Blog site, as its owner brings it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone

from portal.cms.publishing import Status
from portal.transfer.sources.records import Left, OldFile, OldItem, Source
from portal.transfer.sources.zblog import ZBlog

SITE = Path(__file__).parent.parent / "data" / "zblog" / "site.sql"


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
    with ZBlog.opened(path, site="laowu.example") as source:
        records = [*source.files(), *source.items()]
        assert [record.number for record in records] == list(range(1, 10))
        assert source.size() == source.done() == 9
        assert list(source.items()) == records[2:]
        assert source.hosts == {"laowu.example", "www.laowu.example"}
        assert [warning[:4] for warning in source.warnings] == ["阅读数没", "没有填别"]


def test_an_article_with_everything(path: Path) -> None:
    with ZBlog.opened(path) as source:
        article = items(source)["1"]
    assert (article.kind, article.title, article.category) == ("article", "派遣三性怎么认", "2")
    assert 'src="/zb_users/upload/2021/05/202105011200001.jpg"' in article.html
    assert article.summary == ""  # the system made it from the text
    assert article.tags == ("劳务派遣", "社保")
    assert article.author == "小林"
    assert article.date == timezone.make_aware(datetime(2021, 5, 1, 12))
    assert article.changed == timezone.make_aware(datetime(2021, 6, 1, 12))
    assert (article.status, article.pinned) == (Status.PUBLISHED, True)
    assert set(article.addresses) == {
        *("/?id=1", "/post/1.html", "/index.php/post/1.html", "/2021/05/1/"),
        *("/post/派遣三性怎么认.html", "/index.php/post/派遣三性怎么认.html"),
        "/policy/派遣三性怎么认/",
    }


def test_an_alias_makes_addresses_and_a_login_no_author(path: Path) -> None:
    with ZBlog.opened(path) as source:
        article = items(source)["2"]
    assert {"/shebao-jishu.html", "/post/shebao-jishu.html", "/用工/shebao-jishu/"} <= set(
        article.addresses
    )
    assert article.title == "社保基数 100% 新规?"
    assert article.summary == "一句话：七月起执行。"
    assert article.author == ""


def test_a_page(path: Path) -> None:
    with ZBlog.opened(path) as source:
        page = items(source)["3"]
    assert (page.kind, page.slug, page.category) == ("page", "about", "")
    assert set(page.addresses) == {
        *("/?id=3", "/3.html", "/index.php/3.html", "/3/"),
        *("/about.html", "/index.php/about.html", "/about/"),
    }


def test_states(path: Path) -> None:
    with ZBlog.opened(path) as source:
        found = items(source)
        [left] = [one for one in source.items() if isinstance(one, Left)]
    assert [found[number].status for number in ("4", "5", "6")] == [
        *(Status.DRAFT, Status.IN_REVIEW, Status.DRAFT),
    ]
    assert found["6"].notes == ("旧站要密码才能看，存为草稿；密码没有导入",)
    assert left.reason == "不是文章或页面（类型 2）"


def test_files(path: Path) -> None:
    with ZBlog.opened(path) as source:
        file, left = source.files()
    assert file == OldFile(1, "/zb_users/upload/2021/05/202105011200001.jpg", title="车间.jpg")
    assert isinstance(left, Left)


def test_lists(path: Path) -> None:
    with ZBlog.opened(path) as source:
        usage, policy = source.categories()
        places = {place.address: place.tag or place.target for place in source.places()}
    assert (usage.name, policy.slug) == ("用工", "policy")
    assert {"/?cate=2", "/category-2.html", "/category-policy.html", "/category/2/"} <= set(
        policy.addresses
    )
    assert {r"/category-2_(\d+).html", r"/category/policy/(\d+)/"} <= set(policy.patterns)
    assert places["/?tags=2"] == places["/tags-paiqian.html"] == "劳务派遣"
    assert places["/tags/社保/"] == "社保"
    assert places["/author-1.html"] == "/articles/"
    assert "/author-second_login.html" not in places
    assert places["/date-2021-5.html"] == "/articles/archive/2021/05/"
    assert "/date-2021-1.html" not in places, "of that month there is a page alone"


def test_a_tag_counts_once_and_months_are_those_of_beijing(tmp_path: Path) -> None:
    path = tmp_path / "site.sql"
    # 16:00 UTC on the last day of the year.
    row = "INSERT INTO `zbp_post` VALUES (20,1,1,'{1}{2}{1}',0,0,'',0,'夜班','','',1640966400,0,0,'');"
    path.write_text(SITE.read_text(encoding="utf-8") + row, encoding="utf-8")
    with ZBlog.opened(path) as source:
        assert items(source)["20"].tags == ("社保", "劳务派遣")
        assert "/date-2022-1.html" in {place.address for place in source.places()}
