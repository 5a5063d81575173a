"""Files in an object store of the S3 kind: Alibaba's OSS, Tencent's COS, MinIO, Amazon's own.

Loaded only where S3_BUCKET is set: boto3 is an extra.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final
from urllib.parse import urljoin

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files.base import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from portal.cms.outage import StorageAwayError

IN_MEMORY: Final = 2 * 1024 * 1024  # bytes of a file that is read; more goes to the disk
CONFIG: Final = Config(
    connect_timeout=3,
    read_timeout=5,
    # A reader waits, or an editor, and so does a thread of ours.
    retries={"total_max_attempts": 1},
    # What botocore adds otherwise since 1.36, other stores than Amazon's refuse.
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    s3={"addressing_style": settings.S3_ADDRESSING},
)


logger = logging.getLogger(__name__)

REST: Final = 5.0  # seconds


class Standing:
    """Whether the store answers, as this process has found it.

    One that hangs would hold every thread of the site, one picture each. So after a silence it is left
    alone for a while, and then one asks for all.
    """

    def __init__(self) -> None:
        self.ask_again_at: float | None = None  # by time.monotonic(); None: it answers
        self.lock = Lock()

    def ask(self) -> None:
        """Raise StorageAwayError while the store is left alone."""
        if self.ask_again_at is None:
            return
        with self.lock:
            now = time.monotonic()
            if self.ask_again_at is not None and now < self.ask_again_at:
                raise StorageAwayError("the bucket has not answered just now")
            self.ask_again_at = now + REST

    def heard(self) -> None:
        self.ask_again_at = None

    def silent(self) -> None:
        logger.warning("the bucket does not answer, and is left alone for %.0f s", REST)
        self.ask_again_at = time.monotonic() + REST


standing: Final = Standing()


@contextmanager
def answering(name: str) -> Iterator[None]:
    """Raise FileNotFoundError for what is not there, and StorageAwayError for everything else.

    The errors of boto3 are no OSErrors, which is what the rest of the site expects of a storage.
    """
    standing.ask()
    try:
        yield
        standing.heard()
    except FileNotFoundError:
        standing.heard()
        raise
    except ClientError as error:
        standing.heard()
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
        # Without a bucket there are no files either; but that is another thing to put right.
        if status == 404 and error.response.get("Error", {}).get("Code") != "NoSuchBucket":
            raise FileNotFoundError(name) from error
        raise StorageAwayError(f"the bucket refuses: {error}") from error
    except (BotoCoreError, Boto3Error) as error:
        standing.silent()
        raise StorageAwayError(f"the bucket does not answer: {error}") from error


class Bucket(S3Storage):
    """The files of the library. They keep the address they have on a disk, and come through us.

    So texts and policies stay as they are, whichever way a site moves, and a bucket needs no reader but
    us. A name is never given twice.
    """

    folder = "media"

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "bucket_name": settings.S3_BUCKET,
                "endpoint_url": settings.S3_ENDPOINT or None,
                "region_name": settings.S3_REGION or None,
                "access_key": settings.S3_ACCESS_KEY or None,
                "secret_key": settings.S3_SECRET_KEY or None,
                "location": self.folder,
                "file_overwrite": False,
                "default_acl": None,
                "querystring_auth": False,
                "client_config": CONFIG,
                # One connection a thread of ours, and no threads of theirs.
                "transfer_config": TransferConfig(use_threads=False),
                "max_memory_size": IN_MEMORY,
                **options,
            }
        )

    def _open(self, name: str, mode: str = "rb") -> Any:
        """Fetch a file: whoever has it open reads it without asking the bucket."""
        with answering(name):
            file = super()._open(name, mode)
            if "r" in mode:
                file.open()
            return file

    def _save(self, name: str, content: File[Any]) -> Any:
        with answering(name):
            return super()._save(name, content)

    def delete(self, name: str) -> None:
        with answering(name):
            super().delete(name)

    def exists(self, name: str) -> Any:
        with answering(name):
            return super().exists(name)

    def listdir(self, name: str) -> Any:
        with answering(name):
            return super().listdir(name)

    def size(self, name: str) -> Any:
        with answering(name):
            return super().size(name)

    def get_modified_time(self, name: str) -> Any:
        with answering(name):
            return super().get_modified_time(name)

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name).lstrip("/"))


class PrivateBucket(Bucket):
    """CVs, scans, proofs: in the same bucket, without an address."""

    folder = "private"

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        raise ValueError("a private file has no address; see portal.cms.private.url")


class BackupBucket(PrivateBucket):
    """Copies of backups."""

    folder = "backups"
