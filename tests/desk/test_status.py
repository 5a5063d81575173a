"""运行状态: what the owner sees of the machine, and 现在备份."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.cms.delivery.models import DueTask
from portal.cms.seeing import probes
from portal.cms.seeing.models import BackupRun
from portal.components import licences
from tests import cast
from tests.desk.conftest import browser_of

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

STATUS = "/admin/status/"


@pytest.fixture(autouse=True)
def looked_at_anew() -> None:
    probes.forget()


def beat() -> None:
    now = timezone.now()
    DueTask.objects.update_or_create(name="heartbeat", defaults={"due_at": now, "finished_at": now})


def test_the_owner_sees_what_is_well_and_what_is_not(admin_client: Client) -> None:
    beat()
    page = admin_client.get(STATUS).content.decode()
    for words in ("数据库", "磁盘", "后台任务", "还没有备份过", "定期任务：1 项"):
        assert words in page
    assert page.count("state-expired") == 1, "the backup that was never made"
    assert "Django" in page


def test_strangers_and_editors_do_not(client: Client) -> None:
    assert client.get(STATUS).status_code == 302
    client.force_login(cast.xiaolin())
    assert client.get(STATUS).status_code == 403


def test_a_backup_is_made_now_by_the_worker(admin_client: Client) -> None:
    beat()
    tonight = timezone.now() + timedelta(hours=9)
    DueTask.objects.update_or_create(name="backup", defaults={"due_at": tonight})
    page = admin_client.post(STATUS, follow=True).content.decode()
    assert "几秒后开始备份" in page
    assert DueTask.objects.get(name="backup").due_at <= timezone.now()


def test_without_a_worker_nobody_waits_for_it(admin_client: Client) -> None:
    DueTask.objects.all().delete()
    assert "备份不会开始" in admin_client.post(STATUS, follow=True).content.decode()


def test_where_no_backups_are_wanted_there_is_no_button(
    admin_client: Client, settings: Settings
) -> None:
    settings.BACKUP_KEEP = 0
    page = admin_client.get(STATUS).content.decode()
    assert "现在备份" not in page
    assert "没有开启自动备份" in admin_client.post(STATUS, follow=True).content.decode()


def test_backups_show_how_they_went(admin_client: Client) -> None:
    now = timezone.now()
    BackupRun.objects.create(
        kind="nightly", node="a", begun_at=now - timedelta(days=1), finished_at=now, name="n.tar",
        size=3 * 2**20, files=4,
    )  # fmt: skip
    BackupRun.objects.create(
        kind="hand", node="a", begun_at=now, finished_at=now, name="m.tar", problem="磁盘已满。"
    )
    page = admin_client.get(STATUS).content.decode()
    assert "n.tar，3.0 MB" in page
    assert "磁盘已满。" in page
    assert ">失败<" in page
    BackupRun.objects.create(kind="hand", node="a", begun_at=timezone.now(), name="o.tar")
    page = admin_client.get(STATUS).content.decode()
    assert "现在备份" not in page
    assert "正在备份" in page
    listed = admin_client.get("/admin/cms/backuprun/").content.decode()
    assert listed.count("state-") >= 3
    assert "磁盘已满。" in listed


def test_a_backup_that_was_killed_is_in_nobodys_way(admin_client: Client) -> None:
    yesterday = timezone.now() - timedelta(hours=7)
    BackupRun.objects.create(kind="nightly", node="a", begun_at=yesterday, name="n.tar")
    page = admin_client.get(STATUS).content.decode()
    assert "没有做完" in page
    assert "正在备份" not in page
    assert "现在备份" in page


def test_who_has_no_right_is_told_so_within_the_desk() -> None:
    answer = browser_of(cast.xiaolin()).get(STATUS)
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "请联系站长开通权限" in page
    assert 'id="user-tools"' in page


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ([{"expression": "MIT OR BSD-3-Clause"}], ["BSD-3-Clause", "MIT"]),
        ([{"license": {"id": "MIT"}}, {"license": {"name": "License :: MIT License"}}], ["MIT"]),
        ([{"license": {"name": "License :: OSI Approved :: MIT License"}}], ["MIT"]),
        ([{"license": {"name": "License :: OSI Approved :: BSD License"}}], ["BSD License"]),
        ([], []),
    ],
)
def test_a_licence_has_one_name(said: list[object], known: list[str]) -> None:
    assert licences({"licenses": said}) == known


def test_what_the_site_is_made_of_is_shown_as_the_documents_have_it(admin_client: Client) -> None:
    page = admin_client.get(STATUS).content.decode()
    (shown,) = re.findall(r"<td>qrcode</td>\s*<td>[^<]+</td>\s*<td>([^<]+)</td>", page)
    assert shown == "BSD License"


def test_it_shows_on_the_desk_to_those_who_may_see_it(admin_client: Client) -> None:
    assert STATUS in admin_client.get("/admin/").content.decode()
