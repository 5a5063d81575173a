"""Files in an object store: the same names, the same answers as a folder; and what holds while it is away."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.test import Client
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from portal.cms.media.bucket import CONFIG, BackupBucket, Bucket, PrivateBucket, standing
from portal.cms.media.models import MediaFile
from portal.cms.outage import StorageAwayError
from portal.cms.pagecache.epochs import clock
from portal.cms.private.models import PrivateFile
from portal.transfer.backup import database, files, making, nightly, restoring
from portal.transfer.backup.files import Stored
from portal.transfer.backup.manifest import MEDIA, PRIVATE, BackupError
from tests import cast
from tests.cms import samples
from tests.transfer.tiny import tiny

NAME = "cabinet/2026/11/a.jpg"
NOBODY = "http://127.0.0.1:1"


@pytest.fixture(autouse=True)
def nothing_known() -> None:
    """Forget that the store of another test was away."""
    standing.heard()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def store(endpoint: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A site with a bucket of its own; yield what looks into it from outside."""
    settings.S3_BUCKET = "portal-tests"
    settings.S3_ENDPOINT = endpoint
    settings.S3_REGION = "us-east-1"
    settings.S3_ACCESS_KEY, settings.S3_SECRET_KEY = "k", "s"
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket="portal-tests")
    turn_to(Bucket, PrivateBucket, settings, monkeypatch)
    yield client
    for found in client.list_objects_v2(Bucket="portal-tests").get("Contents", ()):
        client.delete_object(Bucket="portal-tests", Key=found["Key"])
    client.delete_bucket(Bucket="portal-tests")
    client.close()


