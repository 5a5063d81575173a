"""/media/…: pictures are shown, documents saved, and nothing else is there."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import HttpResponseBase
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.media import documents, serving
from portal.cms.outage import StorageAwayError
from tests.cms import samples

pytestmark = pytest.mark.django_db


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def test_a_picture_is_shown_and_may_be_kept_for_ever(client: Client) -> None:
    file = samples.picture()

    response = client.get(file.image_file.url)

    assert response.status_code == 200
    assert body(response).startswith(b"\xff\xd8\xff")
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert not response.get("Content-Disposition", "").startswith("attachment")
    assert int(response["Content-Length"]) == file.file_size
    assert not response.cookies
    assert "Vary" not in response


def test_a_size_is_webp(client: Client) -> None:
    response = client.get(samples.picture().image_file.card)

    assert body(response)[8:12] == b"WEBP"
    assert response["Content-Type"] == "image/webp"


def test_a_document_is_saved_under_the_name_that_its_link_gives(client: Client) -> None:
    response = client.get(samples.document().download_file.url)

    assert body(response) == samples.PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == "attachment"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_reader_who_has_it_is_told_so(client: Client) -> None:
    url = samples.picture().image_file.url
    first = client.get(url)
    body(first)

    again = client.get(url, headers={"If-Modified-Since": first["Last-Modified"]})

    assert again.status_code == 304
    assert again["Cache-Control"] == first["Cache-Control"]
    assert not again.content


@pytest.mark.parametrize("since", ["", "昨天", "Sun, 06 Nov 1994 08:49:37 GMT"])
def test_a_date_that_is_old_or_none_gets_the_file(client: Client, since: str) -> None:
    url = samples.picture().image_file.url

    response = client.get(url, headers={"If-Modified-Since": since})

    assert body(response)
    assert response.status_code == 200


def test_head_is_answered_without_a_body(client: Client) -> None:
    response = client.head(samples.picture().image_file.url)

    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    response.close()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods_are_not_allowed(client: Client, method: str) -> None:
    assert getattr(client, method)(samples.picture().image_file.url).status_code == 405


@pytest.mark.parametrize(
    "path",
    [
        "no-such.jpg", "", "cabinet/", "../settings.jpg", "a/../../x.jpg", "..%2f..%2fx.jpg", "/etc/x.jpg",
        "%2Fetc%2Fpasswd.jpg", "a//b.jpg", "./a.jpg", "..\\x.jpg", "%00.jpg", "a%00b.jpg",
        "a" * 300 + ".jpg", "a" * 9000 + ".jpg", "db.sqlite3", "page.html", "logo.svg", "script.js",
        "a.jpg/b.jpg", "%E5%9B%BE.jpg", ".jpg",
    ],
)  # fmt: skip
def test_what_is_not_there_or_not_of_the_library_is_not_found(client: Client, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


@pytest.mark.parametrize("name", ["page.html", "logo.svg", "notes.txt", "run.exe", "PHOTO.JPG"])
def test_a_file_that_came_by_another_way_is_not_served(client: Client, name: str) -> None:
    default_storage.save(name, ContentFile(samples.HTML))

    assert client.get(f"/media/{name}").status_code == 404


def test_a_folder_with_the_name_of_a_picture_is_not_found(client: Client) -> None:
    default_storage.save("folder.jpg/a.jpg", ContentFile(samples.jpeg()))

    assert client.get("/media/folder.jpg").status_code == 404


def test_serving_asks_no_database(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = samples.picture().image_file.url

    with django_assert_num_queries(0):
        body(client.get(url))


@pytest.mark.parametrize("asked", ["get_modified_time", "open"])
def test_a_store_that_is_away_is_no_missing_picture(
    client: Client, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Nobody may keep that answer: engines would forget the picture, and browsers for a year."""

    def away(*_: object) -> None:
        raise StorageAwayError("away")

    url = samples.picture().image_file.url
    with monkeypatch.context() as patch:
        patch.setattr(FileSystemStorage, asked, away)
        response = client.get(url)
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    assert response["Retry-After"] == "60"
    again = client.get(url)
    assert body(again)
    assert again.status_code == 200


def test_every_kind_that_the_gate_lets_in_is_served() -> None:
    served = {kind.lstrip(".") for kind in (*serving.PICTURES, *serving.DOCUMENTS)}

    # AVIF is let in by nobody: we make it ourselves.
    assert served == {"jpg", "png", "webp", "gif", "avif"} | documents.EXTENSIONS
