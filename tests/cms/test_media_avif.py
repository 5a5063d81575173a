"""AVIF: made when there is time, shown where it is, gone with its picture."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.utils import timezone
from PIL import Image
from pytest_django import DjangoCaptureOnCommitCallbacks

from portal.cms.delivery import due
from portal.cms.media import avif, backlog, sizes
from portal.cms.media.backlog import Backlog
from portal.cms.media.display import picture_html
from portal.cms.media.models import MediaFile
from portal.cms.media.sizes import FORMATS, SHAPES, WIDTHS, fitted
from portal.cms.media.uploads import store
from tests.cms import samples

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not avif.IS_SUPPORTED, reason="this Pillow writes no AVIF"),
]


def make_avif() -> str:
    out = io.StringIO()
    call_command("make_avif", stdout=out, stderr=out)
    return out.getvalue()


def stored_avif() -> list[Path]:
    return sorted(Path(default_storage.path("")).rglob("*.avif"))


def shown(file: MediaFile) -> str:
    """The picture as a page finds it."""
    return picture_html(MediaFile.objects.get(pk=file.pk), "large")


def interrupted_after(most: int) -> Callable[..., Image.Image]:
    left = iter(range(most))

    def resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return sizes.resized(image, size)

    return resized


def test_an_upload_does_not_wait_for_it() -> None:
    file = samples.picture()

    assert stored_avif() == []
    assert "<picture" not in shown(file)


def test_every_size_of_a_picture_is_made_once() -> None:
    file = samples.picture(size=(2000, 1000))

    assert make_avif() == "补做了 1 张图片的 AVIF。\n"
    assert make_avif() == "补做了 0 张图片的 AVIF。\n"

    for size, measure in WIDTHS.items():
        with default_storage.open(avif.name_of(file, size)) as stored, Image.open(stored) as image:
            assert (image.format, image.size) == ("AVIF", fitted(2000, 1000, measure))


def test_a_page_offers_it_first_and_webp_else() -> None:
    file = samples.picture(size=(2000, 1000), image_alt_text="车间")
    plain = picture_html(file, "large", sizes="50vw")
    make_avif()
    file.refresh_from_db()

    html = picture_html(file, "large", sizes="50vw")

    small, medium, large = (avif.url_of(file, size) for size in ("small", "medium", "large"))
    assert html == (
        f'<picture><source sizes="50vw" srcset="{small} 480w, {medium} 960w, {large} 1600w" '
        f'type="image/avif">{plain}</picture>'
    )
    assert picture_html(file, "card").startswith("<img "), "shapes are small already"


def test_an_interrupted_making_shows_nothing_and_is_finished_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = samples.picture(size=(2000, 1000))
    with monkeypatch.context() as patch:
        patch.setattr(avif, "resized", interrupted_after(2))
        with pytest.raises(KeyboardInterrupt):
            make_avif()

    assert len(stored_avif()) == 2
    assert "<picture" not in shown(file)
    assert "补做了 1 张" in make_avif()
    assert len(stored_avif()) == 3
    assert "<picture" in shown(file)


def test_what_was_made_before_it_was_noted_is_offered_after_the_next_run() -> None:
    file = samples.picture()
    make_avif()
    MediaFile.objects.update(avif_name="")

    assert "<picture" not in shown(file)
    assert "补做了 0 张" in make_avif()
    assert "<picture" in shown(file)


def test_what_the_storage_has_lost_is_made_again() -> None:
    file = samples.picture()
    make_avif()
    default_storage.delete(avif.name_of(file, "medium"))

    assert "补做了 1 张" in make_avif()
    assert default_storage.exists(avif.name_of(file, "medium"))


def test_a_page_does_not_ask_the_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    file = samples.picture()
    make_avif()
    monkeypatch.setattr(FileSystemStorage, "exists", lambda *_: pytest.fail("asked the storage"))

    assert "<picture" in shown(file)


def test_making_it_is_no_change_of_the_picture() -> None:
    file = samples.picture()
    make_avif()

    assert MediaFile.objects.get(pk=file.pk).updated_at == file.updated_at


def test_it_goes_with_the_picture(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    kept, replaced, deleted = (samples.picture(name) for name in ("甲.jpg", "乙.jpg", "丙.jpg"))
    make_avif()

    with django_capture_on_commit_callbacks(execute=True):
        deleted.delete()
        replaced.refresh_from_db()
        replaced.image_file = samples.named(samples.png((50, 40)), "新.png")
        replaced.save()

    assert {path.stem for path in stored_avif()} == {
        Path(avif.name_of(kept, size)).stem for size in WIDTHS
    }
    assert "<picture" not in shown(replaced)


@pytest.mark.parametrize("mode", ["L", "P", "LA", "RGBA"])
def test_it_is_made_of_every_kind_of_colour(mode: str) -> None:
    store(samples.named(samples.encoded(samples.image(mode=mode, colour=0), "PNG"), "a.png"))

    assert "补做了 1 张" in make_avif()


def test_animations_and_documents_have_none() -> None:
    file = store(samples.named(samples.gif(3), "动图.gif"))
    samples.document()

    assert "补做了 0 张" in make_avif()
    assert shown(file).startswith("<img ")


def test_a_lost_picture_does_not_stop_the_others() -> None:
    samples.picture("好的.jpg")
    lost = samples.picture("丢了.jpg")
    default_storage.delete(str(lost.image_file.name))

    out = make_avif()

    assert f"“丢了”（编号 {lost.pk}）的原图打不开，已跳过。" in out
    assert "补做了 1 张" in out


# --- By the worker ------------------------------------------------------------------------------------


def test_the_worker_makes_them_one_at_a_turn_and_the_newest_first() -> None:
    old, animated, new = (
        samples.picture("旧.jpg"),
        store(samples.named(samples.gif(3), "动图.gif")),
        samples.picture("新.jpg"),
    )
    worker = Backlog()

    assert worker.step(timezone.now())
    assert ["<picture" in shown(file) for file in (old, animated, new)] == [False, False, True]
    assert worker.step(timezone.now())
    assert "<picture" in shown(old)
    assert not worker.step(timezone.now())


def test_a_library_is_gone_through_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [samples.picture(f"{n}.jpg", (9, 9)) for n in range(5)]
    monkeypatch.setattr(backlog, "AT_ONCE", 2)

    assert list(backlog.pictures()) == files[::-1]
    assert list(backlog.pictures(files[2].pk)) == [files[1], files[0]]


def test_the_next_round_begins_with_what_came_meanwhile() -> None:
    samples.picture("旧.jpg")
    worker = Backlog()
    while worker.step(timezone.now()):
        pass
    new = samples.picture("新.jpg")

    assert worker.step(timezone.now())
    assert "<picture" in shown(new)


def test_what_is_lost_does_not_keep_the_worker_from_the_others() -> None:
    good, lost = samples.picture("好的.jpg"), samples.picture("丢了.jpg")
    default_storage.delete(str(lost.image_file.name))
    worker = Backlog()

    assert worker.step(timezone.now())
    assert worker.step(timezone.now())
    assert not worker.step(timezone.now())
    assert "<picture" in shown(good)


def test_the_worker_knows_the_task_and_does_nothing_without_a_coder(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert due.label_of("avif") == "为新图片制作 AVIF"
    samples.picture()
    monkeypatch.setattr(avif, "IS_SUPPORTED", False)

    assert not Backlog().step(timezone.now())


def without_shapes(file: MediaFile) -> list[str]:
    """Have a picture be one from before some shape came; return the names of its shapes."""
    names = [file.image_file._process_context(FORMATS[shape]).name for shape in SHAPES]
    for name in names:
        default_storage.delete(name)
    MediaFile.objects.filter(pk=file.pk).update(shapes_made=False)
    return names


def test_a_new_picture_has_its_shapes_and_says_so() -> None:
    file = samples.picture()
    file.refresh_from_db()
    document = store(samples.named(samples.PDF, "说明.pdf"))

    assert file.shapes_made
    assert not document.shapes_made
    assert document.get_absolute_url() == document.download_file.url


def test_the_worker_makes_the_shapes_that_came_after_a_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(avif, "IS_SUPPORTED", False)
    file = samples.picture()
    names = without_shapes(file)
    changes: list[str] = []
    monkeypatch.setattr(backlog, "content_changed", lambda: changes.append("shapes"))
    worker = Backlog()

    assert worker.step(timezone.now())
    assert all(map(default_storage.exists, names))
    file.refresh_from_db()
    assert file.shapes_made
    assert changes == ["shapes"]
    assert not worker.step(timezone.now())


def test_shapes_and_avif_are_made_in_one_turn() -> None:
    file = samples.picture()
    without_shapes(file)
    worker = Backlog()

    assert worker.step(timezone.now())
    assert "<picture" in shown(file)
    assert MediaFile.objects.get(pk=file.pk).shapes_made
    assert not worker.step(timezone.now())


def test_of_a_picture_that_is_replaced_meanwhile_no_shape_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = samples.picture()
    names = without_shapes(file)
    stale = MediaFile.objects.get(pk=file.pk)
    MediaFile.objects.filter(pk=file.pk).update(image_file="cabinet/2026/11/another.png")

    backlog.make_shapes(stale)
    assert not any(map(default_storage.exists, names))
    assert not MediaFile.objects.filter(shapes_made=True).exists()


def test_a_lost_picture_makes_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    file = samples.picture()
    without_shapes(file)
    default_storage.delete(str(file.image_file.name))

    assert Backlog().step(timezone.now())
    assert caplog.records == []


def test_of_a_picture_that_is_replaced_while_it_is_drawn_nothing_is_left(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    seen = samples.picture()
    draw = avif.draw

    def slow(file: MediaFile, missing: list[str]) -> None:
        draw(file, missing)
        again = MediaFile.objects.get(pk=file.pk)
        again.image_file = samples.named(samples.png((50, 40)), "新.png")
        with django_capture_on_commit_callbacks(execute=True):
            again.save()

    monkeypatch.setattr(avif, "draw", slow)

    assert not avif.make(MediaFile.objects.get(pk=seen.pk))
    assert stored_avif() == []
    assert "<picture" not in shown(seen)


def test_without_a_coder_the_operator_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avif, "IS_SUPPORTED", False)

    with pytest.raises(CommandError, match="不支持 AVIF"):
        make_avif()


def test_the_file_is_sent_as_what_it_is(client: Client) -> None:
    file = samples.picture()
    make_avif()

    answer = client.get(avif.url_of(file, "small"))

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/avif")
    assert answer.getvalue()[4:12] == b"ftypavif"
    answer.close()