def turn_to(
    public: type[Storage],
    private: type[Storage],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Let the site keep its files elsewhere from here on."""
    kinds = {"default": public, "private": private}
    backends = {
        name: {"BACKEND": f"{kind.__module__}.{kind.__name__}"} for name, kind in kinds.items()
    }
    settings.STORAGES = {**settings.STORAGES, **backends}
    # A field keeps the storage that it was made with.
    field = PrivateFile._meta.get_field("file")
    monkeypatch.setattr(field, "storage", storages["private"])


@pytest.fixture
def away(
    store: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch, endpoint: str
) -> Callable[[bool], None]:
    """Return what takes the store away, and brings it back."""

    def change(is_away: bool) -> None:
        settings.S3_ENDPOINT = NOBODY if is_away else endpoint
        standing.heard()
        turn_to(Bucket, PrivateBucket, settings, monkeypatch)

    return change


def keys_of(store: Any) -> set[str]:
    found = store.list_objects_v2(Bucket="portal-tests").get("Contents", ())
    return {each["Key"] for each in found}


def read(client: Client, path: str) -> bytes:
    return client.get(path).content


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


# --- A storage as any other ---------------------------------------------------------------------------


def test_a_bucket_behaves_as_a_folder_does(store: Any) -> None:
    bucket = Bucket()
    assert bucket.save(NAME, ContentFile(b"abc")) == NAME
    assert keys_of(store) == {f"media/{NAME}"}
    with bucket.open(NAME) as file:
        assert file.read() == b"abc"
    assert bucket.exists(NAME)
    assert not bucket.exists("cabinet/none.jpg")
    assert bucket.size(NAME) == 3
    assert datetime.now(UTC) - bucket.get_modified_time(NAME) < timedelta(minutes=1)
    assert bucket.listdir("cabinet/2026/11") == ([], ["a.jpg"])
    assert bucket.listdir("cabinet")[0] == ["2026"]
    second = bucket.save(NAME, ContentFile(b"another"))
    assert second != NAME
    with bucket.open(NAME) as file:
        assert file.read() == b"abc", "no name is given twice"
    bucket.delete(NAME)
    bucket.delete(NAME)  # as a folder: it is gone, and that is what was wanted
    assert not bucket.exists(NAME)


def test_an_address_is_ours_whatever_stands_behind_it() -> None:
    assert Bucket(bucket_name="b").url(NAME) == f"/media/{NAME}"
    assert Bucket(bucket_name="b").url("图.jpg") == "/media/%E5%9B%BE.jpg"
    with pytest.raises(ValueError, match="no address"):
        PrivateBucket(bucket_name="b").url("a.pdf")


def test_a_store_that_hangs_is_left_alone_and_then_asked_by_one(
    store: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else each picture of a page would hold a thread of the site, until there is none."""
    bucket = Bucket(client_config=CONFIG.merge(Config(read_timeout=0.1)))
    with socket.create_server(("127.0.0.1", 0)) as dumb:
        bucket.endpoint_url = f"http://127.0.0.1:{dumb.getsockname()[1]}"
        with pytest.raises(StorageAwayError, match="does not answer"):
            bucket.exists(NAME)
        with pytest.raises(StorageAwayError, match="not answered just now"):
            bucket.exists(NAME)
        monkeypatch.setattr(standing, "ask_again_at", 0.0)
        with pytest.raises(StorageAwayError, match="does not answer"):
            bucket.exists(NAME)
        with pytest.raises(StorageAwayError, match="not answered just now"):
            bucket.exists(NAME)
    monkeypatch.setattr(standing, "ask_again_at", 0.0)
    assert not Bucket().exists(NAME)
    assert standing.ask_again_at is None


def test_the_three_kinds_do_not_see_each_other(store: Any) -> None:
    for bucket in (Bucket(), PrivateBucket(), BackupBucket()):
        bucket.save("a.pdf", ContentFile(b"x"))
        assert bucket.listdir("")[1] == ["a.pdf"]
    assert keys_of(store) == {"media/a.pdf", "private/a.pdf", "backups/a.pdf"}
    assert "AllUsers" not in str(store.get_object_acl(Bucket="portal-tests", Key="private/a.pdf"))


ASKED: list[Callable[[Storage], object]] = [
    lambda bucket: bucket.open("cabinet/none.jpg"),
    lambda bucket: bucket.size("cabinet/none.jpg"),
    lambda bucket: bucket.get_modified_time("cabinet/none.jpg"),
]


@pytest.mark.parametrize("ask", ASKED, ids=["open", "size", "modified"])
def test_what_is_not_there_is_not_found(store: Any, ask: Callable[[Storage], object]) -> None:
    with pytest.raises(FileNotFoundError):
        ask(Bucket())


@pytest.mark.parametrize(
    "ask",
    [
        *ASKED,
        lambda bucket: bucket.exists(NAME),
        lambda bucket: bucket.save(NAME, ContentFile(b"x")),
        lambda bucket: bucket.delete(NAME),
        lambda bucket: bucket.listdir(""),
    ],
    ids=["open", "size", "modified", "exists", "save", "delete", "list"],
)
def test_a_store_that_is_away_is_that_and_no_missing_file(
    settings: Settings, ask: Callable[[Storage], object]
) -> None:
    settings.S3_BUCKET, settings.S3_ENDPOINT = "portal-tests", NOBODY
    settings.S3_ACCESS_KEY = settings.S3_SECRET_KEY = "k"
    settings.S3_REGION = "us-east-1"
    with pytest.raises(StorageAwayError, match="does not answer"):
        ask(Bucket())


def test_a_store_that_refuses_us_is_away_too(store: Any) -> None:
    with pytest.raises(StorageAwayError, match="refuses"):
        Bucket(bucket_name="not-ours-at-all").listdir("")


# --- A site while its store is away -------------------------------------------------------------------


@pytest.mark.django_db
def test_reading_goes_on_while_the_store_is_away_and_all_is_well_afterwards(
    client: Client, store: Any, away: Callable[[bool], None]
) -> None:
    picture = samples.picture()
    body_of_it = f'<figure><img data-file="{picture.pk}"></figure>'
    article = cast.article("有图的文章", cover=picture, body=body_of_it)
    page, url = article.get_absolute_url(), picture.image_file.url
    assert (
        body(client.get(url))
        == store.get_object(Bucket="portal-tests", Key=f"media/{picture.image_file.name}")[
            "Body"
        ].read()
    )
    before = read(client, page)
    assert b"/media/__processed__/" in before

    away(True)
    clock.reset()
    for path in (page, "/", "/articles/", "/sitemap.xml", "/articles/feed/"):
        assert client.get(path).status_code == 200
    assert read(client, page) == before
    answer = client.get(url)
    assert (answer.status_code, answer["Cache-Control"]) == (503, "no-store")
    assert answer["Retry-After"]

    client.force_login(cast.laozhou())
    uploaded = {"file": SimpleUploadedFile("车间.jpg", samples.jpeg())}
    files_before = keys_of(store)
    refused = client.post("/admin/cms/mediafile/upload/", uploaded)
    assert refused.status_code == 503
    assert "图片和文件的存储暂时连不上" in refused.content.decode()
    assert MediaFile.objects.count() == 1, "no row without its file"
    for path in (
        "/admin/",
        "/admin/cms/mediafile/",
        f"/admin/articles/article/{article.pk}/change/",
    ):
        assert client.get(path).status_code == 200

    away(False)
    assert keys_of(store) == files_before
    uploaded = {"file": SimpleUploadedFile("车间.jpg", samples.jpeg())}
    assert client.post("/admin/cms/mediafile/upload/", uploaded).status_code == 200
    assert MediaFile.objects.count() == 2
    assert body(client.get(url))


# --- Backups from and into a bucket -------------------------------------------------------------------


@pytest.fixture
def small(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Stored]:
    """A site of one table; return which files it has."""
    settings.DATA_DIR = tmp_path / "data"
    settings.BACKUP_DIR = tmp_path / "backups"
    settings.DATA_DIR.mkdir()
    named: list[Stored] = []
    monkeypatch.setattr(database, "save_to", lambda path, tell: tiny(path))
    monkeypatch.setattr(files, "wanted", lambda alias: named)
    return named


@pytest.mark.django_db
def test_a_backup_fetches_files_from_the_bucket_and_brings_them_back(
    store: Any, small: list[Stored], settings: Settings
) -> None:
    Bucket().save(NAME, ContentFile(b"picture"))
    PrivateBucket().save("2026/11/a.pdf", ContentFile(samples.PDF))
    small += [Stored(MEDIA, NAME), Stored(PRIVATE, "2026/11/a.pdf"), Stored(MEDIA, "lost.jpg")]
    path, manifest = making.make()
    assert manifest.missing == ("media/lost.jpg",)
    before = keys_of(store)
    Bucket().delete(NAME)
    with restoring.unpacked(path, print) as (folder, found):
        restoring.upload(folder, found, print)
    assert keys_of(store) == before
    with default_storage.open(NAME) as file:
        assert file.read() == b"picture"


@pytest.mark.django_db
def test_a_copy_of_each_night_goes_there_and_the_old_ones_go(
    store: Any, small: list[Stored], settings: Settings
) -> None:
    settings.BACKUP_TO_S3, settings.BACKUP_KEEP = True, 2
    for name in ("nightly-1.tar", "nightly-2.tar", "backup-1.tar"):
        BackupBucket().save(name, io.BytesIO(b"old"))
    nightly.run(print)
    (made,) = settings.BACKUP_DIR.iterdir()
    assert keys_of(store) == {
        "backups/nightly-2.tar",
        "backups/backup-1.tar",
        f"backups/{made.name}",
    }
    copied = store.get_object(Bucket="portal-tests", Key=f"backups/{made.name}")["Body"].read()
    assert copied == made.read_bytes()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [("S3_ENDPOINT", NOBODY, "does not answer"), ("S3_BUCKET", "not-ours-at-all", "NoSuchBucket")],
)
def test_without_the_store_there_is_no_backup_rather_than_one_without_files(
    store: Any,
    small: list[Stored],
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    value: str,
    reason: str,
) -> None:
    small.append(Stored(MEDIA, NAME))
    setattr(settings, setting, value)
    turn_to(Bucket, PrivateBucket, settings, monkeypatch)
    with pytest.raises(BackupError, match=f"对象存储.*{reason}"):
        making.make()
    assert list(settings.BACKUP_DIR.iterdir()) == []
