"""The environment every test runs in: a pytest plugin, loaded by `-p` in pyproject.toml.

Django's settings are read once, when pytest-django starts, and that is before any conftest.py. The
developer's shell must not decide what tests see, and no test may write into `var/`. `DATABASE_URL`
alone is let through: `tests/bin/with-postgres` sets it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

DATA_DIR = Path(tempfile.mkdtemp(prefix="portal-tests-"))
atexit.register(shutil.rmtree, DATA_DIR, ignore_errors=True)
# What the processes of one run share is in the folder of the first, which starts the others (pytest-xdist).
SHARED = Path(os.environ.setdefault("TESTS_SHARE", str(DATA_DIR)))
# whitenoise warns of a missing folder, and a warning fails a test.
(DATA_DIR / "static").mkdir()

for name in (
    *("ADMIN_PATH", "ALLOWED_HOSTS", "BIND", "EMAIL_URL", "PORT", "TRUSTED_PROXIES", "WEB_WORKERS"),
    *("ADMIN_ALLOWED_FROM", "SECRET_KEY_FALLBACKS", "LOG_FORMAT", "SLOW_QUERY_MS", "METRICS_PORT"),
    *("BACKUP_DIR", "BACKUP_KEEP", "BACKUP_TO_S3"),
    *("S3_BUCKET", "S3_ENDPOINT", "S3_REGION", "S3_ACCESS_KEY", "S3_SECRET_KEY", "S3_ADDRESSING"),
    *("BAIDU_PUSH_SITE", "BAIDU_PUSH_TOKEN", "INDEXNOW_KEY"),
):
    os.environ.pop(name, None)
os.environ.update(
    DATA_DIR=str(DATA_DIR),
    DEBUG="False",
    SECRET_KEY="used-by-tests-alone",
    SITE_URL="http://127.0.0.1:8000",
    # Playwright's synchronous interface keeps an event loop running in the tests' own thread;
    # Django would take every query for one made from asynchronous code.
    DJANGO_ALLOW_ASYNC_UNSAFE="True",
)
