#!/usr/bin/env python
"""Django's command line for the portal.

A mistake in the environment, or a world that is away, is one sentence and not a traceback.
"""

from __future__ import annotations

import os
import sys

# By the name of the outage (portal.cms.outage).
SENTENCES = {
    "BUSY": "数据库正忙：另一个程序一直在写入。请稍后再试。",
    "FULL": "磁盘已满或不能写入。请清理后再试。",
    "AWAY": "连不上数据库。请检查环境变量 DATABASE_URL，以及数据库是否在运行。",
    "FILES": "连不上存放图片和文件的对象存储。请检查 S3_ 开头的环境变量。",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    try:
        # Read before Django does: its command line would hide the sentence behind another error.
        from portal.settings import DEBUG

        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # Django's own sentences may have several lines.
        sys.exit("无法启动：" + " ".join(str(error).split()))
    except (Error, OSError) as error:
        from portal.cms.outage import outage_of

        outage = outage_of(error)
        if outage is None or DEBUG:
            raise
        sys.exit(SENTENCES[outage.name])


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.stderr.write("已中断。\n")
        sys.exit(130)  # 128 + SIGINT, as shells have it
