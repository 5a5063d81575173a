"""What somebody who means harm uploads: nothing of it is kept as sent, whichever door it comes to."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import threading
import zipfile
from functools import cache, partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory
from PIL import Image

from portal.cms import private, zipped
from portal.cms.media import admission, fetching
from portal.cms.media.admission import Admitted, UploadError, admit
from portal.cms.media.fields import DocumentFormField, PictureFormField
from portal.cms.media.models import MediaFile
from portal.cms.media.serving import serve
from portal.cms.media.turns import turn
from portal.cms.media.uploads import store
from portal.cms.private.models import PrivateFile
from portal.cms.sheets import books, reading, writing
from portal.transfer.whole.media import is_what_it_says
from tests import cast
from tests.cms import attacks
from tests.cms.attacks import ATTACKS, PAYLOAD

REFUSED = [name for name, attack in ATTACKS.items() if attack.refused]
KEPT = [name for name, attack in ATTACKS.items() if not attack.refused]
OUR_NAME = re.compile(r"[0-9a-f]{16}\.(jpg|png|webp|gif|pdf|docx?|xlsx?|pptx?)")
# Megabytes. What was refused or drawn small; and one picture as large as may be (see `pictures`).
ROOM_FOR_BOMBS = 150
ROOM_FOR_ONE = 550
ROOM_FOR_SHEETS = 350  # see `books`


@cache
def made(name: str) -> bytes:
    return ATTACKS[name].made()


def sent(content: bytes, name: str) -> ContentFile[bytes]:
    return ContentFile(content, name=name)


def content_of(admitted: Admitted) -> bytes:
    admitted.seek(0)
    content: bytes = admitted.read()
    return content


# --- The gate ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_none_or_too_much_is_refused_with_a_reason(name: str) -> None:
    attack = ATTACKS[name]

    with pytest.raises(UploadError) as refused:
        admit(sent(made(name), attack.name))

    (sentence,) = refused.value.messages
    assert attack.refused in sentence
    assert attack.name in sentence


@pytest.mark.parametrize("name", KEPT)
def test_what_hides_in_a_picture_does_not_get_in(name: str) -> None:
    attack = ATTACKS[name]
    content = made(name)

    admitted = admit(sent(content, attack.name))

    kept = content_of(admitted)
    assert kept != content
    assert b"PAYLOAD" not in kept
    assert b"PK\x03\x04" not in kept
    assert OUR_NAME.fullmatch(str(admitted.name))
    with Image.open(io.BytesIO(kept)) as picture:
        assert not picture.getexif()
        assert not {"icc_profile", "xmp", "comment", "exif", "mp"} & set(picture.info)
        assert getattr(picture, "n_frames", 1) == (3 if picture.format == "GIF" else 1)


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("../../../etc/cron.d/车间.jpg", "车间"),
        ("..\\..\\windows\\车间.jpg", "车间"),
        ("/media/车间.jpg", "车间"),
        ("车间.php.jpg", "车间.php"),
        ("车\x00间.jpg", "车间"),
        ("车间\u202egpj.jpg", "车间gpj"),
        ("车间\r\nContent-Type: text/html.jpg", "html"),
        ("长" * 3000 + ".jpg", "长" * 120),
        ("..", ".."),
        ("", ""),
        ("CON.jpg", "CON"),
        ("<script>.jpg", "<script>"),
    ],
)
def test_a_name_decides_nothing(typed: str, title: str) -> None:
    file = ContentFile(attacks.jpeg())
    file.name = typed  # past Django, which would take the folders off

    admitted = admit(file)

    assert OUR_NAME.fullmatch(str(admitted.name))
    assert admitted.title == title


def test_a_name_that_is_long_or_turned_around_is_said_short_and_straight() -> None:
    with pytest.raises(UploadError) as refused:
        admit(sent(b"MZ", "长" * 3000 + "\u202egpj.exe"))

    (sentence,) = refused.value.messages
    assert len(sentence) < 150
    assert "\u202e" not in sentence


class Turncoat(File):  # type: ignore[type-arg]
    """A file that is another one each time it is read, and says a size that it does not have."""

    def __init__(self, *contents: bytes, size: int = 100) -> None:
        super().__init__(io.BytesIO(), name="照片.jpg")
        self.contents = list(contents)
        self.size = size
        self.reads = 0

    def read(self, count: int = -1) -> bytes:
        self.reads += 1
        return self.contents[min(self.reads, len(self.contents)) - 1][
            : count if count >= 0 else None
        ]


def test_what_was_looked_at_is_what_is_kept() -> None:
    file = Turncoat(attacks.jpeg(), PAYLOAD)

    admitted = admit(file)

    assert file.reads == 1
    assert content_of(admitted).startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize("said", [0, 10])
def test_a_size_that_lies_decides_nothing(said: int) -> None:
    assert admit(Turncoat(attacks.jpeg(), size=said)).is_picture
    with pytest.raises(UploadError, match="超过 20 MB"):
        admit(Turncoat(b"%PDF-" + bytes(admission.MAX_BYTES), size=said))


@pytest.mark.django_db
def test_a_pdf_that_runs_script_stays_what_it_is_and_is_only_ever_saved() -> None:
    content = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj" + PAYLOAD
    admitted = admit(sent(content, "合同.pdf"))
    name = default_storage.save(str(admitted.name), admitted)

    response = serve(RequestFactory().get("/media/"), name)

    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert_is_no_page(response)


@pytest.mark.django_db
def test_what_is_served_is_a_picture_whatever_it_was() -> None:
    for attack in ("an archive behind a JPEG", "script in a GIF's comment"):
        admitted = admit(sent(made(attack), "页面.html.jpg"))
        name = default_storage.save(str(admitted.name), admitted)

        response = serve(RequestFactory().get("/media/"), name)

        assert response.headers["Content-Type"] in {"image/jpeg", "image/png"}
        assert_is_no_page(response)


def assert_is_no_page(response: Any) -> None:
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    response.close()


# --- One at a time -------------------------------------------------------------------------------------


def test_while_one_is_drawn_others_wait_and_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    drawing, done = threading.Event(), threading.Event()

    def draw() -> None:
        with turn():
            drawing.set()
            done.wait(10)

    other = threading.Thread(target=draw)
    other.start()
    drawing.wait(10)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(admission, "turn", partial(turn, 0))
            with pytest.raises(UploadError, match="正在处理其他图片"):
                admit(sent(attacks.jpeg(), "车间.jpg"))
    finally:
        done.set()
        other.join()

    assert admit(sent(attacks.jpeg(), "车间.jpg")).is_picture


def test_all_of_them_one_after_another_take_little_memory() -> None:
    """The bombs, and then the largest picture that is drawn, in a process that does nothing else."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.cms.attacks"],
        # Without lxml, as on a server.
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", "OPENPYXL_LXML": "False"},
        capture_output=True,
        text=True,
        check=True,
    )
    bombs, with_one, sheets = (int(megabytes) for megabytes in ran.stdout.split())

    assert bombs < ROOM_FOR_BOMBS
    assert with_one < ROOM_FOR_ONE
    assert 0 < sheets < ROOM_FOR_SHEETS


