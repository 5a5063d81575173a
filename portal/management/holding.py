"""The data folder, held by every command that serves the site or prepares it (`portal.running`)."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.management.base import CommandError

from portal import running
from portal.transfer.backup import swapping


def hold_data_folder() -> int:
    """Let nobody restore a backup while this process lives, and all it turns into.

    Returns what holds the folder; whoever closes it gives the folder back before it ends. Raises
    CommandError while a backup is being restored, and where that was cut off: half of the site is not
    where it belongs then.
    """
    try:
        descriptor = running.hold(settings.DATA_DIR)
    except running.TakenError as error:
        raise CommandError("正在从备份恢复，恢复结束后再启动。") from error
    except OSError as error:
        raise CommandError(f"数据文件夹 {settings.DATA_DIR} 不能写入。") from error
    if swapping.is_half_done():
        os.close(descriptor)
        raise CommandError("上一次恢复中途被打断。请运行 manage.py prepare 接着做完，再启动。")
    return descriptor
