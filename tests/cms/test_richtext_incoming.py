"""Pictures that come with a text: into the library, or marked where they could not be had."""

from __future__ import annotations

import base64
import time
from urllib.parse import quote

import pytest
from django.utils.html import escape
from hypothesis import example, given

from portal.cms.media import fetching
from portal.cms.media.fetching import FetchError
from portal.cms.media.models import MediaFile
from portal.cms.richtext import incoming
from portal.cms.richtext.clean import clean
from portal.cms.richtext.incoming import (
    MISSING,
    Missing,
    as_html,
    bring_in,
    has_foreign_pictures,
    mark,
)
from portal.cms.richtext.library import pictures
from portal.cms.richtext.scan import scan
from tests.cms import samples
from tests.cms.test_richtext_clean import HTML, WECHAT, WORD
from tests.desk.english import english_in

pytestmark = pytest.mark.django_db


class Web:
    """Addresses and what is there. Only as much of the fetcher is played as goes out of the house."""

    def __init__(self) -> None:
        self.pages: dict[str, bytes] = {}
        self.asked: list[str] = []

    def download(self, url: str, seconds: float) -> bytes:
        assert 0 < seconds <= fetching.SECONDS
        self.asked.append(url)
        if url not in self.pages:
            raise FetchError("对方网站没有给出这张图片（状态码 404）。")
        return self.pages[url]


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch) -> Web:
    web = Web()
    monkeypatch.setattr(fetching, "download", web.download)
    return web


