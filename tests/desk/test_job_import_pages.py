"""从表格导入 at the desk: upload, look, agree."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, OperationalError
from django.test import Client
from django.utils import timezone

from portal.cms.private.models import PrivateFile
from portal.cms.sheets import reading
from portal.cms.sheets.writing import write
from staffing.jobs import importing
from staffing.jobs.cells import Planned
from staffing.jobs.import_pages import forget
from staffing.models import Job
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import said

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

UPLOAD = "/admin/staffing/job/import/"
TEMPLATE = f"{UPLOAD}template/"
HEADERS = ("岗位", "工价", "备注")
GOOD, BAD = ("电子厂普工", "20元/时", ""), ("质检员", "看情况", "")


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.PRIVATE_ROOT = tmp_path


def upload(client: Client, *rows: tuple[str, ...], content: bytes | None = None) -> Any:
    content = write(HEADERS, rows) if content is None else content
    return client.post(UPLOAD, {"sheet": SimpleUploadedFile("岗位.xlsx", content)})


def test_uploads_shows_and_imports_when_agreed(staff: Client) -> None:
    address = upload(staff, GOOD, BAD)["Location"]

    page = staff.get(address).content.decode()
    assert "还没有写入" in page
    assert "新增 1 行，不导入 1 行" in page
    assert "薪酬“看情况”无法识别" in page
    assert "没有用到的列：备注" in page
    assert not Job.objects.exists()

    page = staff.post(address).content.decode()
    assert "已经完成：新增 1 行，不导入 1 行" in page
    job = Job.objects.get()
    assert f'href="/admin/staffing/job/{job.pk}/change/"' in page
    assert not PrivateFile.objects.exists()


def test_agreed_to_twice_it_is_done_once(staff: Client) -> None:
    address = upload(staff, GOOD)["Location"]
    staff.post(address)
    assert "已经导入过" in said(staff.post(address, follow=True))
    assert Job.objects.count() == 1


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (OperationalError("database is locked"), "这一行没有写入，请稍后再导入一次"),
        (DataError("smallint out of range"), "这一行有数据库存不下的内容"),
    ],
)
def test_a_row_the_database_refuses_does_not_stop_the_next(
    staff: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str
) -> None:
    carry_out = importing.carry_out

    def first_fails(one: Planned, by: Any) -> Job | None:
        if one.row == 2:
            raise error
        return carry_out(one, by)

    monkeypatch.setattr(importing, "carry_out", first_fails)
    address = upload(staff, GOOD, ("分拣员", "200元/天", ""))["Location"]

    page = staff.post(address).content.decode()
    assert "已经完成：新增 1 行，不导入 1 行" in page
    assert problem in page
    assert [job.title for job in Job.objects.all()] == ["分拣员"]


def test_a_link_is_good_for_an_hour_and_for_its_owner(staff: Client, owner: Client) -> None:
    address = upload(staff, GOOD)["Location"]
    assert owner.get(address).status_code == 403
    assert staff.get(f"{UPLOAD}forged/").status_code == 302
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        assert "超过一小时" in said(staff.post(address, follow=True))
    assert not Job.objects.exists()


def test_nothing_of_a_sheet_nobody_agreed_to_is_kept(
    staff: Client, django_capture_on_commit_callbacks: Any
) -> None:
    upload(staff, GOOD)
    with django_capture_on_commit_callbacks(execute=True):
        forget(timezone.now() + timedelta(minutes=59))
        assert PrivateFile.objects.exists()
        forget(timezone.now() + timedelta(minutes=61))
    assert not PrivateFile.objects.exists()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "文件是空的。"),
        (b"no sheet", ""),
        (write(HEADERS, []), "没有数据行"),
        (write(("姓名", "电话"), [("小刘", "1")]), "没有找到岗位名称这一列"),
    ],
)
def test_what_is_no_sheet_is_refused(staff: Client, content: bytes, problem: str) -> None:
    page = upload(staff, content=content)
    assert page.status_code == 200
    assert page.context["form"].errors
    assert problem in page.content.decode()
    assert not PrivateFile.objects.exists()


def test_without_a_file_it_asks_for_one(staff: Client) -> None:
    assert "请选择一个表格。" in staff.post(UPLOAD).content.decode()


def test_the_template_can_be_filled_in_and_read(staff: Client) -> None:
    content = staff.get(TEMPLATE).content
    cast.district()
    address = upload(staff, content=content)["Location"]
    assert "新增 1 行" in staff.get(address).content.decode()
    assert reading.read(content, 5).headers[:2] == ["外部编号", "岗位名称"]


@pytest.mark.parametrize("path", [UPLOAD, TEMPLATE])
def test_is_for_those_who_make_jobs(editor: Client, client: Client, path: str) -> None:
    assert editor.get(path).status_code == 403
    assert client.get(path).status_code == 302


def test_the_list_leads_to_it(staff: Client) -> None:
    assert f'href="{UPLOAD}"' in staff.get("/admin/staffing/job/").content.decode()


def test_its_pages_speak_chinese(staff: Client) -> None:
    address = upload(staff, GOOD, BAD)["Location"]
    for path in (UPLOAD, address):
        assert english_in(staff.get(path).content.decode()) == []
    assert english_in(staff.post(address).content.decode()) == []


def test_what_a_cell_says_is_shown_as_text(staff: Client) -> None:
    address = upload(staff, ("<script>x</script>", "<b>1</b>", ""))["Location"]
    page = staff.get(address).content.decode()
    assert "<script>x" not in page
    assert "<b>1" not in page
