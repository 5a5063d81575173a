"""Files in the library: stored with their sizes, replaced, deleted; whichever way they come."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from cabinet.models import Folder
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from portal.cms.media.admission import UploadError
from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import SHAPES, SIZES, WIDTHS, fitted
from portal.cms.media.uploads import default_folder, store
from tests.cms import samples

pytestmark = pytest.mark.django_db


def stored_files() -> list[str]:
    root = Path(default_storage.path(""))
    return sorted(str(p.relative_to(root)) for p in root.rglob("*") if p.is_file())


def size_of(file: MediaFile, size: str) -> Image.Image:
    name = getattr(file.image_file, size).removeprefix("/media/")
    return Image.open(io.BytesIO(Path(default_storage.path(name)).read_bytes()))


def test_a_stored_picture_has_title_folder_measures_and_sizes() -> None:
    file = samples.picture("厂门口.jpg", (2000, 1000), image_alt_text="厂门口的招牌")

    file.refresh_from_db()
    assert (file.title, str(file.folder)) == ("厂门口", "未归类")
    assert (file.image_width, file.image_height) == (2000, 1000)
    assert file.file_name == file.image_file.name.rsplit("/")[-1]
    assert file.file_size == file.image_file.size
    assert size_of(file, "small").size == (480, 240)
    assert size_of(file, "card").size == (640, 400)
    assert {size_of(file, size).format for size in SIZES} == {"WEBP"}
    assert all(getattr(file.image_file, size).endswith(".webp") for size in SIZES)


def test_no_size_is_larger_than_the_picture() -> None:
    file = samples.picture(size=(300, 100))

    assert {size_of(file, size).size for size in WIDTHS} == {(300, 100)}
    assert size_of(file, "card").size == (160, 100)
    assert size_of(file, "square").size == (100, 100)


@pytest.mark.parametrize("size", [(4000, 1), (1, 4000), (700, 20_000)])
def test_extreme_shapes_have_all_sizes(size: tuple[int, int]) -> None:
    file = samples.picture(size=size)

    assert all(min(size_of(file, name).size) >= 1 for name in SIZES)


def test_what_is_promised_of_a_size_is_what_it_measures() -> None:
    file = samples.picture(size=(1234, 777))

    for name, measure in SIZES.items():
        assert size_of(file, name).size == fitted(1234, 777, measure)


def test_a_shape_is_cut_around_the_focal_point() -> None:
    picture = samples.image((900, 300), colour="white")
    picture.paste("red", (600, 0, 900, 300))
    file = store(samples.named(samples.encoded(picture), "横幅.jpg"))

    file.image_ppoi = "0.9x0.5"
    file.save()

    red, green, _ = size_of(file, "square").convert("RGB").getpixel((150, 150))  # type: ignore[misc]
    assert red > 200 > green
    assert set(SHAPES) == {"card", "wide", "photo", "square"}


@pytest.mark.parametrize("mode", ["L", "1", "P", "LA", "RGBA"])
def test_sizes_are_made_of_every_kind_of_colour(mode: str) -> None:
    content = samples.encoded(samples.image(mode=mode, colour=0), "PNG")

    file = store(samples.named(content, "a.png"))

    assert size_of(file, "medium").mode in {"RGB", "RGBA"}


def test_a_document_is_stored_as_it_is_and_says_its_kind() -> None:
    file = samples.document("收费标准.pdf")

    assert Path(file.download_file.path).read_bytes() == samples.PDF
    assert (file.download_type, file.get_download_type()) == ("pdf", "PDF")
    assert str(file) == "收费标准"


def test_a_refused_file_leaves_nothing_behind() -> None:
    with pytest.raises(UploadError):
        store(samples.named(b"text", "a.jpg"))

    assert not MediaFile.objects.exists()
    assert not stored_files()


def test_the_gate_stands_on_every_way_into_the_library() -> None:
    folder = default_folder()
    ways = (
        MediaFile(folder=folder, image_file=samples.named(samples.SVG, "a.jpg")),
        MediaFile(folder=folder, download_file=samples.named(samples.HTML, "a.pdf")),
        MediaFile(folder=folder),
    )
    by_cabinet = MediaFile(folder=folder)
    by_cabinet.file = samples.named("文字".encode(), "a.jpg")

    for file in (*ways, by_cabinet):
        with pytest.raises(UploadError):
            file.save()
    with pytest.raises(UploadError):
        MediaFile(folder=folder).image_file.save("a.jpg", samples.named(b"x", "a.jpg"))
    assert not stored_files()


def test_a_document_is_no_picture_and_a_picture_no_document() -> None:
    folder = default_folder()

    with pytest.raises(UploadError, match="只能放图片"):
        MediaFile(folder=folder).image_file.save("a", samples.named(samples.PDF, "a"))
    with pytest.raises(UploadError, match="只能放文件"):
        MediaFile(folder=folder).download_file.save("a", samples.named(samples.png(), "a"))


def test_the_file_and_its_sizes_go_with_the_row(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    kept = samples.document()
    file = samples.picture()
    assert len(stored_files()) == 2 + len(SIZES)

    with django_capture_on_commit_callbacks(execute=True):
        file.delete()
        assert len(stored_files()) == 2 + len(SIZES), "not before the deletion is final"

    assert stored_files() == [kept.download_file.name]


@pytest.mark.django_db(transaction=True)
def test_a_deletion_that_is_rolled_back_keeps_the_file() -> None:
    file = samples.picture()
    before = stored_files()

    with transaction.atomic():
        file.delete()
        transaction.set_rollback(True)

    assert stored_files() == before


def test_a_replaced_file_goes_with_its_sizes(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    file = samples.picture("旧.jpg")
    old = file.image_file.name

    with django_capture_on_commit_callbacks(execute=True):
        file.image_file = samples.named(samples.png((50, 40)), "新.png")
        file.save()

    assert old not in stored_files()
    assert (
        len(stored_files()) == len(set(map(str, (getattr(file.image_file, s) for s in SIZES)))) + 1
    )
    assert file.title == "旧"
    assert (file.image_width, file.file_size) == (50, file.image_file.size)


def test_a_description_can_be_changed_though_the_file_is_lost() -> None:
    file = samples.document()
    default_storage.delete(file.download_file.name)

    file.title = "改了名"
    file.save()

    assert MediaFile.objects.get().title == "改了名"


def test_a_save_that_fails_leaves_no_file_behind() -> None:
    file = MediaFile(image_file=samples.named(samples.jpeg(), "a.jpg"))  # without a folder

    with pytest.raises(Exception, match="folder"):
        file.save()

    assert not stored_files()


def test_the_default_folder_is_one_even_where_its_name_is_not() -> None:
    first = Folder.objects.create(name="未归类")
    Folder.objects.create(name="未归类")

    assert default_folder() == first
