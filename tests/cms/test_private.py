"""Private files: what is taken in, where it lies, and who gets it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from portal.cms import private
from portal.cms.accounts import User
from portal.cms.media import pictures
from portal.cms.outage import StorageAwayError
from portal.cms.private import keeping, uses
from portal.cms.private.models import PrivateFile
from portal.cms.private.storage import PrivateStorage
from tests import cast
from tests.cms import samples
from tests.desk.conftest import browser_of
from tests.desk.english import english_in

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
noted: list[tuple[User, PrivateFile]] = []


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder for private files; those kept as CVs are 阿敏's to open."""
    settings.PRIVATE_ROOT = tmp_path / "private"
    monkeypatch.setattr(uses, "_uses", {})
    noted.clear()
    private.allow(
        "cv",
        lambda user, file: user.has_perm("staffing.change_job"),
        opened=lambda user, file: noted.append((user, file)),
    )
    return tmp_path / "private"


def kept(content: bytes = samples.PDF, name: str = "王小明 简历.pdf") -> PrivateFile:
    return private.keep(samples.named(content, name), "cv")


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(ValidationError) as refused:
        kept(content, name)
    return str(refused.value.messages[0])


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


# --- Taken in ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (samples.PDF, "简历.pdf", "application/pdf"),
        (samples.old_office("WordDocument"), "简历.doc", "application/msword"),
        (samples.office(), "简历.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (samples.png((9, 9)), "简历.png", "image/png"),
        (samples.jpeg((9, 9)), "简历.jpg", "image/jpeg"),
    ],
    ids=["pdf", "doc", "docx", "png", "jpg"],
)  # fmt: skip
def test_papers_are_kept_by_what_they_are(
    root: Path, content: bytes, name: str, content_type: str
) -> None:
    file = kept(content, name)
    assert (file.name, file.content_type, file.used_for) == (name, content_type, "cv")
    (path,) = files(root)
    stored = path.read_bytes()
    assert (file.size, file.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    if not content_type.startswith("image/"):
        assert stored == content


def test_the_name_on_the_disk_says_nothing_and_the_folder_is_the_site_s_own(
    root: Path, settings: Settings
) -> None:
    file = kept()
    (path,) = files(root)
    assert path.suffix == ".pdf"
    assert len(path.stem) == 32
    assert "王" not in str(path.relative_to(root))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert not Path(settings.MEDIA_ROOT).exists()
    with pytest.raises(ValueError, match="no address"):
        _ = file.file.url


def test_a_photograph_does_not_tell_where_it_was_taken(root: Path) -> None:
    kept(samples.photograph(), "简历.jpg")
    with Image.open(files(root)[0]) as picture:
        assert not picture.getexif()


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (samples.HTML, "简历.pdf", "不是 PDF"),
        (samples.HTML, "简历.html", "不能上传"),
        (samples.SVG, "简历.svg", "不能上传"),
        (b"MZ" + b"\x00" * 99, "简历.exe", "不能上传"),
        (samples.office("word/document.xml", "word/vbaProject.bin"), "简历.docx", "含有宏"),
        (samples.office("xl/workbook.xml"), "简历.xlsx", "只接受 PDF、Word、JPG、PNG"),
        (samples.gif(2), "简历.gif", "只接受 PDF、Word、JPG、PNG"),
        (samples.png((9, 9)), "简历.pdf", "内容是图片"),
        (b"", "简历.pdf", "空文件"),
        (samples.PDF + b"\x00" * keeping.MOST_BYTES, "简历.pdf", "超过 5 MB"),
    ],
    ids=["page", "html", "svg", "exe", "macros", "sheet", "gif", "mismatch", "empty", "large"],
)
def test_what_is_none_is_refused_with_a_reason(
    root: Path, content: bytes, name: str, reason: str
) -> None:
    assert reason in refusal(content, name)
    assert not files(root)
    assert not PrivateFile.objects.exists()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\简历\\王小明.pdf", "王小明.pdf"),
        ("简历\r\nSet-Cookie: a=b.pdf", "简历Set-Cookie: a=b.pdf"),
        (f"{'长' * 300}.pdf", f"{'长' * 90}.pdf"),
        ("", "文件.pdf"),
        ("简历", "简历.pdf"),
    ],
    ids=["upwards", "windows", "header", "long", "none", "no extension"],
)
def test_a_name_is_only_ever_shown(root: Path, typed: str, shown: str) -> None:
    file = kept(name=typed)
    assert file.name == shown
    assert files(root)[0].is_relative_to(root)


