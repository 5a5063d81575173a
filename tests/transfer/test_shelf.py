"""Files of an old site by their addresses: found under many names, never outside the folder."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.cms.media.models import MediaFile
from portal.transfer.shelf import FOLDER, MissingError, Shelf
from tests.cms.samples import HTML, PDF, SVG, jpeg, png
from tests.desk.english import english_in

OWN = ("www.Old.example",)
fuzzed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder, with a secret beside it."""
    (tmp_path / "secret.jpg").write_bytes(jpeg((30, 30)))
    root = tmp_path / "site"
    root.mkdir()
    return root


def put(root: Path, *names: str, content: bytes = b"x") -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def paths_of(shelf: Shelf, address: str) -> Iterator[Path]:
    return shelf.paths(shelf.segments(address))


def found(root: Path, address: str) -> list[str]:
    """Return the files that an address may mean, by their paths in the folder."""
    return [str(path.relative_to(root)) for path in paths_of(Shelf(root, OWN), address)]


# --- From address to path ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/wp-content/uploads/2021/07/a.jpg",
        "https://www.old.example/wp-content/uploads/2021/07/a.jpg",
        "//old.example/wp-content/uploads/2021/07/a.jpg?v=3#x",
        "http://old.example:8080/wp-content//uploads/./2021/x/../07/a.jpg",
        "wp-content/uploads/2021/07/a.jpg",
        "/WP-Content/Uploads/2021/07/A.JPG",
        "/wp-content/uploads/2021/07/%61.jpg",
        "/wp-content\\uploads\\2021/07/a.jpg",
        "../../wp-content/uploads/2021/07/a.jpg",
    ],
)
@pytest.mark.parametrize("at", ["", "wp-content", "wp-content/uploads"])
def test_the_folder_may_be_the_sites_root_or_its_uploads(
    address: str, at: str, tmp_path: Path
) -> None:
    put(tmp_path, "wp-content/uploads/2021/07/a.jpg")
    assert found(tmp_path / at, address) == [
        str(Path("wp-content/uploads/2021/07/a.jpg").relative_to(at or "."))
    ]


def test_chinese_names_are_found_however_they_are_encoded(root: Path) -> None:
    put(root, "uploads/宿舍.jpg")
    for address in ("宿舍", "%E5%AE%BF%E8%88%8D", "%e5%ae%bf%e8%88%8d", "%CB%DE%C9%E1"):
        assert found(root, f"/uploads/{address}.jpg") == ["uploads/宿舍.jpg"]


def test_names_unpacked_from_a_chinese_zip_or_on_a_mac_are_found(root: Path) -> None:
    (root / "u").mkdir()
    gbk = os.fsdecode("宿舍.jpg".encode("gbk"))
    (root / "u" / gbk).write_bytes(b"x")
    put(root, "u/cafe\u0301.jpg")
    assert found(root, "/u/宿舍.jpg") == [f"u/{gbk}"]
    assert found(root, "/u/caf%C3%A9.jpg") == ["u/cafe\u0301.jpg"]


@pytest.mark.parametrize(
    ("there", "address", "meant"),
    [
        (["a.jpg", "a-300x200.jpg"], "a-300x200.jpg", ["a.jpg", "a-300x200.jpg"]),
        (["a.jpg"], "a-300x200.jpg", ["a.jpg"]),
        (["a.jpg", "a-scaled.jpg"], "a-300x200.jpg", ["a-scaled.jpg", "a.jpg"]),
        (["a.jpg", "a-scaled.jpg"], "a-scaled.jpg", ["a-scaled.jpg", "a.jpg"]),
        (["a-scaled.jpg"], "a.jpg", ["a-scaled.jpg"]),
        (["a.jpg"], "a-e1612345678901.jpg", ["a.jpg"]),
        (["a.jpg"], "a-e1612345678901-150x150.jpg", ["a.jpg"]),
        (["banner-1920x1080.jpg"], "banner-1920x1080.jpg", ["banner-1920x1080.jpg"]),
        (["a.jpg", "A.jpg"], "A.jpg", ["A.jpg"]),
        (["b.jpg"], "a.jpg", []),
    ],
)
def test_the_best_of_a_pictures_sizes_comes_first(
    there: list[str], address: str, meant: list[str], root: Path
) -> None:
    for name in there:
        size = (150, 100) if "-300x200" in name else (600, 400)
        put(root, f"uploads/{name}", content=jpeg(size))
    assert found(root, f"/uploads/{address}") == [f"uploads/{name}" for name in meant]


