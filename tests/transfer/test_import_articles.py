"""Importing a sheet of articles: what is made, found again, refused and reported."""

from __future__ import annotations

import errno
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
import time_machine
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import (
    DataError,
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Author, Category, Ranking
from portal.cms.locking import waiting_little
from portal.cms.publishing import State
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import PendingDraft, Revision
from portal.cms.site import SiteProfile
from portal.management.commands import import_site
from portal.transfer import arrivals, writing
from portal.transfer import articles as transfer
from portal.transfer.articles import ArticleImport, import_articles
from portal.transfer.report import Outcome, Report
from portal.transfer.sheet import Row, SheetError, read
from tests import cast
from tests.desk.english import english_in
from tests.transfer.test_wxr import SITE

pytestmark = pytest.mark.django_db
SHEET = Path(__file__).parent.parent / "data" / "articles.csv"


def rows(*cells: Row) -> Iterator[tuple[int, Row]]:
    return iter(enumerate(cells, start=2))


@pytest.mark.both_databases
def test_every_row_is_imported_or_reported() -> None:
    report = import_articles(read(SHEET))
    assert report.count() == {Outcome.IMPORTED: 5, Outcome.SKIPPED: 2}
    skipped = [str(entry) for entry in report.entries if entry.outcome == Outcome.SKIPPED]
    assert "没有标题" in skipped[0]
    assert "日期“上周三”无法识别" in skipped[1]
    assert Article.objects.count() == 5


def test_the_article_is_as_it_was_on_the_old_site() -> None:
    import_articles(read(SHEET))
    article = Article.objects.get(title="派遣用工比例不得超过10%——“三性”岗位怎么认")
    assert article.byline == "Admin - admin 于2022年01月26日发表"
    assert article.kind == Article.Kind.REPOST
    assert article.source_name == "公开网页内容"
    assert {tag.name for tag in article.tags.all()} == {"用工比例", "劳务派遣"}
    assert article.disclaimer_text == "本文为转载示例,仅供参考!不对时效负责"
    assert "<h2>“10%”怎么算</h2>" in article.body
    assert article.state == State.LIVE
    assert article.indexable


def test_a_row_without_body_is_published_but_not_indexable() -> None:
    report = import_articles(read(SHEET))
    article = Article.objects.get(
        title="旺季补员走基层 ——沙井某厂夜班见闻"
    )  # the NBSP is a space now
    assert article.state == State.LIVE
    assert not article.indexable
    assert any("没有正文" in note for note in report.entries[1].notes)


def test_rows_without_dates_keep_the_order_of_the_sheet() -> None:
    import_articles(read(SHEET))
    undated = Article.objects.published().filter(body="").newest()
    assert [article.title for article in undated] == [
        "旺季补员走基层 ——沙井某厂夜班见闻",
        "暑假工到岗前要准备的材料",
    ]


def test_a_draft_stays_a_draft() -> None:
    import_articles(read(SHEET))
    assert Article.objects.get(title="还没有写完的一篇").state == State.DRAFT


@pytest.mark.both_databases
def test_a_second_run_makes_and_changes_nothing() -> None:
    import_articles(read(SHEET))
    before = list(Article.objects.order_by("pk").values())
    report = import_articles(read(SHEET))
    assert report.count() == {Outcome.UNCHANGED: 5, Outcome.SKIPPED: 2}
    assert list(Article.objects.order_by("pk").values()) == before


def test_a_changed_row_changes_its_article_found_by_the_old_number() -> None:
    import_articles(rows({"编号": "77", "标题": "旧标题", "正文": "旧文"}))
    report = import_articles(rows({"编号": "77", "标题": "新标题", "正文": "新文"}))
    assert report.count() == {Outcome.CHANGED: 1}
    article = Article.objects.get()
    assert (article.legacy_id, article.title, article.body) == ("77", "新标题", "<p>新文</p>")


def test_a_changed_state_alone_is_a_change() -> None:
    import_articles(rows({"标题": "旧公告", "正文": "文", "状态": "已发布"}))
    report = import_articles(rows({"标题": "旧公告", "正文": "文", "状态": "已下线"}))
    assert report.count() == {Outcome.CHANGED: 1}
    assert Article.objects.get().state == State.WITHDRAWN


def test_the_site_s_own_disclaimer_is_not_taken_for_another() -> None:
    profile = SiteProfile.load()
    profile.disclaimer_repost = "转载内容仅供参考。"
    profile.save()
    row = {"标题": "转载一篇", "正文": "文", "来源": "某网", "声明": "转载内容仅供参考。"}
    import_articles(rows(row))
    assert Article.objects.get().disclaimer_choice == Article.DisclaimerChoice.DEFAULT
    assert import_articles(rows(row)).count() == {Outcome.UNCHANGED: 1}


def test_a_blank_cell_takes_nothing_away() -> None:
    import_articles(rows({"标题": "高温津贴", "正文": "有正文", "标签": "高温津贴"}))
    import_articles(rows({"标题": "高温津贴", "正文": "", "标签": ""}))
    article = Article.objects.get()
    assert article.body == "<p>有正文</p>"
    assert article.tags.count() == 1


def test_what_an_editor_changed_since_is_not_overwritten() -> None:
    import_articles(rows({"标题": "社保补缴", "正文": "导入的正文"}))
    article = Article.objects.get()
    article.body = "<p>小林改过的正文</p>"
    article.updated_by = cast.xiaolin()
    article.save()
    report = import_articles(rows({"标题": "社保补缴", "正文": "又一版"}))
    assert "已在后台修改过" in str(report.entries[0])
    article.refresh_from_db()
    assert article.body == "<p>小林改过的正文</p>"


def test_what_is_in_the_bin_stays_there() -> None:
    import_articles(rows({"标题": "已删的一篇", "正文": "文"}))
    Article.objects.get().bin()
    report = import_articles(rows({"标题": "已删的一篇", "正文": "文"}))
    assert "回收站" in str(report.entries[0])
    assert Article.objects.count() == 1


def test_the_same_row_twice_is_one_article() -> None:
    report = import_articles(rows({"标题": "同题", "正文": "文"}, {"标题": "同题", "正文": "文"}))
    assert [entry.outcome for entry in report.entries] == [Outcome.IMPORTED, Outcome.SKIPPED]
    assert "与第 2 行重复" in str(report.entries[1])


@pytest.mark.parametrize(
    "bad",
    [
        {"标题": "长" * 300, "正文": "文"},
        {"标题": "坏网址", "正文": "文", "原文网址": "javascript:alert(1)"},
        {"标题": "公元零年", "发布日期": "0000-00-00"},
    ],
)
def test_a_bad_row_never_stops_the_rest(bad: Row) -> None:
    report = import_articles(rows(bad, {"标题": "好的一行", "正文": "文"}))
    assert [entry.outcome for entry in report.entries] == [Outcome.SKIPPED, Outcome.IMPORTED]
    assert report.entries[0].notes


def test_hostile_markup_comes_out_clean() -> None:
    import_articles(
        rows(
            {
                "标题": "<script>alert(1)</script>",
                "正文": '<p onclick="x()">文</p><script>y()</script>',
            }
        )
    )
    assert Article.objects.get().body == "<p>文</p>"


def test_columns_nobody_knows_are_reported_once() -> None:
    report = import_articles(rows({"标题": "一", "心情": "好"}, {"标题": "二", "心情": "好"}))
    assert report.warnings == ["不认识的列“心情”，未导入。"]


def test_a_comma_too_many_is_not_taken_for_other_columns(tmp_path: Path) -> None:
    path = tmp_path / "shifted.csv"
    path.write_text("标题,声明,来源\n一篇,仅供参考,请核对,某报\n", encoding="utf-8")
    report = import_articles(read(path))
    assert "单元格比列名多" in str(report.entries[0])
    assert not Article.objects.exists()


def test_categories_and_authors_are_found_or_made() -> None:
    known = cast.category("policy", "用工政策")
    import_articles(
        rows(
            {"标题": "一", "栏目": "用工政策", "作者": "老周", "账号": "lao-zhou"},
            {"标题": "二", "栏目": "本地见闻", "作者": "老周"},
        )
    )
    assert Article.objects.get(title="一").category == known
    assert Category.objects.get(name="本地见闻").slug.startswith("category-")
    assert Author.objects.count() == 1


@pytest.mark.both_databases
def test_two_names_that_differ_by_a_blank_are_two_authors() -> None:
    given = [{"标题": str(n), "作者": name} for n, name in enumerate(["老王", "老 王", "老王"])]
    import_articles(rows(*given))
    signed = Article.objects.order_by("title").values_list("author__name", "author__handle")
    assert [*signed] == [("老王", "老王"), ("老 王", "老王2"), ("老王", "老王")]


def test_an_author_whom_an_editor_renamed_is_still_the_one() -> None:
    import_articles(rows({"标题": "甲", "作者": "老王"}))
    Author.objects.filter(handle="老王").update(name="王师傅")
    import_articles(rows({"标题": "乙", "作者": "老王"}))
    assert Article.objects.filter(title="乙", author__name="王师傅").exists()


def test_an_account_that_is_a_login_name_is_pointed_out() -> None:
    login = cast.xiaolin().username
    report = import_articles(rows({"标题": "一", "作者": "小林", "账号": login}))
    assert "与后台登录名相同" in str(report.entries[0])


# --- By batches -------------------------------------------------------------------------------------


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two rows."""
    monkeypatch.setattr(transfer, "ROWS", 2)


def breaking_off(*cells: Row, error: BaseException | None = None) -> Iterator[tuple[int, Row]]:
    yield from rows(*cells)
    raise error or SheetError("文件断了。")


FIVE: list[Row] = [{"编号": str(n), "标题": f"第 {n} 篇", "正文": "文"} for n in range(1, 6)]


@pytest.mark.usefixtures("by_two")
def test_a_run_that_breaks_off_leaves_whole_batches_and_the_next_goes_on() -> None:
    report = Report()

    with pytest.raises(SheetError):
        import_articles(breaking_off(*FIVE[:3]), report)

    assert report.count() == {Outcome.IMPORTED: 2}
    assert Article.objects.count() == 2
    again = import_articles(rows(*FIVE))
    assert again.count() == {Outcome.UNCHANGED: 2, Outcome.IMPORTED: 3}


@pytest.mark.usefixtures("by_two")
def test_the_command_says_how_far_it_came(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(import_site, "read", lambda file: breaking_off(*FIVE[:3]))

    with pytest.raises(CommandError, match="文件断了。到第 3 行为止已经导入；再导入一次会接着做"):
        call_command("import_site", "csv", SHEET)

    assert "第 3 行 新增：第 2 篇" in capsys.readouterr().out


@pytest.mark.usefixtures("by_two")
@pytest.mark.parametrize(
    ("error", "sentence", "code"),
    [
        (KeyboardInterrupt(), "导入被中断。", 130),
        (OperationalError("database is locked"), "数据库正被占用，请稍后再试。", 1),
        (DataError("value out of range"), "数据库出错：value out of range。", 1),
        (InterfaceError("connection already closed"), "数据库出错：connection already closed。", 1),
    ],
)
def test_whatever_ends_a_run_its_rows_are_reported(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    error: BaseException,
    sentence: str,
    code: int,
) -> None:
    monkeypatch.setattr(import_site, "read", lambda file: breaking_off(*FIVE[:3], error=error))

    with pytest.raises(CommandError, match=sentence) as raised:
        call_command("import_site", "csv", SHEET)

    assert "到第 3 行为止已经导入" in str(raised.value)
    assert raised.value.returncode == code
    assert "共 2 行：新增 2" in capsys.readouterr().out
    assert Article.objects.count() == 2


def test_no_file_but_a_report_is_written_over(tmp_path: Path) -> None:
    export = tmp_path / "导出.xml"
    export.write_text("<rss>唯一的一份")
    with pytest.raises(CommandError, match="又不是导入报告"):
        call_command("import_site", "wordpress", export, report=export, dry_run=True)
    assert export.read_text() == "<rss>唯一的一份"
    report = tmp_path / "报告.csv"
    report.write_text("序号,种类,标题,结果,说明\n昨天的", "utf-8-sig")
    with pytest.raises(CommandError, match="没有导入任何内容"):
        call_command("import_site", "wordpress", export, report=report)
    assert "昨天的" not in report.read_text("utf-8-sig")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "磁盘已满。"),
        (PermissionError(errno.EACCES, "Permission denied", "/a/b"), "没有写入的权限：/a/b。"),
    ],
)
def test_a_disk_that_takes_no_more_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, error: OSError, sentence: str
) -> None:
    monkeypatch.setattr(import_site, "read", lambda file: breaking_off(*FIVE[:3], error=error))
    with pytest.raises(CommandError, match=f"{sentence}(没有|到第)") as raised:
        call_command("import_site", "csv", SHEET)
    assert not english_in(str(raised.value).replace("/a/b", ""))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
def test_a_report_that_cannot_be_written_is_a_sentence() -> None:
    with pytest.raises(CommandError, match="磁盘已满"):
        call_command("import_site", "wordpress", SITE, report=Path("/dev/full"), dry_run=True)


@pytest.mark.parametrize("error", [OperationalError("locked"), IntegrityError("foreign key")])
def test_a_ranking_that_fails_takes_no_report_along(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Error
) -> None:
    def failing() -> None:
        raise error

    monkeypatch.setattr(Ranking, "refresh", failing)

    call_command("import_site", "csv", SHEET)

    printed = capsys.readouterr().out
    assert "提示：文章已经导入，榜单还没有更新" in printed
    assert "新增 5" in printed


@pytest.mark.both_databases
def test_a_busy_database_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(run: ArticleImport, batch: object) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(ArticleImport, "write", locked)

    with pytest.raises(CommandError, match="数据库正被占用，请稍后再试。没有导入任何内容。"):
        call_command("import_site", "csv", SHEET)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("by_two")
def test_while_the_next_rows_are_read_anybody_may_write() -> None:
    counts: list[int] = []

    def edit() -> int:
        """Save something as an editor who would not wait."""
        try:
            with waiting_little(0.05):
                cast.draft()
            return Article.objects.published().count()
        finally:
            connection.close()

    def watched() -> Iterator[tuple[int, Row]]:
        for row in rows(*FIVE):
            with ThreadPoolExecutor() as pool:
                counts.append(pool.submit(edit).result())
            yield row

    import_articles(watched())

    assert counts == [0, 0, 2, 2, 4]


@pytest.mark.usefixtures("by_two")
def test_between_batches_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[int] = []
    monkeypatch.setattr(transfer, "let_others_write", lambda: turns.append(Article.objects.count()))

    import_articles(rows(*FIVE))

    assert turns == [2, 4]


@pytest.mark.both_databases
@pytest.mark.usefixtures("by_two")
def test_a_row_the_database_refuses_does_not_take_its_batch_along(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save = arrivals.save_new

    def refusing(new: Sequence[tuple[Article, Collection[str]]]) -> None:
        save(new)
        if any(article.title == "第 2 篇" for article, _ in new):
            raise DataError("value out of range")

    monkeypatch.setattr(arrivals, "save_new", refusing)

    report = import_articles(rows(*FIVE[:3]))

    outcomes = [Outcome.IMPORTED, Outcome.SKIPPED, Outcome.IMPORTED]
    assert [entry.outcome for entry in report.entries] == outcomes
    assert "数据库不接受这一行：value out of range" in str(report.entries[1])
    assert set(Article.objects.values_list("title", flat=True)) == {"第 1 篇", "第 3 篇"}


@pytest.mark.both_databases
def test_a_refused_row_costs_few_transactions_and_others_write_between_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    save = arrivals.save_new
    log: list[str] = []

    def refusing(new: Sequence[tuple[Article, Collection[str]]]) -> None:
        log.append("write")
        save(new)
        if any(article.title == "第 40 篇" for article, _ in new):
            raise DataError("value out of range")

    monkeypatch.setattr(arrivals, "save_new", refusing)
    monkeypatch.setattr(writing, "let_others_write", lambda: log.append("others"))

    report = import_articles(rows(*({"标题": f"第 {n} 篇"} for n in range(64))))

    assert report.count() == {Outcome.IMPORTED: 63, Outcome.SKIPPED: 1}
    assert [entry.row for entry in report.entries] == list(range(2, 66))
    assert log == [*["write", "others"] * 12, "write"]


def deadlock() -> OperationalError:
    """What Django raises where PostgreSQL breaks a deadlock."""
    error = OperationalError("deadlock detected")
    error.__cause__ = Exception()
    error.__cause__.sqlstate = "40P01"  # type: ignore[attr-defined]
    return error


@pytest.mark.both_databases
@pytest.mark.parametrize("times", [1, 4])
def test_a_batch_that_yields_to_another_import_is_written_again(
    monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    save = arrivals.save_new
    yields = [deadlock() for _ in range(times)]

    def yielding(new: Sequence[tuple[Article, Collection[str]]]) -> None:
        save(new)
        if yields:
            raise yields.pop()

    monkeypatch.setattr(arrivals, "save_new", yielding)

    report = import_articles(rows(*FIVE))

    assert report.count() == {Outcome.IMPORTED: 5}
    assert Article.objects.count() == 5


@pytest.mark.both_databases
def test_a_batch_that_always_yields_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def yielding(new: object) -> None:
        raise deadlock()

    monkeypatch.setattr(arrivals, "save_new", yielding)

    with pytest.raises(OperationalError):
        import_articles(rows(*FIVE))


MAY = "2024-05-01"


@pytest.mark.parametrize("size", [1, 2, 3, 100])
@pytest.mark.parametrize(
    ("sheet", "made"),
    [
        pytest.param(
            [
                {"编号": "7", "标题": "乙", "正文": "新的乙", "日期": MAY},
                {"标题": "甲", "正文": "另一篇甲", "日期": MAY},
            ],
            [
                ("7", "乙", "<p>新的乙</p>"),
                ("8", "丙", "<p>旧的丙</p>"),
                ("", "甲", "<p>另一篇甲</p>"),
            ],
            id="renamed-away",
        ),
        pytest.param(
            [
                {"编号": "7", "标题": "乙", "正文": "新的乙", "日期": MAY},
                {"标题": "乙", "正文": "更新的乙", "日期": MAY},
            ],
            [("7", "乙", "<p>更新的乙</p>"), ("8", "丙", "<p>旧的丙</p>")],
            id="renamed-to",
        ),
        pytest.param(
            [
                {"编号": "7", "标题": "丙", "正文": "新的丙", "日期": MAY},
                {"标题": "丙", "正文": "更新的丙"},
                {"编号": "8", "标题": "丁", "正文": "旧的丙", "日期": MAY},
            ],
            [("7", "丙", "<p>更新的丙</p>"), ("8", "丁", "<p>旧的丙</p>")],
            id="the-older-of-two",
        ),
        pytest.param(
            [
                {"编号": "8", "标题": "甲", "正文": "新的甲", "日期": MAY},
                {"编号": "7", "标题": "丁", "正文": "新的丁", "日期": MAY},
                {"标题": "甲", "正文": "更新的甲"},
                {"标题": "甲", "正文": "最新的甲", "日期": MAY},
            ],
            [("7", "丁", "<p>新的丁</p>"), ("8", "甲", "<p>最新的甲</p>")],
            id="names-handed-on",
        ),
        pytest.param(
            [
                {"编号": "7", "标题": "甲", "正文": "移走的甲", "日期": "2024-06-01"},
                {"标题": "甲", "正文": "五月的甲", "日期": MAY},
            ],
            [
                ("7", "甲", "<p>移走的甲</p>"),
                ("8", "丙", "<p>旧的丙</p>"),
                ("", "甲", "<p>五月的甲</p>"),
            ],
            id="moved-to-another-day",
        ),
        *(
            pytest.param(
                [
                    {"标题": "新篇", "正文": "一", "日期": MAY, "状态": first},
                    {"标题": "新篇", "正文": "二", "日期": "2024-06-01", "状态": second},
                    {"标题": "新篇", "正文": "三", "状态": second},
                ],
                [
                    ("7", "甲", "<p>旧的甲</p>"),
                    ("8", "丙", "<p>旧的丙</p>"),
                    ("", "新篇", "<p>三</p>"),
                    ("", "新篇", "<p>二</p>"),
                ],
                id=f"{first}-{second}",
            )
            for first in ("已发布", "草稿", "已下线")
            for second in ("已发布", "已下线")
        ),
    ],
)
def test_what_rows_find_does_not_depend_on_where_a_batch_ends(
    monkeypatch: pytest.MonkeyPatch,
    sheet: list[Row],
    made: list[tuple[str, str, str]],
    size: int,
) -> None:
    import_articles(
        rows(
            {"编号": "7", "标题": "甲", "正文": "旧的甲", "日期": MAY},
            {"编号": "8", "标题": "丙", "正文": "旧的丙", "日期": MAY},
        )
    )
    monkeypatch.setattr(transfer, "ROWS", size)

    import_articles(rows(*sheet))

    found = Article.objects.order_by("pk").values_list("legacy_id", "title", "body")
    assert list(found) == made


def cells(**given: st.SearchStrategy[str]) -> st.SearchStrategy[Row]:
    return st.fixed_dictionaries({"标题": st.sampled_from("甲乙丙")}, optional={**given})


@hypothesis.settings(
    max_examples=40,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    sheet=st.lists(
        cells(
            编号=st.sampled_from("123"),
            日期=st.sampled_from([MAY, "2024-05-01 09:30", "2024-06-01", "2099-01-01"]),
            状态=st.sampled_from(["已发布", "草稿", "已下线"]),
            摘要=st.sampled_from(["短", "长" * 300]),  # the long one is refused
            标签=st.sampled_from(["社保", "社保、SMT", "smt"]),
        ),
        min_size=3,
        max_size=9,
    ),
    before=st.integers(0, 2),
    size=st.integers(2, 9),
)
def test_a_sheet_comes_to_the_same_whatever_the_size_of_its_batches(
    monkeypatch: pytest.MonkeyPatch, sheet: list[Row], before: int, size: int
) -> None:
    def imported(size: int) -> tuple[list[str], Sequence[object]]:
        with transaction.atomic(), monkeypatch.context() as m:
            m.setattr(Ranking, "refresh", lambda: None)
            m.setattr(transfer, "let_others_write", lambda: None)
            import_articles(rows(*sheet[:before]))
            m.setattr(transfer, "ROWS", size)
            # Each row says something of its own, so that none can be taken for another.
            own = ({**row, "来源": f"第 {n} 家报纸"} for n, row in enumerate(sheet))
            report = import_articles(rows(*own))
            articles = [
                (*about, *sorted(Article.objects.get(pk=pk).tags.names()))
                for pk, *about in Article.objects.order_by("pk").values_list(
                    "pk", "legacy_id", "title", "go_live_at", "status", "summary", "source_name"
                )
            ]
            transaction.set_rollback(True)
        return [*map(str, report.entries)], articles

    with time_machine.travel(timezone.now(), tick=False):
        assert imported(size) == imported(1)


def test_what_several_rows_say_of_an_article_is_all_kept() -> None:
    """Found by its number, by its new title, and by its number again in the next sheet's words."""
    import_articles(rows({"编号": "7", "标题": "甲", "正文": "旧文", "标签": "社保", "日期": MAY}))

    report = import_articles(
        rows(
            {"标题": "甲", "标签": "工伤", "日期": MAY},
            {"编号": "7", "标题": "乙", "日期": MAY},
            {"标题": "乙", "摘要": "新的摘要", "日期": MAY},
            {"标题": "乙", "来源": "某报"},
        )
    )

    assert report.count() == {Outcome.CHANGED: 4}
    article = Article.objects.get()
    told = (article.title, article.summary, article.source_name, article.body)
    assert told == ("乙", "新的摘要", "某报", "<p>旧文</p>")
    assert set(article.tags.names()) == {"工伤"}


UNDATED: list[Row] = [{"标题": title, "正文": "文"} for title in "甲乙丙丁"]


@pytest.mark.parametrize("size", [1, 100])
@pytest.mark.parametrize("later", [timedelta(seconds=1), timedelta(days=400)])
def test_rows_without_dates_keep_their_order_where_a_run_broke_off(
    monkeypatch: pytest.MonkeyPatch, later: timedelta, size: int
) -> None:
    monkeypatch.setattr(transfer, "ROWS", 1)
    now = timezone.now()
    for runs, last in enumerate([1, 3], start=1):
        with (
            time_machine.travel(now - later / runs, tick=False),
            pytest.raises(SheetError),
        ):
            import_articles(breaking_off(*UNDATED[:last]))
    monkeypatch.setattr(transfer, "ROWS", size)

    import_articles(rows(*UNDATED))

    assert [article.title for article in Article.objects.published().newest()] == [*"甲乙丙丁"]


def test_a_row_whose_article_has_a_date_of_its_own_dates_no_other() -> None:
    import_articles(rows({"标题": "有日期的", "正文": "文", "日期": MAY}))
    editors = cast.article("编辑写的", **cast.live(60 * 24))
    Article.objects.filter(pk=editors.pk).update(updated_by=cast.xiaolin())
    started = timezone.now()

    titles = ["有日期的", "编辑写的", "没日期的"]
    import_articles(rows(*({"标题": title, "正文": "文"} for title in titles)))

    dated = Article.objects.get(title="没日期的").go_live_at
    assert dated is not None
    assert started - timedelta(seconds=1) < dated <= timezone.now()


def test_a_row_finds_the_article_of_another_in_the_same_batch() -> None:
    report = import_articles(
        rows(
            {"标题": "同一天的通知", "正文": "旧文", "发布日期": "2024-05-01 08:00"},
            {"标题": "同一天的通知", "正文": "另一篇", "发布日期": "2024-05-02"},
            {"标题": "同一天的通知", "正文": "新文", "发布日期": "2024-05-01 09:30"},
        )
    )

    assert report.count() == {Outcome.IMPORTED: 2, Outcome.CHANGED: 1}
    bodies = Article.objects.order_by("go_live_at").values_list("body", flat=True)
    assert list(bodies) == ["<p>新文</p>", "<p>另一篇</p>"]


@pytest.mark.both_databases
def test_a_refused_change_is_not_stored_with_the_next_of_its_article() -> None:
    import_articles(rows({"标题": "一篇", "正文": "文", "发布日期": "2024-05-01"}))

    report = import_articles(
        rows(
            {"标题": "一篇", "发布日期": "2024-05-01 08:00", "摘要": "长" * 300},
            {"标题": "一篇", "发布日期": "2024-05-01 09:00", "来源": "某报"},
        )
    )

    assert report.count() == {Outcome.SKIPPED: 1, Outcome.CHANGED: 1}
    article = Article.objects.get()
    assert (article.summary, article.source_name) == ("", "某报")


@pytest.mark.both_databases
def test_a_refused_row_makes_neither_category_nor_author() -> None:
    import_articles(
        rows({"标题": "长" * 300, "正文": "文", "栏目": "没有的栏目", "作者": "没有的作者"})
    )

    assert not Category.objects.exists()
    assert not Author.objects.exists()


def test_a_hundred_new_rows_cost_little_more_than_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    import_articles(rows({"标题": "为了标签和栏目", "标签": "社保"}))
    some: list[Row] = [
        {"编号": str(n), "标题": f"第 {n} 篇", "正文": "文", "标签": "社保"} for n in range(30)
    ]

    # What the index asks for each, what a batch costs, and the ranking.
    with django_assert_max_num_queries(4 * len(some) + 70):
        import_articles(rows(*some))


def test_a_sheet_without_titles_is_a_sentence() -> None:
    with pytest.raises(SheetError, match="没有“标题”列"):
        import_articles(rows({"题头": "一"}))


@pytest.mark.usefixtures("by_two")
def test_a_dry_run_reports_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_site", "csv", SHEET, "--dry-run")
    printed = capsys.readouterr().out
    assert "共 7 行：新增 5，更新 0，未变 0，跳过 2" in printed
    assert "这是试运行" in printed
    assert not Article.objects.exists()
    assert not Category.objects.exists()


def test_the_command_says_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("import_site", "csv", tmp_path / "nichts.csv")


def test_a_reader_sees_the_imported_article_and_the_titles_in_the_top_list(client: Client) -> None:
    import_articles(read(SHEET))
    article = Article.objects.get(legacy_id="", title__startswith="派遣用工比例")
    page = client.get(article.get_absolute_url()).content.decode()
    assert page.index("Admin - admin 于2022年01月26日发表") < page.index("本文为转载示例")
    top = client.get("/articles/top/").content.decode()
    assert "暑假工到岗前要准备的材料" in top


def test_an_article_taken_off_the_site_is_not_brought_back_by_a_scheduled_change() -> None:
    article = cast.article("要下线的文章", legacy_id="88")
    content = {**drafts.working_content(article), "title": "定了时的标题"}
    actions.save(article, content, cast.laozhou())
    actions.schedule(article, cast.laozhou(), timezone.now() + timedelta(minutes=5))

    import_articles(rows({"编号": "88", "标题": "要下线的文章", "状态": "已下线"}))
    actions.apply_due(timezone.now() + timedelta(minutes=6))

    article.refresh_from_db()
    assert article.state == State.WITHDRAWN
    assert not PendingDraft.objects.exists()
    assert any(r.content["title"] == "定了时的标题" for r in Revision.objects.about(article))