def test_a_use_may_take_other_kinds(root: Path) -> None:
    private.allow("import", lambda user, file: True, accepts=("xlsx",))
    private.keep(samples.named(samples.office("xl/workbook.xml"), "岗位.xlsx"), "import")
    with pytest.raises(ValidationError, match="只接受 Excel"):
        private.keep(samples.named(samples.PDF, "岗位.pdf"), "import")


def test_nothing_is_kept_for_a_use_that_nobody_has_registered() -> None:
    with pytest.raises(LookupError, match="unknown"):
        private.keep(samples.named(samples.PDF, "a.pdf"), "unknown")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing is a fault from here on."""

    def redraw(content: bytes, name: str) -> tuple[bytes, str]:
        pytest.fail("drawn")

    monkeypatch.setattr(pictures, "redraw", redraw)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("content", "name"),
    [(samples.gif(2), "简历.gif"), (samples.encoded(samples.image((9, 9)), "WEBP"), "简历.webp")],
    ids=["gif", "webp"],
)
def test_a_picture_of_another_kind_is_refused_before_it_is_drawn(content: bytes, name: str) -> None:
    assert "只接受 PDF、Word、JPG、PNG" in refusal(content, name)


def test_what_was_admitted_before_the_transaction_is_only_written_within_it(
    root: Path, request: pytest.FixtureRequest
) -> None:
    file = private.admitted(samples.named(samples.png((9, 9)), "证件.png"), "cv")
    assert not files(root)
    request.getfixturevalue("undrawn")
    with transaction.atomic():
        row = private.keep(file, "cv")
    assert (row.name, len(files(root))) == ("证件.png", 1)


def test_what_was_admitted_for_one_use_is_no_ticket_for_another(root: Path) -> None:
    private.allow("import", lambda user, file: True, accepts=("xlsx",))
    file = private.admitted(samples.named(samples.PDF, "简历.pdf"), "cv")
    with pytest.raises(ValidationError, match="只接受 Excel"):
        private.keep(file, "import")


# --- Given up ---------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_the_file_goes_with_its_row_once_that_is_final(
    root: Path, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    file = kept()
    with django_capture_on_commit_callbacks(execute=True):
        file.delete()
        assert files(root), "not yet: it may be rolled back"
    assert not files(root)


@pytest.mark.both_databases
def test_what_a_rolled_back_upload_left_is_swept_away_and_nothing_else(root: Path) -> None:
    with time_machine.travel(NOON, tick=False):
        stays = kept()
        with transaction.atomic():
            kept()
            transaction.set_rollback(True)
    for path in files(root):
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    assert len(files(root)) == 2
    keeping.sweep(NOON + timedelta(hours=23))
    assert len(files(root)) == 2, "its transaction may still be open"
    keeping.sweep(NOON + timedelta(hours=25))
    assert [path.name for path in files(root)] == [Path(str(stays.file.name)).name]


def test_sweeping_a_site_without_private_files_is_no_error(root: Path) -> None:
    keeping.sweep(timezone.now())
    assert not root.exists()


# --- Given out --------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_whoever_may_gets_it_as_a_download_and_that_is_noted(root: Path) -> None:
    amin, file = cast.amin(), kept()
    response = browser_of(amin).get(private.url(file, amin))
    assert response.status_code == 200
    assert body(response) == samples.PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%8E%8B")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert noted == [(amin, file)]


def test_a_file_that_is_two_things_at_once_is_still_only_saved(root: Path) -> None:
    amin, file = cast.amin(), kept(samples.PDF + samples.HTML)
    response = browser_of(amin).get(private.url(file, amin))
    assert body(response) == samples.PDF + samples.HTML
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_link_is_for_one_person(root: Path) -> None:
    link = private.url(kept(), cast.amin())
    assert browser_of(cast.laochen()).get(link).status_code == 404
    assert not noted


def test_a_stranger_is_asked_to_sign_in(root: Path) -> None:
    response = Client().get(private.url(kept(), cast.amin()))
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


def test_a_link_is_good_for_five_minutes(root: Path, clock: time_machine.Traveller) -> None:
    amin = cast.amin()
    client, link = browser_of(amin), private.url(kept(), amin)
    clock.shift(timedelta(minutes=5))
    assert body(client.get(link)) == samples.PDF
    clock.shift(timedelta(seconds=2))
    assert client.get(link).status_code == 404


def test_a_right_that_was_taken_away_counts_at_once(root: Path) -> None:
    amin = cast.amin()
    client, link = browser_of(amin), private.url(kept(), amin)
    amin.groups.clear()
    response = client.get(link)
    assert response.status_code == 403
    assert not english_in(response.content.decode(), [])
    assert not noted


def test_who_may_not_gets_nothing_by_a_link_of_their_own(root: Path) -> None:
    editor = cast.xiaolin()
    assert browser_of(editor).get(private.url(kept(), editor)).status_code == 403


def test_a_file_whose_use_is_gone_is_given_to_nobody(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chen = cast.laochen()
    link = private.url(kept(), chen)
    monkeypatch.setattr(uses, "_uses", {})
    assert browser_of(chen).get(link).status_code == 404


@pytest.mark.parametrize("token", ["1", "WzEsMV0:1abc:def", "%2e%2e", "字", "a" * 3000])
def test_a_link_that_was_made_up_leads_nowhere(root: Path, token: str) -> None:
    kept()
    response = browser_of(cast.laochen()).get(f"/admin/files/{token}/")
    assert response.status_code == 404
    assert "没有找到" in response.content.decode()


def test_a_lost_file_is_not_there(root: Path) -> None:
    amin, file = cast.amin(), kept()
    files(root)[0].unlink()
    assert browser_of(amin).get(private.url(file, amin)).status_code == 404
    assert not noted


def test_a_file_that_cannot_be_had_now_is_not_called_lost(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise StorageAwayError("away")

    amin = cast.amin()
    link, browser = private.url(kept(), amin), browser_of(amin)
    with monkeypatch.context() as patch:
        patch.setattr(PrivateStorage, "open", away)
        response = browser.get(link)
    assert response.status_code == 503
    assert "图片和文件的存储暂时连不上" in response.content.decode()
    assert response["Cache-Control"] == "no-store"
    assert not noted, "nobody has read it"
    assert body(browser.get(link)) == samples.PDF
    assert len(noted) == 1


def test_what_cannot_be_stored_now_has_no_row(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise StorageAwayError("away")

    monkeypatch.setattr(PrivateStorage, "_save", away)
    with pytest.raises(StorageAwayError):
        kept()
    assert not PrivateFile.objects.exists()


def test_a_deleted_file_is_not_there(root: Path) -> None:
    amin, file = cast.amin(), kept()
    link = private.url(file, amin)
    file.delete()
    assert browser_of(amin).get(link).status_code == 404


@pytest.mark.parametrize("method", ["post", "head", "put", "delete"])
def test_a_link_is_followed_and_nothing_else(root: Path, method: str) -> None:
    amin = cast.amin()
    response = getattr(browser_of(amin), method)(private.url(kept(), amin))
    assert response.status_code == 405
    assert not noted


def test_the_library_s_address_does_not_reach_it(root: Path) -> None:
    file = kept()
    for path in (f"/media/{file.file.name}", f"/media/../private/{file.file.name}"):
        assert Client().get(path).status_code in {400, 404}