# --- All doors -----------------------------------------------------------------------------------------


def through_the_library(content: bytes, name: str) -> None:
    PictureFormField().to_python(SimpleUploadedFile(name, content))


def through_the_library_as_a_document(content: bytes, name: str) -> None:
    DocumentFormField().to_python(SimpleUploadedFile(name, content))


def from_code(content: bytes, name: str) -> None:
    store(sent(content, name))


def from_the_web(content: bytes, name: str) -> None:
    fetching.keep_picture(content, name)


def as_a_cv(content: bytes, name: str) -> None:
    private.keep(SimpleUploadedFile(name, content), "cv")


def as_a_proof(content: bytes, name: str) -> None:
    private.keep(SimpleUploadedFile(name, content), "proof")


DOORS = [
    through_the_library,
    through_the_library_as_a_document,
    from_code,
    from_the_web,
    as_a_cv,
    as_a_proof,
]


@pytest.mark.django_db
@pytest.mark.parametrize("door", DOORS)
def test_no_door_lets_in_what_the_gate_refuses(door: Any) -> None:
    for name in REFUSED:
        # What comes from the web has no name but what we make of it, so that none can lie.
        if (name, door) != ("a picture as PDF", from_the_web):
            with pytest.raises(ValidationError):
                door(made(name), ATTACKS[name].name)

    assert not MediaFile.objects.exists()
    assert not PrivateFile.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["SVG as PNG", "a PNG of 100 megapixels", "a DOCM as DOCX"])
def test_the_desk_answers_with_the_reason(client: Client, name: str) -> None:
    attack = ATTACKS[name]
    client.force_login(cast.laozhou())

    answer = client.post(
        "/admin/cms/mediafile/upload/", {"file": SimpleUploadedFile(attack.name, made(name))}
    )

    assert answer.status_code == 400
    assert attack.refused in answer.json()["error"]
    assert not MediaFile.objects.exists()