@pytest.mark.parametrize(
    ("size", "address", "is_sized", "first"),
    [
        ((600, 400), "a-300x200.jpg", True, "a.jpg"),
        ((599, 401), "a-300x200.jpg", True, "a.jpg"),
        ((400, 600), "a-300x200.jpg", True, "a.jpg"),  # a phone's: it lies on its side
        ((600, 400), "a-150x150.jpg", True, "a-150x150.jpg"),  # cut
        ((150, 100), "a-300x200.jpg", True, "a-300x200.jpg"),
        ((600, 400), "a-300x200.jpg", False, "a-300x200.jpg"),
    ],
)
def test_a_picture_named_as_a_size_of_another_may_be_one_of_its_own(
    size: tuple[int, int], address: str, is_sized: bool, first: str, root: Path
) -> None:
    put(root, "a.jpg", content=jpeg(size))
    put(root, address, content=jpeg((90, 60)))
    paths = [path.name for path in paths_of(Shelf(root, OWN, is_sized=is_sized), f"/{address}")]
    assert paths == ([first, *({"a.jpg", address} - {first})] if is_sized else [first])


def test_where_numbers_in_a_name_mean_nothing_another_picture_does_not_do(root: Path) -> None:
    put(root, "a.jpg", content=jpeg((600, 400)))
    assert list(paths_of(Shelf(root, OWN, is_sized=False), "/a-300x200.jpg")) == []


def test_on_a_foreign_host_the_same_path_is_another_picture(root: Path) -> None:
    put(root, "wp-content/uploads/2021/07/1.jpg")
    path = "wp-content/uploads/2021/07/1.jpg"
    assert found(root, f"https://another-blog.example/{path}") == []
    assert found(root, f"https://notold.example/{path}") == []
    for host in (
        "img.old.example",
        "i0.cache.example/old.example",
        "i0.cache.example/www.old.example",
    ):
        assert found(root, f"https://{host}/{path}") == [path]


@pytest.mark.parametrize(
    "address",
    [
        "../secret.jpg",
        "/../../secret.jpg",
        "/%2e%2e/secret.jpg",
        "/..%2fsecret.jpg",
        "/..%5csecret.jpg",
        "/%252e%252e/secret.jpg",
        "/..\\secret.jpg",
        "file:///etc/passwd",
        "/etc/passwd",
        "/out.jpg",
        "/folder/secret.jpg",
        "/loop/x.jpg",
        "/broken.jpg",
        "/a%00b.jpg",
        "/pipe",
        "/sub",
        "http://[",
        "",
        "/",
        ".",
    ],
)
def test_no_path_leaves_the_folder(address: str, root: Path) -> None:
    (root / "out.jpg").symlink_to(root.parent / "secret.jpg")
    (root / "folder").symlink_to(root.parent)
    (root / "loop").symlink_to(root / "loop")
    (root / "broken.jpg").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe")
    (root / "sub").mkdir()
    assert found(root, address) == []


def test_a_link_within_the_folder_may_be_followed(root: Path) -> None:
    put(root, "real/a.jpg")
    (root / "uploads").symlink_to(root / "real")
    assert found(root, "/uploads/a.jpg") == ["uploads/a.jpg"]


