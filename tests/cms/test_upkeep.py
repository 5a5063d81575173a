"""`check_site`: each thing that may come out of step is found, and mended where it can be."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from taggit.models import Tag, TaggedItem

from articles.models import Article, TagEntry
from portal.cms.engines.models import CrawledPage, PublicAddress
from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.outage import StorageAwayError
from portal.cms.private import keeping
from portal.cms.private.keeping import keep
from portal.cms.private.models import PrivateFile
from portal.cms.private.storage import private_storage
from portal.cms.redirects.models import Redirect
from portal.cms.search.models import IndexEntry, Texts
from portal.cms.search.register import searchable_of
from portal.cms.signing_in.secrets import encipher
from portal.cms.site import Page
from portal.cms.upkeep import columns, library, redirects
from portal.cms.upkeep.register import checks
from staffing.models import Enquiry
from staffing.privacy.erasing import erase_enquiries
from tests import cast
from tests.cms import samples
from tests.desk.forms import form_of, values

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
sqlite_alone = pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL sees to it")
LONG_AGO = time.time() - 3 * 86_400


def found(key: str) -> list[str]:
    return list(next(check for check in checks() if check.key == key).find())


def mended(key: str) -> int:
    mend = next(check for check in checks() if check.key == key).mend
    assert mend is not None
    return mend()


def figure(file: MediaFile) -> str:
    return f'<figure><img data-file="{file.pk}"></figure>'


def run(*arguments: str) -> tuple[str, str]:
    """Return what the command said, and with which sentence it failed."""
    said = io.StringIO()
    try:
        call_command("check_site", *arguments, stdout=said)
    except CommandError as error:
        return said.getvalue(), str(error)
    return said.getvalue(), ""


# --- The command -----------------------------------------------------------------------------------------


def test_a_site_in_use_is_in_order(media_root: Path) -> None:
    """All that the builders make by way of saves: nothing is out of step, and no check fails."""
    shown = samples.picture("厂门口.jpg", (60, 40))
    cast.article("带图的", tags=("派遣",), body=figure(shown), cover=shown)
    cast.draft(tags=("草稿",))
    cast.service()
    cast.job()
    cast.enquiry()
    cast.ticket()
    cast.redirect()
    cast.redirect("/old.html", item=cast.page())
    PublicAddress.objects.create(path="/a/")
    said, failure = run()
    assert failure == "", said
    assert said.count("：正常") == len(checks())
    assert "没有发现问题。" in said


def test_what_is_wrong_is_told_and_mended_on_demand() -> None:
    Enquiry.objects.filter(pk=cast.enquiry().pk).update(phone_key="old")
    CrawledPage.objects.create(path="/a/", broken=[["/b/", "dead"]], has_dead_links=True)
    said, failure = run("--only=phones", "--only=links")
    assert "按电话号码查找的键（phones）：1 处问题" in said
    assert "/a/ 里有 1 个打不开的站内链接，例如 /b/。" in said
    assert failure == "共有 2 处问题。加 --fix 可修好能自动修好的。"
    said, failure = run("--only=phones", "--only=links", "--fix")
    assert "修好 1 处" in said
    assert "需要人工处理" in said
    assert failure == "共有 1 处问题。"
    assert found("phones") == []


def test_a_long_list_is_cut_unless_all_is_asked_for() -> None:
    for _ in range(22):
        cast.enquiry()
    Enquiry.objects.update(phone_key="old")
    assert "还有 2 处" in run("--only=phones")[0]
    assert "还有" not in run("--only=phones", "--verbosity=2")[0]


# --- The library ---------------------------------------------------------------------------------------------


def test_a_lost_file_is_told() -> None:
    file = samples.picture("厂门口.jpg", (60, 40))
    default_storage.delete(file.image_file.name)
    (words,) = found("media")
    assert "厂门口" in words
    assert file.image_file.name in words
    assert found("sizes") == [], "nobody can make them"


def test_files_of_no_row_go_once_they_are_old(media_root: Path) -> None:
    file = samples.picture("厂门口.jpg", (60, 40))
    samples.document()
    old = default_storage.save("cabinet/2026/01/0123456789abcdef.jpg", ContentFile(b"x"))
    default_storage.save("cabinet/2026/01/fedcba9876543210.jpg", ContentFile(b"young"))
    by_hand = default_storage.save("operator.txt", ContentFile(b"mine"))
    for path in media_root.rglob("*.*"):
        if "fedcba" not in path.name:
            os.utime(path, (LONG_AGO, LONG_AGO))
    assert found("strays") == [f"{old} 不属于图库里的任何一条。"]
    assert mended("strays") == 1
    assert not default_storage.exists(old)
    assert default_storage.exists(by_hand)
    assert default_storage.exists(file.image_file.name)
    assert (found("strays"), found("media"), found("sizes")) == ([], [], [])


def test_files_of_another_database_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "FEW", 1)
    monkeypatch.setattr(library, "YOUNG", timedelta())
    for n in range(2):
        default_storage.save(f"cabinet/2026/01/{n}.jpg", ContentFile(b"x"))
    assert "连错了数据库" in found("strays")[0]
    assert mended("strays") == 0
    assert len(found("strays")) == 3


def test_files_that_an_older_database_does_not_know_yet_are_left_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(library, "FEW", 1)
    monkeypatch.setattr(library, "YOUNG", timedelta())
    for n in range(2):
        default_storage.save(f"cabinet/2026/01/{n}.jpg", ContentFile(b"x"))
        samples.document()
    assert mended("strays") == 2, "the newest row is newer than they are"

    MediaFile.objects.update(created_at=timezone.now() - timedelta(days=7))
    for n in range(2):
        default_storage.save(f"cabinet/2026/01/{n}.jpg", ContentFile(b"x"))
    assert "连错了数据库" in found("strays")[0]
    assert mended("strays") == 0


def test_a_store_that_is_away_stops_no_other_check(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(path: str) -> tuple[list[str], list[str]]:
        raise StorageAwayError("连不上")

    monkeypatch.setattr(default_storage, "listdir", away)
    said, failure = run("--only=media", "--only=redirects", "--fix")
    assert "图库的文件（media）：没有查完，文件读不到：连不上" in said
    assert "跳转（redirects）：正常" in said
    assert failure == "共有 1 处问题。"


def test_sizes_that_are_gone_are_made_anew() -> None:
    file = samples.picture("厂门口.jpg", (60, 40))
    card = file.image_file.card.removeprefix("/media/")
    default_storage.delete(card)
    assert found("sizes") == [f"“厂门口”（编号 {file.pk}）缺 1 种尺寸的图。"]
    assert mended("sizes") == 1
    assert default_storage.exists(card)
    assert found("sizes") == []


def test_pictures_in_texts_are_known_to_be_in_use_again() -> None:
    shown, other = (samples.picture(f"{name}.jpg", (60, 40)) for name in "甲乙")
    article = cast.article("有图", body=figure(shown))
    MediaUse.objects.all().delete()
    kind = ContentType.objects.get_for_model(Page)
    MediaUse.objects.create(file=other, content_type=kind, object_id=cast.page().pk)
    assert len(found("uses")) == 2
    assert mended("uses") == 2
    (use,) = MediaUse.objects.all()
    assert (use.user, use.file) == (article, shown)
    assert found("uses") == []


def test_records_of_use_of_what_is_gone_hold_no_picture_any_more() -> None:
    kind = ContentType.objects.get_for_model(Page)
    MediaUse.objects.create(file=samples.picture(), content_type=kind, object_id=999)
    assert len(found("orphans")) == 1
    assert mended("orphans") == 1
    assert not MediaUse.objects.exists()


def test_private_files_and_their_rows() -> None:
    storage = private_storage()
    lost, cut, kept = (keep(samples.named(samples.PDF, "简历.pdf"), "cv") for _ in range(3))
    storage.delete(lost.file.name)
    Path(storage.path(cut.file.name)).write_bytes(b"%PDF")
    stray = storage.save("2026/01/stray.pdf", ContentFile(b"x"))
    os.utime(storage.path(stray), (LONG_AGO, LONG_AGO))
    words = "".join(found("private"))
    assert f"私密文件 {lost.pk} 的文件不在了" in words
    assert f"私密文件 {cut.pk} 的大小与收到时不同" in words
    assert stray in words
    assert "简历" not in words
    assert mended("private") == 1
    assert not storage.exists(stray)
    assert storage.exists(kept.file.name)
    assert PrivateFile.objects.count() == 3


def test_private_files_of_another_database_are_left_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A mistyped DATABASE_URL makes an empty database; the night must not empty the folder, too."""
    monkeypatch.setattr(keeping, "FEW", 1)
    monkeypatch.setattr(keeping, "YOUNG", timedelta())
    storage = private_storage()
    names = [storage.save(f"2026/01/{n}.pdf", ContentFile(b"x")) for n in range(2)]
    assert mended("private") == 0
    assert all(map(storage.exists, names))
    assert "is this their database?" in caplog.text


