"""Importing a sheet of articles: what is made, found again, refused and reported."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DataError, OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article, Author, Category
from portal.cms.locking import waiting_little
from portal.cms.publishing import State
from portal.cms.revisions import actions
from portal.cms.revisions.models import PendingDraft, Revision
from portal.cms.site import SiteProfile
from portal.management.commands import import_site
from portal.transfer import arrivals
from portal.transfer import articles as transfer
from portal.transfer.articles import ArticleImport, import_articles
from portal.transfer.report import Outcome, Report
from portal.transfer.sheet import Row, SheetError, read
from tests import cast

pytestmark = pytest.mark.django_db
SHEET = Path(__file__).parent.parent / "data" / "articles.csv"


def rows(*cells: Row) -> Iterator[tuple[int, Row]]:
    return iter(enumerate(cells, start=2))


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


def test_an_account_that_is_a_login_name_is_pointed_out() -> None:
    login = cast.xiaolin().username
    report = import_articles(rows({"标题": "一", "作者": "小林", "账号": login}))
    assert "与后台登录名相同" in str(report.entries[0])


# --- By batches -------------------------------------------------------------------------------------


@pytest.fixture
def by_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches of two rows."""
    monkeypatch.setattr(transfer, "ROWS", 2)


def breaking_off(*cells: Row) -> Iterator[tuple[int, Row]]:
    yield from rows(*cells)
    raise SheetError("文件断了。")


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
    content = {**actions.working_content(article), "title": "定了时的标题"}
    actions.save(article, content, cast.laozhou())
    actions.schedule(article, cast.laozhou(), timezone.now() + timedelta(minutes=5))

    import_articles(rows({"编号": "88", "标题": "要下线的文章", "状态": "已下线"}))
    actions.apply_due(timezone.now() + timedelta(minutes=6))

    article.refresh_from_db()
    assert article.state == State.WITHDRAWN
    assert not PendingDraft.objects.exists()
    assert any(r.content["title"] == "定了时的标题" for r in Revision.objects.about(article))