@fuzzed
@given(
    address=st.lists(
        st.sampled_from(
            ["..", ".", "/", "\\", "%2e", "%2f", "secret.jpg", "site", "a", "\0", "~", "%00"]
        )
        | st.text(max_size=5)
    ).map("".join)
)
def test_no_address_raises_or_leads_out(address: str, tmp_path: Path) -> None:
    root = tmp_path / "site"
    put(root, "a")
    (tmp_path / "secret.jpg").touch()
    for path in paths_of(Shelf(root, OWN), address):
        assert path.resolve().is_relative_to(root)


def test_many_addresses_read_each_folder_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(root, *(f"uploads/{number}.jpg" for number in range(50)))
    reads: list[Path] = []

    def read_names(shelf: Shelf, folder: Path) -> Mapping[str, str]:
        reads.append(folder)
        return names_in(shelf, folder)

    names_in = Shelf.read_names
    monkeypatch.setattr(Shelf, "read_names", read_names)
    shelf = Shelf(root, OWN)
    assert all(list(paths_of(shelf, f"/uploads/{number}.jpg")) for number in range(50))
    assert len(reads) == 2


# --- Into the library ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_picture_is_stored_with_its_words(root: Path) -> None:
    put(root, "uploads/宿舍.jpg", content=jpeg((640, 480)))
    file = Shelf(root, OWN).keep(
        "/uploads/宿舍.jpg", title="宿" * 200, alt="四人间", caption="说明"
    )
    assert file is not None
    assert file.image_file
    assert (file.title, file.image_alt_text, file.caption) == ("宿" * 120, "四人间", "说明")
    assert file.folder.name == FOLDER


@pytest.mark.django_db
def test_a_document_is_stored_under_its_own_name(root: Path) -> None:
    put(root, "uploads/报名表.pdf", content=PDF)
    file = Shelf(root, OWN).keep("/uploads/报名表.pdf")
    assert file is not None
    assert file.download_file
    assert file.title == "报名表"


@pytest.mark.django_db
def test_a_file_is_stored_once_under_all_its_addresses(root: Path) -> None:
    put(root, "uploads/a.jpg", content=jpeg())
    told: dict[str, MediaFile] = {}
    shelf = Shelf(root, OWN, remember=told.__setitem__)
    addresses = [
        "/uploads/a.jpg",
        "https://old.example/uploads/a-300x200.jpg?v=1",
        "/uploads/A.jpg",
    ]
    files = {file.pk for address in addresses if (file := shelf.keep(address))}
    assert len(files) == 1
    assert list(told) == ["/uploads/a.jpg", "/uploads/a-300x200.jpg", "/uploads/A.jpg"]
    assert MediaFile.objects.count() == 1


@pytest.mark.django_db
def test_the_next_run_finds_what_the_first_has_stored(root: Path) -> None:
    put(root, "uploads/a.jpg", content=jpeg())
    told: dict[str, MediaFile] = {}
    Shelf(root, OWN, remember=told.__setitem__).keep("/uploads/a.jpg")
    again = Shelf(None, OWN, recall=told.get).keep("/uploads/a.jpg")
    assert again == told["/uploads/a.jpg"]
    assert MediaFile.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("below", ["", "wp-content/uploads"])
def test_the_next_run_knows_a_picture_by_its_other_sizes_too(root: Path, below: str) -> None:
    put(root, "wp-content/uploads/a.jpg", content=jpeg((600, 400)))
    told: dict[str, MediaFile] = {}
    file = Shelf(root / below, OWN, remember=told.__setitem__).keep("/wp-content/uploads/a.jpg")
    again = Shelf(root / below, OWN, recall=told.get, remember=told.__setitem__)
    assert again.keep("/wp-content/uploads/a-300x200.jpg") == file
    assert list(told) == ["/wp-content/uploads/a.jpg", "/wp-content/uploads/a-300x200.jpg"]
    dry = Shelf(root / below, OWN, recall=told.get, remember=told.__setitem__, dry_run=True)
    assert dry.keep("/wp-content/uploads/a-150x100.jpg") == file
    assert len(told) == 2