@pytest.mark.parametrize("name", REFUSED)
def test_a_moved_site_brings_none_of_them(name: str) -> None:
    """The files of an export are as they were stored: each must be what its name says, and no macro."""
    attack = ATTACKS[name]
    content = made(name)
    is_picture = attack.refused in {attacks.LARGE, attacks.BROKEN}

    assert is_picture or not is_what_it_says(attack.name, io.BytesIO(content), len(content))


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml"])
@pytest.mark.parametrize("filling", [b"<a/>", b' a=""'])
def test_a_sheet_of_nothing_but_elements_is_refused_before_it_is_read(
    part: str, filling: bytes
) -> None:
    """60 KB that would take a gigabyte, and minutes."""
    sheet = attacks.archive({"[Content_Types].xml": b"<Types/>", part: filling * 10_000_000})

    with pytest.raises(reading.SheetError, match="表格展开后太大"):
        reading.read(sheet, 100)


@pytest.mark.parametrize("packed", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_sheet_that_would_be_unpacked_whole_is_refused(packed: int) -> None:
    with pytest.raises(reading.SheetError, match="已损坏"):
        reading.read(attacks.packed_whole(packed, bytes(1_000_000)), 100)


def test_a_sheet_that_tells_its_parts_smaller_than_they_are_is_refused() -> None:
    part = "xl/worksheets/sheet1.xml"
    sheet = attacks.archive({"[Content_Types].xml": b"<Types/>", part: bytes(1_000_000)})

    with pytest.raises(reading.SheetError, match="已损坏"):
        reading.read(attacks.told_smaller(sheet, part, 100), 100)


def test_a_sheet_of_more_parts_than_any_has_is_refused() -> None:
    with pytest.raises(reading.SheetError, match="已损坏"):
        reading.read(attacks.many_parts(), 100)


def test_a_sheet_of_more_styles_than_any_has_is_refused() -> None:
    """Each takes ten times what a cell does, and as long."""
    sheet = attacks.sheet("xl/styles.xml", "</cellXfs>", "<xf/>" * (books.MOST_OTHERS + 1))

    with pytest.raises(reading.SheetError, match="表格展开后太大"):
        reading.read(sheet, 100)


def test_a_page_is_opened_once_however_often_it_is_named() -> None:
    """Each of them is read up to where its rows begin, and may have charts that are kept."""
    again = f'<sheet name="b" sheetId="1" xmlns:r="{attacks.RELATED}" r:id="rId1"/>'
    sheet = attacks.sheet("xl/workbook.xml", "</sheets>", again * 50)

    with books.first_page(sheet) as page:
        assert page.parent.worksheets == [page]
    assert [row for _, row in reading.read(sheet, 10).rows] == [{"岗位": "普工"}]


def test_a_text_that_stands_in_every_cell_is_refused() -> None:
    """Of ten megabytes once in the file, each cell would make its own."""
    long = f"{'长' * (reading.LONGEST_CELL + 1)} "
    for text, reason in ((long, "超过 32767 字"), (long[2:], "表格展开后太大")):
        cell = f'<c t="inlineStr"><is><t>{text}</t></is></c>'
        sheet = attacks.sheet(attacks.PAGE, "</sheetData>", f"<row>{cell * 40}</row>" * 10)
        with pytest.raises(reading.SheetError, match=reason):
            reading.read(sheet, 100)


def test_the_largest_sheet_of_a_sensible_size_is_read() -> None:
    rows = [[f"{number}-{column}" for column in range(30)] for number in range(5000)]
    content = writing.write([f"列{column}" for column in range(30)], rows)

    with zipped.opened(content) as archive:
        assert not books.is_too_large(archive)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_sheet_whose_xml_multiplies_itself_is_refused(encoding: str) -> None:
    """25 KB that would take gigabytes, and a minute; also where it is cut in two as it is read."""
    part = "xl/worksheets/sheet1.xml"
    says = f"<!--{' ' * (zipped.PIECE - 12)}--><!DOCTYPE a [<!ENTITY b 'cc'>]><a>&b;</a>"
    sheet = attacks.archive({"[Content_Types].xml": b"<Types/>", part: says.encode(encoding)})

    with zipped.opened(sheet) as archive, pytest.raises(ValueError, match="document type"):
        books.is_too_large(archive)
    with pytest.raises(reading.SheetError, match="已损坏"):
        reading.read(sheet, 100)
