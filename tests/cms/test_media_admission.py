"""The gate of the library: what passes, as what, and the sentence for what does not."""

from __future__ import annotations

import io
import time

import pytest
from django.core.files.base import ContentFile
from PIL import Image

from portal.cms.media import admission, pictures
from portal.cms.media.admission import Admitted, UploadError, admit
from tests.cms import samples


def content_of(admitted: Admitted) -> bytes:
    admitted.seek(0)
    content: bytes = admitted.read()
    return content


def opened(admitted: Admitted) -> Image.Image:
    return Image.open(io.BytesIO(content_of(admitted)))


def refusal(content: bytes, name: str) -> str:
    with pytest.raises(UploadError) as refused:
        admit(samples.named(content, name))
    (sentence,) = refused.value.messages
    return str(sentence)


@pytest.mark.parametrize(
    ("format", "extension"), [("JPEG", ".jpg"), ("PNG", ".png"), ("WEBP", ".webp")]
)
def test_a_picture_passes_and_gets_a_name_of_ours(format: str, extension: str) -> None:
    admitted = admit(samples.named(samples.encoded(samples.image(), format), "../车间 1.JPG"))

    assert admitted.is_picture
    assert admitted.name is not None
    assert admitted.name.endswith(extension)
    assert "车间" not in admitted.name
    assert "/" not in admitted.name
    assert admitted.title == "车间 1"
    assert opened(admitted).format == format


def test_passing_twice_changes_nothing() -> None:
    admitted = admit(samples.named(samples.jpeg(), "车间.jpg"))

    assert admit(admitted) is admitted


def test_two_files_of_one_name_do_not_meet() -> None:
    names = {admit(samples.named(samples.PDF, "协议.pdf")).name for _ in range(2)}

    assert len(names) == 2


def test_place_phone_and_comment_of_a_photograph_are_left_behind() -> None:
    taken = samples.photograph()
    assert b"SECRET-PHONE" in taken

    admitted = admit(samples.named(taken, "IMG_0001.jpg"))

    stored = opened(admitted)
    assert not stored.getexif()
    assert set(stored.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
    }
    content = content_of(admitted)
    assert b"SECRET" not in content
    assert b"Exif" not in content


def test_a_photograph_taken_sideways_is_stored_upright() -> None:
    stored = opened(admit(samples.named(samples.photograph(), "IMG_0001.jpg")))

    assert stored.size == (300, 400)
    red, green, _ = stored.convert("RGB").getpixel((150, 10))  # type: ignore[misc]
    assert red > 200 > green


def test_metadata_of_png_and_webp_is_left_behind() -> None:
    from PIL.PngImagePlugin import PngInfo

    info = PngInfo()
    info.add_text("Author", "SECRET-AUTHOR")
    exif = Image.Exif()
    exif[0x0110] = "SECRET-PHONE"
    tagged = samples.encoded(samples.image(), "PNG", pnginfo=info, exif=exif, dpi=(300, 300))
    webp = samples.encoded(samples.image(), "WEBP", exif=exif, xmp=b"<x>SECRET-XMP</x>")

    for content, name in ((tagged, "a.png"), (webp, "a.webp")):
        admitted = admit(samples.named(content, name))
        assert b"SECRET" not in content_of(admitted)
        assert not opened(admitted).getexif()


def test_a_colour_profile_is_applied_and_dropped() -> None:
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    content = samples.jpeg(icc_profile=profile)

    stored = opened(admit(samples.named(content, "a.jpg")))

    assert "icc_profile" not in stored.info


def test_a_broken_colour_profile_is_no_reason_to_refuse() -> None:
    assert admit(samples.named(samples.jpeg(icc_profile=b"nonsense"), "a.jpg")).is_picture


@pytest.mark.parametrize(
    ("mode", "format"),
    [
        ("CMYK", "JPEG"), ("L", "JPEG"), ("1", "PNG"), ("P", "PNG"), ("LA", "PNG"), ("RGBA", "PNG"),
        ("I;16", "PNG"), ("RGBA", "WEBP"),
    ],
)  # fmt: skip
def test_every_kind_of_colour_passes(mode: str, format: str) -> None:
    admitted = admit(
        samples.named(samples.encoded(samples.image(mode=mode, colour=0), format), "a")
    )

    assert opened(admitted).mode in {"RGB", "L", "1", "P", "LA", "RGBA"}


def test_a_scan_of_16_bits_keeps_its_greys() -> None:
    scan = samples.encoded(samples.image(mode="I;16", colour=32768), "PNG")

    assert opened(admit(samples.named(scan, "扫描.png"))).getpixel((5, 5)) == 128


def test_transparency_stays() -> None:
    see_through = samples.image(mode="RGBA", colour=(0, 0, 0, 0))

    stored = opened(admit(samples.named(samples.encoded(see_through, "PNG"), "a.png")))

    assert stored.getpixel((5, 5)) == (0, 0, 0, 0)