# --- Redirects -------------------------------------------------------------------------------------------------


def test_redirects_that_lead_nowhere() -> None:
    gone, withdrawn = (
        cast.page("gone"),
        cast.page("withdrawn", **cast.live(5), deleted_at=timezone.now()),
    )
    fine = cast.redirect("/fine.html", item=withdrawn)
    to_gone = cast.redirect("/gone.html", item=gone)
    Page.objects.filter(pk=gone.pk).delete()
    to_number = cast.redirect("/12.html", "/articles/987654/", origin="old.example")
    typed = cast.redirect("/13.html", "/articles/987654/")
    list_gone = cast.redirect("/list.html", "/articles/category/never/", origin="old.example")
    cast.redirect("/moved.html", "/12-new.html", origin="old.example")
    cast.redirect("/12-new.html", "/articles/")
    for a, b in (("/a.html", "/b.html"), ("/b.html", "/a.html")):
        cast.redirect(a, b, origin="old.example")
    words = found("redirects")
    assert words == [
        "/gone.html 要跳转到的内容已经彻底删除。",
        "/12.html 跳转到的 /articles/987654/ 已经没有了。",
        "/13.html 跳转到的 /articles/987654/ 已经没有了。",
        "/list.html 跳转到的 /articles/category/never/ 打不开。",
        "/a.html 跳转成了一个圈。",
        "/b.html 跳转成了一个圈。",
    ]
    assert mended("redirects") == 4
    codes = dict(Redirect.objects.values_list("old", "code"))
    assert "/a.html" not in codes
    assert [codes[row.old] for row in (to_gone, to_number, typed, list_gone, fine)] == [
        410, 410, 301, 301, 301,
    ]  # fmt: skip
    assert len(found("redirects")) == 2, "what a person typed, a person decides"


