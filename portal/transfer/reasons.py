"""Why the system refused a file or a folder, not in its English."""

from __future__ import annotations

import errno
from typing import Final

from portal.cms.outage import StorageAwayError

REASONS: Final = {
    errno.EACCES: "没有权限",
    errno.EBUSY: "正在被使用，或者是一个挂载点",
    errno.EDQUOT: "磁盘配额已用完",
    errno.EIO: "磁盘读写失败",
    errno.EISDIR: "这是一个文件夹",
    errno.ENAMETOOLONG: "文件名太长",
    errno.ENOENT: "找不到",
    errno.ENOSPC: "磁盘已满",
    errno.ENOTDIR: "这不是文件夹",
    errno.EPERM: "没有权限",
    errno.EROFS: "磁盘是只读的",
}


def reason_of(error: OSError) -> str:
    """Return why, and which file where that is known."""
    if isinstance(error, StorageAwayError):
        return f"对象存储没有回应或拒绝访问（{error}）"
    reason = REASONS.get(error.errno or 0)
    if reason is None:
        reason = f"系统错误 {error.errno}" if error.errno else str(error)
    return f"{reason}（{error.filename}）" if error.filename else reason
