"""The whole site out and into an empty one: the same pages; and whatever else somebody puts into a zip."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import JSONField
from django.test import Client
from django.utils import timezone

from articles.models import Article, Author
from portal.cms.kinds import kinds
from portal.cms.media.models import MediaFile
from portal.cms.pagecache.epochs import clock
from portal.cms.redirects.keys import key_of
from portal.cms.redirects.models import Redirect
from portal.cms.revisions.content import content_of
from portal.cms.revisions.models import PendingDraft, Revision
from portal.cms.search import indexing
from portal.cms.site import Page, SiteLink
from portal.transfer.sources.records import SourceError
from portal.transfer.whole import contents, derived, importing, rows
from portal.transfer.whole.carried import CARRIED
from portal.transfer.whole.exporting import export_site
from portal.transfer.whole.importing import import_site
from portal.transfer.whole.manifest import VERSION
from tests import cast
from tests.cms import samples
from tests.transfer import whole_site

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
NOON = "2026-11-23 12:00 +0800"


@time_machine.travel(NOON, tick=False)
def test_the_pages_of_an_empty_site_are_those_of_the_export(
    client: Client, tmp_path: Path, settings: Any
) -> None:
    whole_site.build()
    for kind in CARRIED:
        assert kind._base_manager.exists(), f"nothing of {kind.__name__} in the site that is tried"
    before = whole_site.crawl(client)
    assert len(before) > 60
    numbers = {kind: list(kind._base_manager.order_by("pk").values_list("pk")) for kind in CARRIED}
    gone = cast.article("删掉的一篇")
    number = gone.pk
    gone.delete()
    file = tmp_path / "site.zip"
    exported = export_site(file)
    assert exported.missing == []
    assert file.stat().st_mode & 0o077 == 0

    whole_site.wipe()
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    clock.reset()
    done = import_site(file)
    assert done.warnings == []
    for kind in CARRIED:
        assert list(kind._base_manager.order_by("pk").values_list("pk")) == numbers[kind]
    after = whole_site.crawl(client)
    assert after.keys() == before.keys()
    for url, content in before.items():
        assert after[url] == content, url

    assert indexing.is_current()
    assert MediaFile.objects.exclude(image_file="").get().shapes_made
    # What is made from now on gets no number that a row had which is gone.
    assert cast.article("新的一篇").pk > number
    # Whoever wrote it, accounts stay behind; what was going to be is there.
    assert not Author.objects.exclude(user=None).exists()
    assert PendingDraft.objects.get().begun_by is None
    assert Revision.objects.filter(by=None).exists()


EXPORTED: list[bytes] = []


def exported(tmp_path: Path) -> Path:
    """A small export, the same for every test of a process, and an empty site to put it into."""
    if EXPORTED:
        whole_site.wipe()
        (tmp_path / "site.zip").write_bytes(EXPORTED[0])
        return tmp_path / "site.zip"
    picture = samples.picture()
    samples.document()
    cast.article(cover=picture, body=f'<figure><img data-file="{picture.pk}"></figure><p>略。</p>')
    cast.page()
    cast.service()
    export_site(tmp_path / "site.zip")
    whole_site.wipe()
    for name in (tmp_path / "media").rglob("*.*"):
        name.unlink()
    EXPORTED.append((tmp_path / "site.zip").read_bytes())
    return tmp_path / "site.zip"


Change = Callable[[dict[str, bytes]], None]


def rewritten(path: Path, change: Change) -> Path:
    """The export with other members, and a manifest that says just that."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    change(members)
    if members["manifest.json"] == json.dumps(manifest, ensure_ascii=False, indent=2).encode():
        for part in manifest["parts"]:
            content = members[part["name"]]
            part |= {
                "bytes": len(content),
                "sha256": sha256(content).hexdigest(),
                "rows": content.count(b"\n"),
            }
        media = [len(content) for name, content in members.items() if name.startswith("media/")]
        manifest |= {"media_files": len(media), "media_bytes": sum(media)}
        members["manifest.json"] = json.dumps(manifest).encode()
    other = path.with_name("other.zip")
    with zipfile.ZipFile(other, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return other


def in_row(label: str, **fields: Any) -> Change:
    """Change fields of the first row of a part, or its number."""

    def change(members: dict[str, bytes]) -> None:
        name = f"data/{label}.jsonl"
        first, _, rest = members[name].partition(b"\n")
        row = json.loads(first)
        row["pk"] = fields.pop("pk", row["pk"])
        row["fields"] |= fields
        members[name] = json.dumps(row).encode() + b"\n" + rest

    return change


def in_manifest(**values: Any) -> Change:
    def change(members: dict[str, bytes]) -> None:
        members["manifest.json"] = json.dumps(
            json.loads(members["manifest.json"]) | values
        ).encode()

    return change


def another(name: str, content: bytes) -> Change:
    def change(members: dict[str, bytes]) -> None:
        members[name] = content

    return change


def as_picture(content: bytes) -> Change:
    """Put something else in the place of every picture."""

    def change(members: dict[str, bytes]) -> None:
        for name in members:
            if name.endswith(".jpg"):
                members[name] = content

    return change


def macros(members: dict[str, bytes]) -> None:
    for name in members:
        if name.endswith(".pdf"):
            members[name] = samples.office("word/document.xml", "word/vbaProject.bin")


def with_row(label: str, **fields: Any) -> Change:
    """Add a row to a part."""

    def change(members: dict[str, bytes]) -> None:
        row = {"model": label, "pk": 900, "fields": fields}
        members[f"data/{label}.jsonl"] += json.dumps(row).encode() + b"\n"

    return change


def redirect(**fields: Any) -> Change:
    made = {"kind": "exact", "target": "/articles/", "content_type": None, "object_id": None}
    state = {"code": 301, "origin": "", "note": "", "hits": 0, "last_hit_at": None}
    known = {"key": "a" * 32, "created_at": "2026-01-01T00:00:00+00:00", "created_by": None}
    return with_row("cms.redirect", **made | state | known | fields)


def draft(content: Any, **fields: Any) -> Change:
    """Add a change of the article that is due."""
    about = {"content_type": ["articles", "article"], "object_id": 1, "status": "scheduled"}
    moments = dict.fromkeys(("apply_at", "begun_at", "updated_at"), "2026-01-01T00:00:00+00:00")
    nobody: dict[str, Any] = {"problem": "", "begun_by": None, "updated_by": None, "base": {}}
    return with_row("cms.pendingdraft", **about | moments | nobody | {"content": content} | fields)


def revision(content: Any) -> Change:
    about = {"content_type": ["articles", "article"], "object_id": 1, "event": "saved", "note": ""}
    at = {"version": 1, "by": None, "at": "2026-01-01T00:00:00+00:00"}
    return with_row("cms.revision", **about | at | {"content": content})


def proof(name: str, content: str = "abc") -> Change:
    return with_row("cms.verification", engine="other", way="file", name=name, content=content)


HOSTILE: dict[str, tuple[Change, str]] = {
    "a newer format": (in_manifest(version=VERSION + 1), "请先把网站程序升级"),
    "a newer site": (in_manifest(migrations={"cms": "9999_tomorrow"}), "请先升级本站的程序"),
    "another's manifest": (in_manifest(format="else"), "不是本系统整站导出的清单"),
    "parts that are none": (in_manifest(parts=["x"]), "不完整"),
    "numbers that are none": (in_manifest(media_bytes="1"), "数字不对"),
    "accounts": (
        in_manifest(
            parts=[
                {
                    "name": "data/cms.user.jsonl",
                    "model": "cms.user",
                    "rows": 0,
                    "bytes": 0,
                    "sha256": "",
                    "last_number": 0,
                }
            ]
        ),
        "不能导入的内容：cms.user",
    ),
    "a name that climbs": (another("../evil.txt", b"x"), "清单之外的文件"),
    "another model's row": (in_row("cms.page", pk=True), "类型或编号不对"),
    "a number beyond all": (in_row("cms.page", pk=2**31), "类型或编号不对"),
    "a field of nobody": (in_row("cms.page", is_superuser=True), "没有字段 is_superuser"),
    "an account's number": (in_row("articles.author", user=1), "user 应为空或编号"),
    "a script's address": (in_row("cms.sitelink", url="javascript:alert(1)"), "url："),
    "a choice that is none": (in_row("articles.article", kind="hacked"), "kind："),
    "a date that is none": (in_row("cms.page", created_at="gestern"), "第 1 行不能用"),
    "a relation to nothing": (in_row("articles.article", author=99), "关系不对"),
    "about an account": (in_row("cms.mediause", content_type=["cms", "user"]), "不是导出的内容"),
    "a file elsewhere": (
        in_row("cms.mediafile", download_file="../../portal/settings.py"),
        "文件名不是本系统起的",
    ),
    "a page as a picture": (as_picture(b"<html><script>alert(1)</script>"), "与后缀不符"),
    "another picture's name": (as_picture(samples.png()), "与后缀不符"),
    "a document with macros": (macros, "与后缀不符"),
    "half a character": (in_row("articles.article", title="\ud800"), "不能保存的字符"),
    "a NUL": (in_row("articles.article", body="<p>a\0b</p>"), "不能保存的字符"),
    "a moment without a local time": (
        in_row("articles.article", expire_at="9999-12-31T23:59:59+00:00"),
        "超出范围",
    ),
    "a number that no column holds": (
        in_row("staffing.service", districts=[2**70]),
        r"数字或时间超出范围|out of range",
    ),
    "a page behind another": (in_row("cms.page", slug="articles"), "网址名已被"),
    "a pattern without its word": (
        redirect(kind="pattern", old="/q/(.*)", target="/a/$9"),
        "没有对应的括号",
    ),
    "a host that visitors name": (
        redirect(kind="pattern", old="/o/(.*)", target="https://$1/"),
        "域名里不能有",
    ),
    "a file no engine asks for": (proof("evil.html"), "不是平台的验证文件名"),
    "a file that runs": (proof("google12345678.html", "<script>"), "不能有脚本"),
    "a draft that is a word": (draft("x", base="y"), "不是 JSON 对象"),
    "a draft of another shape": (draft({"title": 5}), "内容里 title 的值不对"),
    "a text that is a list": (draft({"body": ["<script>"]}), "内容里 body 的值不对"),
    "a category that is a list": (draft({"category": [1]}), "内容里 category 的值不对"),
    "tags that are a word": (draft({"tags": "x"}), "内容里 tags 的值不对"),
    "a base that is none": (draft({}, base={"title": None}), "内容里 title 的值不对"),
    "a draft of what has none": (draft({}, content_type=["cms", "sitelink"]), "不是可以发布的"),
    "a revision that is a word": (revision("str"), "不是 JSON 对象"),
    "no JSON": (another("data/cms.page.jsonl", b"{" * 10_000 + b"\n"), "不是 JSON"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_no_site_of_ours_writes_is_refused_whole(tmp_path: Path, name: str) -> None:
    change, problem = HOSTILE[name]
    file = rewritten(exported(tmp_path), change)
    with pytest.raises(SourceError, match=problem):
        import_site(file)
    assert not Article.objects.exists()
    assert not [*(tmp_path / "media").rglob("*.*")]


def test_a_text_is_cleaned_whoever_wrote_the_file(tmp_path: Path) -> None:
    hostile = '<p onclick="x()">好<script>alert(1)</script></p><a href="javascript:x()">点</a>'
    import_site(rewritten(exported(tmp_path), in_row("cms.page", body=hostile)))
    assert "script" not in Page.objects.get().body
    assert "onclick" not in Page.objects.get().body


def test_the_text_of_a_draft_is_cleaned_and_what_nothing_is_known_of_left_out(
    tmp_path: Path,
) -> None:
    content = {"title": "好", "body": "<p>好<script>x</script></p>", "of_old": [{}, 5]}
    import_site(rewritten(exported(tmp_path), revision(content)))
    assert Revision.objects.get(pk=900).content == {"title": "好", "body": "<p>好</p>"}


def test_what_an_item_says_is_taken_as_it_is() -> None:
    whole_site.build()
    for kind in kinds():
        for item in kind._base_manager.all():
            content = content_of(item)
            assert contents.taken(kind, json.loads(json.dumps(content))) == content


def test_no_other_row_brings_json_along() -> None:
    json_fields = (field for model in CARRIED for field in model._meta.concrete_fields)
    assert {field.model for field in json_fields if isinstance(field, JSONField)} == {
        PendingDraft,
        Revision,
    }


def test_the_key_of_a_redirect_is_that_of_its_address(tmp_path: Path) -> None:
    import_site(rewritten(exported(tmp_path), redirect(old="/news/7.html")))
    assert Redirect.objects.get().key == key_of("/news/7.html")


def test_a_file_of_nobody_is_left_out_and_said(tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        members["media/cabinet/2026/11/evil.html"] = b"<script>"

    done = import_site(rewritten(exported(tmp_path), change))
    assert done.warnings == ["有 1 个文件不属于图片库中的任何一条，没有放入。"]
    assert not default_storage.exists("cabinet/2026/11/evil.html")


def test_sizes_that_were_not_made_yet_are_made_here(tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        for name in [name for name in members if "__processed__" in name]:
            del members[name]

    import_site(rewritten(exported(tmp_path), change))
    assert MediaFile.objects.exclude(image_file="").get().shapes_made is False


def test_a_damaged_file_leaves_the_site_as_it_was(tmp_path: Path) -> None:
    whole = exported(tmp_path).read_bytes()
    links = set(SiteLink.objects.values_list("pk"))
    for content in (b"", b"PK", whole[:-100], whole[: len(whole) // 2], b"x" * 5000):
        (tmp_path / "damaged.zip").write_bytes(content)
        with pytest.raises(SourceError, match="zip"):
            import_site(tmp_path / "damaged.zip")
    part = whole.index(b"data/articles.article.jsonl") + 60
    (tmp_path / "damaged.zip").write_bytes(whole[:part] + b"\xff\xff\xff" + whole[part + 3 :])
    with pytest.raises(SourceError, match=r"损坏|校验和"):
        import_site(tmp_path / "damaged.zip")
    assert set(SiteLink.objects.values_list("pk")) == links
    assert not Article.objects.exists()


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_damaged_picture_is_refused(tmp_path: Path, dry_run: bool) -> None:
    file = exported(tmp_path)
    whole = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as archive:
        info = next(info for info in archive.infolist() if info.filename.endswith(".jpg"))
        end = archive.infolist()[archive.infolist().index(info) + 1].header_offset
    whole[end - 30] ^= 0xFF
    file.write_bytes(whole)
    with pytest.raises(SourceError, match="已损坏"):
        import_site(file, dry_run=dry_run)


def test_members_of_one_name_are_refused(tmp_path: Path) -> None:
    file = exported(tmp_path)
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr("manifest.json", "{}")
    with pytest.raises(SourceError, match="重名"):
        import_site(file)


def test_sizes_other_than_the_manifest_says_are_refused(tmp_path: Path) -> None:
    file = rewritten(exported(tmp_path), in_manifest(media_bytes=1))
    with pytest.raises(SourceError, match="与清单不符"):
        import_site(file)


def test_a_site_with_content_is_left_alone(tmp_path: Path) -> None:
    file = exported(tmp_path)
    cast.category("own", "自己的栏目")
    with pytest.raises(SourceError, match="本站已有内容（栏目）"):
        import_site(file)


@pytest.mark.parametrize("make", [cast.redirect, cast.district])
def test_what_only_hands_make_is_not_taken_away(tmp_path: Path, make: Callable[[], Any]) -> None:
    file = exported(tmp_path)
    own = make()
    with pytest.raises(SourceError, match="本站已有内容"):
        import_site(file)
    own.refresh_from_db()


def test_what_an_editor_begins_meanwhile_is_not_taken_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_files = importing.Import.take_files

    def take_slowly(run: importing.Import) -> None:
        take_files(run)
        cast.page("meanwhile")

    file = exported(tmp_path)
    monkeypatch.setattr(importing.Import, "take_files", take_slowly)
    with pytest.raises(SourceError, match="本站已有内容（单页）"):
        import_site(file)
    assert Page.objects.get().slug == "meanwhile"
    assert not [*(tmp_path / "media").rglob("*.*")]


def test_what_a_killed_import_left_is_taken_as_there(tmp_path: Path) -> None:
    file = exported(tmp_path)
    name = next(name for name in zipfile.ZipFile(file).namelist() if name.endswith(".jpg"))
    there = tmp_path / name
    there.parent.mkdir(parents=True, exist_ok=True)
    there.write_bytes(zipfile.ZipFile(file).read(name))
    assert import_site(file, dry_run=True).files == import_site(file).files
    whole_site.wipe()
    there.write_bytes(b"another")
    with pytest.raises(SourceError, match="媒体文件夹里已有另一个"):
        import_site(file)
    assert there.read_bytes() == b"another"


def test_a_picture_that_is_lost_is_said_and_ends_nothing(tmp_path: Path) -> None:
    def change(members: dict[str, bytes]) -> None:
        del members[next(name for name in members if name.endswith(".jpg"))]
        for name in [name for name in members if "__processed__" in name]:
            del members[name]

    done = import_site(rewritten(exported(tmp_path), change))
    assert "压缩包里没有图片库的文件" in done.warnings[0]
    assert Article.objects.exists()


def test_a_disk_that_takes_nothing_is_told_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*args: object) -> None:
        raise OSError(28, "No space left on device")

    file = exported(tmp_path)
    monkeypatch.setattr(default_storage, "save", fail)
    with pytest.raises(SourceError, match="读写文件时出错"):
        import_site(file)


def test_a_dry_run_checks_all_and_leaves_nothing(tmp_path: Path) -> None:
    file = exported(tmp_path)
    done = import_site(file, dry_run=True)
    assert done.rows[Article] == 1
    assert done.files > 1
    assert not Article.objects.exists()
    assert not [*(tmp_path / "media").rglob("*.*")]


def test_as_an_operator_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = exported(tmp_path)
    call_command("import_site", "native", str(file))
    assert Article.objects.published().count() == 1
    assert "个文件" in capsys.readouterr().out
    with pytest.raises(CommandError, match="已有内容"):
        call_command("import_site", "native", str(file))
    with pytest.raises(CommandError, match="找不到文件"):
        call_command("import_site", "native", str(tmp_path / "none.zip"))


def test_who_is_impatient_has_the_site_or_has_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*args: object) -> None:
        raise KeyboardInterrupt

    file = exported(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(importing, "go_on_after", interrupt)
        with pytest.raises(CommandError, match="被中断。没有导入任何内容") as refused:
            call_command("import_site", "native", str(file))
    assert refused.value.returncode == 130
    assert not Article.objects.exists()
    assert not [*(tmp_path / "media").rglob("*.*")]
    monkeypatch.setattr(derived, "index_all", interrupt)
    assert "请运行 manage.py reindex" in import_site(file).warnings[0]
    assert Article.objects.published().exists()


def test_a_moment_keeps_its_microseconds(tmp_path: Path) -> None:
    at = timezone.now().replace(microsecond=123_457)
    cast.article("一篇", go_live_at=at)
    export_site(tmp_path / "site.zip")
    whole_site.wipe()
    import_site(tmp_path / "site.zip")
    assert Article.objects.get().go_live_at == at


def test_a_line_that_does_not_end_is_refused_before_it_is_read_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rows, "LONGEST", 100)
    stream = io.BytesIO(b"x" * 1000)
    with pytest.raises(SourceError, match="一行太长"):
        list(rows.read_rows(stream, Page, "data/cms.page.jsonl"))
    assert stream.tell() == 101