def test_what_is_changed_while_all_is_looked_at_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """An editor saves in the minutes between the look and the mending."""
    row = cast.redirect("/12.html", "/articles/987654/", origin="old.example")
    judged = list(redirects.faults())
    monkeypatch.setattr(redirects, "faults", lambda: iter(judged))
    Redirect.objects.filter(pk=row.pk).update(target="/articles/")
    assert mended("redirects") == 0
    assert Redirect.objects.get().target == "/articles/"

    Redirect.objects.update(key="old")
    misfiled = list(redirects.misfiled())
    monkeypatch.setattr(redirects, "misfiled", lambda: iter(misfiled))
    Redirect.objects.get().save()  # finds its key itself
    renamed = Redirect.objects.get()
    renamed.old = "/13.html"
    renamed.save()
    assert mended("keys") == 0
    assert Redirect.objects.get().key == renamed.key


def test_of_a_text_that_is_saved_meanwhile_what_it_shows_now_is_recorded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before, after = (samples.picture(f"{name}.jpg", (60, 40)) for name in "甲乙")
    article = cast.article("有图", body=figure(before))
    MediaUse.objects.all().delete()
    judged = list(library.unrecorded())
    monkeypatch.setattr(library, "unrecorded", lambda: iter(judged))
    Article.objects.filter(pk=article.pk).update(body=figure(after))
    assert mended("uses") == 1
    assert [use.file for use in MediaUse.objects.all()] == [after]