@pytest.mark.django_db
def test_a_file_that_is_not_remembered_is_not_stored_either(root: Path) -> None:
    put(root, "uploads/a.jpg", content=jpeg())

    def fail(address: str, file: MediaFile) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Shelf(root, OWN, remember=fail).keep("/uploads/a.jpg")
    assert not MediaFile.objects.exists()


@pytest.mark.django_db
def test_a_dry_run_stores_nothing_and_says_what_is_missing(root: Path) -> None:
    put(root, "uploads/a.jpg", content=jpeg())
    shelf = Shelf(root, OWN, dry_run=True, remember=lambda *told: pytest.fail("told"))
    assert shelf.keep("/uploads/a.jpg") is None
    assert shelf.keep_content(png()) is None
    with pytest.raises(MissingError):
        shelf.keep("/uploads/b.jpg")
    assert not MediaFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.svg", SVG, "不能上传"),
        ("a.jpg", HTML, "不是图片"),
        ("a.php", b"<?php eval($_POST[0]);", "不能上传"),
        ("a.jpg", b"", "空文件"),
        ("a.jpg", jpeg()[:2000], "已损坏"),
        ("a.zip", b"PK\x03\x04" + bytes(30), "不能上传"),
    ],
)
def test_the_gate_refuses_what_it_always_refuses(
    name: str, content: bytes, why: str, root: Path
) -> None:
    put(root, f"uploads/{name}", content=content)
    with pytest.raises(MissingError, match=why):
        Shelf(root, OWN).keep(f"/uploads/{name}")
    assert not MediaFile.objects.exists()


@pytest.mark.django_db
def test_where_the_original_is_refused_a_smaller_size_will_do(root: Path) -> None:
    put(root, "uploads/a.jpg", content=jpeg()[:2000])
    put(root, "uploads/a-300x200.jpg", content=jpeg((300, 200)))
    file = Shelf(root, OWN).keep("/uploads/a-300x200.jpg")
    assert file is not None
    assert file.image_width == 300


@pytest.mark.django_db
def test_a_file_too_large_is_not_even_read(root: Path) -> None:
    put(root, "uploads/a.jpg")
    os.truncate(root / "uploads/a.jpg", 21 << 20)
    with pytest.raises(MissingError, match="20 MB"):
        Shelf(root, OWN).keep("/uploads/a.jpg")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("/uploads/nicht.jpg", "文件夹里没有这个文件"),
        ("https://elsewhere.example/a/b/c.jpg", "在别的网站上，没有去取"),
        ("/", "文件夹里没有这个文件"),
        (f"/{'长' * 1000}.jpg", "文件夹里没有这个文件"),
        ("http://[", "在别的网站上，没有去取"),
    ],
)
def test_what_is_missing_is_said_in_chinese(address: str, reason: str, root: Path) -> None:
    with pytest.raises(MissingError) as missing:
        Shelf(root, OWN).keep(address)
    assert str(missing.value) == reason
    assert not english_in(reason)


@pytest.mark.django_db
def test_without_a_folder_all_is_missing() -> None:
    with pytest.raises(MissingError, match="没有用 --media 给出旧站的文件夹"):
        Shelf(None, OWN).keep("/uploads/a.jpg")


@pytest.mark.django_db
def test_a_picture_in_a_text_is_stored_once(root: Path) -> None:
    told: dict[str, MediaFile] = {}
    shelf = Shelf(root, OWN, recall=told.get, remember=told.__setitem__)
    first, second = shelf.keep_content(png(), alt="图"), shelf.keep_content(png())
    assert first is not None
    assert first == second
    assert first.image_alt_text == "图"
    assert shelf.keep_content(png((1, 1))) is None  # a spacer
    with pytest.raises(MissingError, match="不是图片"):
        shelf.keep_content(HTML)