def test_an_animation_stays_one() -> None:
    stored = opened(admit(samples.named(samples.gif(5), "动图.gif")))

    assert stored.format == "GIF"
    assert getattr(stored, "n_frames", 1) == 5


def test_of_an_animation_too_large_the_first_frame_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 60 * 40 * 4)

    admitted = admit(samples.named(samples.gif(5), "动图.gif"))

    assert opened(admitted).format == "PNG"


def test_a_gif_that_does_not_move_becomes_a_png() -> None:
    assert opened(admit(samples.named(samples.gif(1), "a.gif"))).format == "PNG"


def test_what_hides_behind_a_picture_is_cut_off() -> None:
    polyglot = samples.jpeg() + samples.HTML

    assert b"<script" not in content_of(admit(samples.named(polyglot, "a.jpg")))


def test_100_megapixels_are_refused_without_decoding_them() -> None:
    began = time.process_time()

    assert "超过 5000 万像素" in refusal(samples.png_of_100_megapixels(), "大图.png")

    assert time.process_time() - began < 1


def test_51_megapixels_are_refused() -> None:
    assert "万像素" in refusal(
        samples.encoded(samples.image((10_200, 5_000), "1", 0), "PNG"), "大.png"
    )


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "空.jpg", "是空文件"),
        ("这是文字。".encode(), "文字.jpg", "内容不是图片，与后缀 .jpg 不符"),
        (samples.jpeg()[:3000], "半张.jpg", "已损坏或不完整"),
        (b"\xff\xd8\xff" + b"x" * 500, "坏.jpg", "已损坏或不完整"),
        (b"\x89PNG\r\n\x1a\n", "坏.png", "已损坏或不完整"),
        (b"RIFF\x00\x00\x00\x00WEBP", "坏.webp", "已损坏或不完整"),
        (b"GIF89a", "坏.gif", "已损坏或不完整"),
        (b"GIF89a" + samples.HTML, "多面.gif", "已损坏或不完整"),
        (samples.SVG, "标志.svg", "只接受 JPG"),
        (samples.SVG, "标志.png", "内容不是图片"),
        (samples.HTML, "页面.html", "只接受 JPG"),
        (samples.HTML, "页面.pdf", "内容不是 PDF"),
        (b"MZ\x90\x00" + b"\x00" * 100, "程序.exe", "只接受 JPG"),
        (b"PK\x03\x04" + b"\x00" * 100, "压缩包.zip", "只接受 JPG"),
        (samples.office("index.html"), "网页.docx", "内容不是 DOCX"),
        (samples.OLE + b"\x00" * 600, "未知.doc", "内容不是 DOC"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 50, "IMG_2.HEIC", "是 HEIC 图片"),
        (b"BM" + b"\x00" * 60, "旧图.bmp", "只接受 JPG"),
        (samples.PDF, "扫描.jpg", "的内容是 PDF 文件，与后缀 .jpg 不符"),
        (samples.jpeg(), "照片.pdf", "的内容是图片，与后缀 .pdf 不符"),
        (samples.office("xl/workbook.xml"), "表.docx", "的内容是 XLSX 文件"),
        (samples.office("word/document.xml", "word/vbaProject.bin"), "宏.docx", "含有宏"),
        (samples.old_office("Workbook") + "_VBA_PROJECT".encode("utf-16-le"), "宏.xls", "含有宏"),
    ],
)  # fmt: skip
def test_what_we_do_not_keep_is_refused_with_a_reason(
    content: bytes, name: str, reason: str
) -> None:
    sentence = refusal(content, name)

    assert sentence.startswith(f"“{name}”")
    assert reason in sentence


def test_more_than_20_megabytes_are_refused() -> None:
    assert "超过 20 MB" in refusal(b"%PDF-" + b"x" * admission.MAX_BYTES, "大.pdf")


@pytest.mark.parametrize(
    ("content", "extension"),
    [
        (samples.PDF, ".pdf"),
        (samples.office("word/document.xml"), ".docx"),
        (samples.office("xl/workbook.xml"), ".xlsx"),
        (samples.office("ppt/presentation.xml"), ".pptx"),
        (samples.old_office("WordDocument"), ".doc"),
        (samples.old_office("Workbook"), ".xls"),
        (samples.old_office("PowerPoint Document"), ".ppt"),
    ],
)
def test_documents_are_recognised_by_their_content(content: bytes, extension: str) -> None:
    admitted = admit(samples.named(content, "文件"))

    assert not admitted.is_picture
    assert admitted.name is not None
    assert admitted.name.endswith(extension)
    assert content_of(admitted) == content


def test_a_file_without_a_name_passes_and_can_be_refused() -> None:
    assert admit(ContentFile(samples.jpeg())).title == ""
    with pytest.raises(UploadError, match="这个文件不能上传"):
        admit(ContentFile(b"text"))