def test_a_pattern_that_cannot_be_read_is_told() -> None:
    row = cast.redirect("/news/(\\d+).html", "/articles/", kind=Redirect.Kind.PATTERN)
    assert found("redirects") == []
    Redirect.objects.filter(pk=row.pk).update(old="/news/(x+).html")
    (words,) = found("redirects")
    assert "不起作用" in words


def test_rows_are_found_by_their_address_again() -> None:
    row, address = cast.redirect(), PublicAddress.objects.create(path="/a/")
    keys = row.key, address.key
    Redirect.objects.update(key="old")
    PublicAddress.objects.update(key="old")
    assert len(found("keys")) == 2
    assert mended("keys") == 2
    assert (Redirect.objects.get().key, PublicAddress.objects.get().key) == keys


# --- What follows from texts --------------------------------------------------------------------------------------


def test_the_index_follows_the_texts_again(client: Client) -> None:
    stale, missing, bare = (cast.article(f"{word}的岗位") for word in ("旧", "缺", "空"))
    number = searchable_of(Article).number
    places = dict(IndexEntry.objects.filter(kind=number).values_list("object_id", "place"))
    Article.objects.filter(pk=stale.pk).update(title="新写的岗位")
    IndexEntry.objects.filter(kind=number, object_id=missing.pk).delete()
    Texts.objects.filter(rowid=places[bare.pk])._raw_delete("default")
    (words,) = found("search")
    assert words.startswith("资讯：1 条没有编入索引，1 条索引是旧的，3 条索引不完整")
    assert mended("search") > 0
    assert found("search") == []
    assert stale.get_absolute_url() in client.get("/search/?q=新写").content.decode()


@sqlite_alone
def test_a_damaged_index_is_built_anew() -> None:
    cast.article("劳务派遣")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cms_texts_content SET c0 = '别的'")
    assert "全文索引 cms_texts 已损坏。" in found("search")
    assert mended("search") > 0
    assert found("search") == []


def test_articles_stand_under_their_tags_again() -> None:
    lacking, moved, hidden = (cast.article(name, tags=("派遣",)) for name in "甲乙丙")
    TagEntry.objects.filter(article=lacking).delete()
    Article.objects.filter(pk=moved.pk).update(go_live_at=timezone.now() - timedelta(days=9))
    Article.objects.filter(pk=hidden.pk).update(deleted_at=timezone.now())
    assert len(found("tags")) == 3
    assert mended("tags") == 3
    assert set(TagEntry.objects.values_list("article", flat=True)) == {lacking.pk, moved.pk}
    assert found("tags") == []
    tag, kind = Tag.objects.get(), ContentType.objects.get_for_model(Article)
    TaggedItem.objects.create(tag=tag, content_type=kind, object_id=987_654)
    assert len(found("tagged")) == 1
    assert (mended("tagged"), found("tagged")) == (1, [])


def test_a_number_is_found_again_after_the_key_has_changed() -> None:
    rows = cast.enquiry(phone="+8613800138000"), cast.ticket(phone="+8613800138000")
    erased = cast.enquiry()
    erase_enquiries([erased.pk], None, "到期")
    for row in rows:
        type(row)._base_manager.filter(pk=row.pk).update(phone_key="old")
    assert len(found("phones")) == 2
    assert mended("phones") == 2
    assert Enquiry.objects.of_phone("+8613800138000").count() == 1
    assert Enquiry.objects.get(pk=erased.pk).phone_key == erased.phone_key