def data(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def stored(html: str) -> str:
    """The text as its field stores it in the end."""
    return str(clean(html, pictures))


def figure(file: MediaFile, alt: str = "") -> str:
    size = f'width="{file.image_width}" height="{file.image_height}"'
    source = f'src="{file.image_file.url}"'
    return f'<figure><img data-file="{file.pk}" {source} {size} alt="{alt}"></figure>'


PNG = data(samples.png((9, 9)))


# --- Which texts have something to bring -----------------------------------------------------------


@pytest.mark.parametrize(
    "html",
    ["", "<p>劳务派遣</p>", '<figure><img data-file="7" src="/x" alt=""></figure>', "&lt;img"],
)
def test_a_text_of_ours_passes_as_it_is(html: str) -> None:
    assert not has_foreign_pictures(html)
    assert bring_in(html).html is html


@pytest.mark.parametrize("html", ["<img>", "<IMG SRC=x>", "<img\nsrc=x>", '<img data-file="x">'])
def test_any_other_picture_is_seen(html: str) -> None:
    assert has_foreign_pictures(f'<p><img data-file="7">{html}</p>')


def test_looking_costs_next_to_nothing() -> None:
    html = "<img data-file=" * 300_000
    began = time.process_time()

    has_foreign_pictures("<p>劳务派遣</p>" * 300_000)
    has_foreign_pictures(html)

    assert time.process_time() - began < 0.5


# --- Pictures in the text itself -------------------------------------------------------------------


def test_a_picture_in_the_text_becomes_one_of_the_library() -> None:
    text = f'<p>门口<img src="{PNG}" alt=" 厂 门口 ">左转</p>'

    came = bring_in(text)

    file = MediaFile.objects.get()
    assert (came.brought, came.missing) == (1, [])
    assert (file.title, file.image_alt_text) == ("粘贴的图片", "厂 门口")
    assert stored(came.html) == f"<p>门口</p>{figure(file, '厂 门口')}<p>左转</p>"
    assert not has_foreign_pictures(stored(came.html))


@pytest.mark.parametrize(
    "source",
    [
        PNG,
        PNG.upper()[:22] + PNG[22:],
        PNG.rstrip("="),
        PNG[:60] + "\n  " + PNG[60:],
        PNG.replace("+", "%2B").replace("=", "%3D"),
        data(samples.jpeg((9, 9)), "image/jpg"),
        data(samples.gif(2, (9, 9)), "image/gif"),
        data(samples.encoded(samples.image((9, 9)), "WEBP"), "image/png"),  # the content decides
        "data:;base64," + PNG.partition(",")[2],
        "data:image/png;charset=utf-8;base64," + PNG.partition(",")[2],
        "data:image/png," + quote(samples.png((9, 9))),
    ],
)
def test_however_it_is_written_it_is_read(source: str) -> None:
    assert bring_in(f'<img src="{source}">').missing == []
    assert MediaFile.objects.get().image_width == 9


def test_the_same_picture_twice_is_kept_once() -> None:
    came = bring_in(f'<img src="{PNG}" alt="左"><img src="{PNG}" alt="右">')

    file = MediaFile.objects.get()
    assert came.brought == 1
    assert stored(came.html) == figure(file, "左") + figure(file, "右")


@pytest.mark.parametrize(
    "source",
    [
        data(samples.SVG, "image/svg+xml"),
        "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E",
        data(b"RIFF\x00\x00\x00\x00WEBPVP8 nothing", "image/webp"),
        data(samples.png()[:200]),
        data(samples.PDF),
        data(samples.png_of_100_megapixels()),
        "data:image/png;base64,A",
        "data:image/png;base64,",
        "data:,",
    ],
)
def test_what_cannot_be_read_is_marked(source: str) -> None:
    came = bring_in(f'<p>前</p><img src="{source}"><p>后</p>')

    assert stored(came.html) == "<p>前</p><p>〔图片缺失：粘贴的图片〕</p><p>后</p>"
    (missing,) = came.missing
    assert missing.address == "粘贴的图片"
    assert not english_in(missing.reason)
    assert not MediaFile.objects.exists()


def test_fifteen_megabytes_of_pictures_are_neither_refused_nor_lost() -> None:
    """Each of 3 MB, and quick to draw."""
    colours = ["red", "green", "blue", "black", "white"]
    large = [
        samples.encoded(samples.image((1000, 1000), colour=colour), "PNG", compress_level=0)
        for colour in colours
    ]
    text = "".join(f'<p>图</p><img src="{data(content)}">' for content in large)
    assert sum(map(len, large)) > 15_000_000

    came = bring_in(text, seconds=0)

    assert (came.brought, came.missing) == (5, [])
    assert len(came.html) < 1000


# --- Pictures elsewhere ----------------------------------------------------------------------------


def test_a_picture_elsewhere_is_fetched(web: Web) -> None:
    web.pages["https://a.example/x.jpg?a=1&b=2"] = samples.jpeg((9, 9))

    came = bring_in('<p><img src="https://a.example/x.jpg?a=1&amp;b=2" alt="厂门口"></p>')

    file = MediaFile.objects.get()
    assert stored(came.html) == figure(file, "厂门口")
    assert file.rights == "来自网页：https://a.example/x.jpg?a=1&b=2"


@pytest.mark.parametrize("name", ["data-src", "data-original", "data-actualsrc", "data-lazy-src"])
def test_what_is_loaded_late_is_fetched_and_not_its_placeholder(web: Web, name: str) -> None:
    web.pages["https://mmbiz.example/640?wx_fmt=webp"] = samples.jpeg((9, 9))

    came = bring_in(
        f'<img {name}="//mmbiz.example/640?wx_fmt=webp" src="data:image/svg+xml,x" alt="图片">'
    )

    assert stored(came.html) == figure(MediaFile.objects.get())
    assert MediaFile.objects.get().image_alt_text == "", "图片 is no description"


def test_an_address_is_asked_once_whatever_came_of_it(web: Web) -> None:
    web.pages["https://a.example/x.jpg"] = samples.jpeg((9, 9))

    came = bring_in('<img src="https://a.example/x.jpg"><img src="https://a.example/y.jpg">' * 3)

    assert web.asked == ["https://a.example/x.jpg", "https://a.example/y.jpg"]
    assert came.brought == 1
    assert came.missing == [
        Missing("https://a.example/y.jpg", "对方网站没有给出这张图片（状态码 404）。")
    ]
    assert len(MISSING.findall(stored(came.html))) == 3


def test_a_picture_copied_from_our_own_page_is_the_file_itself(web: Web) -> None:
    file = samples.picture(size=(900, 600))

    came = bring_in(f'<img src="https://www.example.com{file.image_file.medium}">')

    assert stored(came.html) == figure(file)
    assert not web.asked


@pytest.mark.parametrize(
    "address",
    [
        "file:///C:/Users/xiaolin/image001.png",
        "FILE:///C:/image001.png",
        "blob:https://a.example/1b9e",
        "cid:image001.png@01D",
        "images/a.jpg",
        "/upload/a.jpg",
        "C:\\image001.png",
        "about:blank",
        "webkit-fake-url://x/image.png",
    ],
)
def test_what_nobody_else_can_get_is_marked_with_its_address(address: str) -> None:
    came = bring_in(f'<p>前<img src="{address}">后</p>')

    assert stored(came.html) == f"<p>前</p><p>〔图片缺失：{address}〕</p><p>后</p>"
    (missing,) = came.missing
    assert missing.address == address
    assert not english_in(missing.reason)


def test_where_the_time_is_over_the_rest_is_marked(web: Web) -> None:
    web.pages["https://a.example/x.jpg"] = samples.jpeg((9, 9))

    came = bring_in(f'<img src="https://a.example/x.jpg"><img src="{PNG}">', seconds=0)

    assert not web.asked
    assert came.brought == 1, "what is in the text is not lost"
    assert "时间" in came.missing[0].reason


def test_beyond_a_number_the_rest_is_marked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MOST_PICTURES", 2)

    came = bring_in("".join(f'<img src="{data(samples.png((9, n)))}">' for n in (7, 8, 9)))

    assert came.brought == 2
    assert "最多" in came.missing[0].reason


@pytest.mark.parametrize(
    "attributes",
    [
        "",
        "src=''",
        "alt=图",
        "width=1 height=1 src=https://a.example/count",
        "width=600 height=2 src=https://a.example/line.png",
        "width=0px src=https://a.example/count",
        "src=https://a.example/pixel",
        f"src={data(samples.gif(1, (1, 1)))}",
    ],
)
def test_what_shows_nothing_is_dropped_without_a_word(web: Web, attributes: str) -> None:
    web.pages["https://a.example/pixel"] = samples.png((1, 1))

    came = bring_in(f"<p>前<img {attributes}>后</p>")

    assert stored(came.html) == "<p>前后</p>"
    assert (came.brought, came.missing) == (0, [])
    assert not MediaFile.objects.exists()


# --- What stands around them -------------------------------------------------------------------------


def test_a_caption_stays_with_its_picture_or_alone() -> None:
    caption = "<figcaption>班车到厂</figcaption></figure>"

    came = bring_in(f'<figure><img src="{PNG}">{caption}<figure><img src="cid:x">{caption}')

    file = MediaFile.objects.get()
    assert stored(came.html) == (
        figure(file).replace("</figure>", caption) + "<p>〔图片缺失：cid:x〕</p><p>班车到厂</p>"
    )


def test_the_library_s_own_pictures_stay_as_they_are() -> None:
    file = samples.picture()

    came = bring_in(f'<img alt="车间" data-file="{file.pk}"><img src="cid:x">')

    assert stored(came.html) == f"{figure(file, '车间')}<p>〔图片缺失：cid:x〕</p>"


def test_a_wechat_article_and_a_word_page_come_whole(web: Web) -> None:
    web.pages["https://mmbiz.qpic.cn/x/640"] = samples.jpeg((9, 9))

    came = bring_in(WECHAT + WORD)

    text = stored(came.html)
    assert figure(MediaFile.objects.get()) in text
    assert MISSING.findall(text) == ["file:///C:/Users/x/image001.png"]
    without = clean(WECHAT + WORD)
    words = text.replace(figure(MediaFile.objects.get()), "")
    assert words.replace("<p>〔图片缺失：file:///C:/Users/x/image001.png〕</p>", "") == without


@given(HTML)
@example("<title>a<p>b</p><!-- </title> -->c")
@example("<title>abc</title x")
@example("<svg>a<p>b&amp;lt;&#0;")
def test_a_text_that_was_read_and_written_says_the_same(html: str) -> None:
    written = "".join(map(as_html, scan(html)))

    assert clean(written) == clean(html)


@pytest.mark.parametrize(
    "hostile",
    [
        "cid:〕<script>alert(1)</script>〔图片缺失：x",
        'cid:"><script>alert(1)</script>',
        "cid:&lt;script&gt;alert(1)&lt;/script&gt;",
        "cid:" + "x" * 5000,
        "cid:\n\n  a \u200b b",
    ],
)
def test_an_address_cannot_get_out_of_its_mark(hostile: str) -> None:
    text = stored(bring_in(f'<img src="{escape(hostile)}"><p>后</p>').html)

    (paragraph, rest) = text.split("</p>", 1)
    assert rest == "<p>后</p>"
    assert MISSING.fullmatch(paragraph.removeprefix("<p>"))
    assert "<script" not in text
    assert len(paragraph) < 400


def test_a_mark_shows_the_address_as_it_was() -> None:
    came = bring_in('<img src="cid:&lt;b&gt;&amp;amp;x">')

    assert stored(came.html) == "<p>〔图片缺失：cid:&lt;b&gt;&amp;amp;x〕</p>"
    assert came.missing[0].address == "cid:<b>&amp;x"


def test_the_mark_of_a_wechat_picture_has_its_whole_address() -> None:
    address = f"https://mmbiz.qpic.cn/sz_mmbiz_jpg/{'a' * 86}/640?wx_fmt=jpeg&from=appmsg&tp=webp"

    assert mark(address) == f"〔图片缺失：{address}〕"


@pytest.mark.parametrize(
    "unit", ["<img src=cid:x>", "<img ", "<img src='cid:", "<img src=cid:x ", "<img data-src=", "〔图片缺失："]
)  # fmt: skip
def test_the_cost_grows_with_the_length_and_no_faster(unit: str) -> None:
    def seconds(length: int) -> float:
        html = unit * (length // len(unit.encode())) + "<img src=cid:y>"
        began = time.process_time()
        MISSING.findall(bring_in(html).html)
        return time.process_time() - began

    small = min(seconds(50_000) for _ in range(2))
    assert seconds(400_000) < 24 * small + 0.5