def test_a_second_factor_under_another_key_is_told() -> None:
    from allauth.mfa.models import Authenticator

    owner = cast.laochen()
    factor = Authenticator.objects.create(
        user=owner, type=Authenticator.Type.TOTP, data={"secret": encipher("ABC")}
    )
    assert found("secrets") == []
    factor.data = {"secret": encipher("ABC")[:-8] + "AAAAAAA="}
    factor.save()
    (words,) = found("secrets")
    assert "老陈" in words


# --- The database ---------------------------------------------------------------------------------------------------


@sqlite_alone
def test_what_postgresql_would_refuse_is_named() -> None:
    article = cast.article("够短")
    cast.article('写着 \\u0000 的，不是"\\u0000"空字符')
    with connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET title = %s, body = %s WHERE id = %s",
                       ["长" * 500, "<p>空\0字符</p>", article.pk])  # fmt: skip
        cursor.execute("UPDATE articles_author SET name = 'a' || char(0) || 'b'")
    page = CrawledPage.objects.create(path="/a/", broken=[["/\0/", "dead"], ["\\u0000", "dead"]])
    fine = CrawledPage.objects.create(path="/b/", broken=[["\\u0000", "dead"]])
    CrawledPage.objects.filter(pk=fine.pk).update(milliseconds=2**40)
    words = sorted(columns.refused())
    assert words == sorted([
        f"文章 {article.pk} 的“标题”有 500 字，超过 200 字。",
        f"文章 {article.pk} 的“正文”含有 PostgreSQL 不接受的空字符。",
        f"作者 {article.author_id} 的“{name_of('articles', 'author', 'name')}”含有 PostgreSQL 不接受的空字符。",
        f"页面检查 {page.pk} 的“死链”含有 PostgreSQL 不接受的空字符。",
        f"页面检查 {fine.pk} 的“毫秒”不是这一栏能存的数字。",
    ])  # fmt: skip
    assert found("columns") == list(columns.refused())


def name_of(app: str, model: str, field: str) -> str:
    kind: Any = ContentType.objects.get_by_natural_key(app, model).model_class()
    return str(kind._meta.get_field(field).verbose_name)


@sqlite_alone
def test_a_row_that_points_at_nothing_is_told() -> None:
    article = cast.article()
    with connection.constraint_checks_disabled(), connection.cursor() as cursor:
        cursor.execute("UPDATE articles_article SET cover_id = 987654")
        assert any("articles_article" in words for words in found("database"))
        cursor.execute("UPDATE articles_article SET cover_id = NULL")
    assert found("database") == []
    assert article.pk


# --- No room on the disk ---------------------------------------------------------------------------------------------


@pytest.fixture
def fill(transactional_db: None) -> Iterator[Callable[[], int]]:
    """The database cannot grow any more; as on a full disk, SQLite says so at the first page it needs."""

    def pragma(sentence: str) -> int:
        with connection.cursor() as cursor:
            return int(cursor.execute(f"PRAGMA {sentence}").fetchone()[0])

    most = pragma("max_page_count")
    yield lambda: pragma(f"max_page_count = {pragma('page_count')}")
    pragma(f"max_page_count = {most}")


@sqlite_alone
def test_on_a_full_disk_readers_read_and_writers_are_told(
    client: Client, fill: Callable[[], int]
) -> None:
    article = cast.article("早就在的文章")
    client.force_login(cast.laochen())
    form = values(client.get(form_of(article)))
    fill()
    with suppress(OperationalError):  # what was freed before is taken first
        for n in range(500):
            cast.article(f"撑满{n}", body=f"<p>{'满' * 3000}</p>")
    before = Article.objects.count()

    answer = client.post(
        form_of(article), {**form, "body": f"<p>{'新' * 300_000}</p>", "_save": "1"}
    )

    assert answer.status_code == 503
    assert "磁盘已满，没有保存" in answer.content.decode()
    assert int(answer["Retry-After"]) > 0
    assert Client().get(article.get_absolute_url()).status_code == 200
    assert Article.objects.count() == before
    assert Article.objects.get(pk=article.pk).body == article.body
    assert found("database") == []
