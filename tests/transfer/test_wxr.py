"""WordPress's export files as expat gets them: whole, broken, cut off, hostile, and very long."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.transfer.sources.records import SourceError
from portal.transfer.sources.wordpress import wxr
from portal.transfer.sources.wordpress.wxr import Reader, Record

SITE = Path(__file__).parent.parent / "data" / "wordpress" / "site.xml"
WHOLE = SITE.read_bytes()
ITEMS = WHOLE.count(b"<item>")
# Not one temporary file for each example.
fuzzed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def channel(*parts: str) -> str:
    """An export with these parts; the prefix `wp` is bound to nothing, as in many files."""
    head = '<?xml version="1.0" encoding="UTF-8" ?>\n<rss version="2.0">\n<channel>\n'
    return f"{head}<wp:wxr_version>1.2</wp:wxr_version>\n{''.join(parts)}</channel>\n</rss>\n"


def item(id: int, title: str = "标题", body: str = "正文", more: str = "") -> str:
    return (
        f"<item>\n<title>{title}</title>\n<content:encoded><![CDATA[{body}]]></content:encoded>\n"
        f"<wp:post_id>{id}</wp:post_id>\n{more}</item>\n"
    )


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "export.xml"


def read(
    file: Path, content: str | bytes, metas: tuple[str, ...] = ()
) -> tuple[list[Record], list[str]]:
    """Return the items, and what the reader says of the file."""
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    reader = Reader(file, metas)
    items = [record for record in reader.records() if record.tag == "item"]
    assert [record.number for record in items] == list(range(1, len(items) + 1))
    return items, reader.warnings


def titles(items: list[Record]) -> list[str]:
    return [record.get("title") for record in items]


# --- As WordPress writes it ----------------------------------------------------------------------------


def test_a_record_has_its_fields_terms_and_the_metas_that_were_asked_for() -> None:
    records = list(Reader(SITE, ["_thumbnail_id"]).records())
    first = next(record for record in records if record.tag == "item")
    assert first.get("wp:post_id") == "101"
    assert first.get("content:encoded").startswith("<!-- wp:paragraph -->\n<p>从 7 月起")
    assert first.terms[1] == ("category", "policy", "用工政策 &amp; 解读")
    assert first.metas == {"_thumbnail_id": ["201"]}  # and not that of a comment's meta
    assert first.comments == 2
    assert first.problem == ""
    assert sum(record.tag == "item" for record in records) == ITEMS
    assert {r.get("") for r in records if r.tag == "wp:base_site_url"} == {
        "https://www.old-hr.example"
    }


def test_cdata_that_was_split_around_its_own_end_is_whole() -> None:
    second = [record for record in Reader(SITE).records() if record.tag == "item"][1]
    assert "代码到此 ]]> 为止" in second.get("content:encoded")


@pytest.mark.parametrize("chunk", [1, 2, 3, 5, 7, 64, 1000])
def test_where_a_chunk_ends_makes_no_difference(
    chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = list(Reader(SITE).records())

    def in_chunks(reader: Reader) -> Iterator[bytes]:
        content = b"".join(chunks(reader))
        yield from (content[at : at + chunk] for at in range(0, len(content), chunk))

    chunks = Reader.chunks
    monkeypatch.setattr(Reader, "chunks", in_chunks)
    assert list(Reader(SITE).records()) == whole


def test_reading_twice_begins_anew() -> None:
    reader = Reader(SITE)
    assert list(reader.records()) == list(reader.records())
    assert reader.bytes_read == len(WHOLE)
    assert reader.warnings == []


# --- As files are found --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("A & B", "A & B"),
        ("A &amp; B", "A & B"),
        ("空&nbsp;格&hellip;", "空\xa0格…"),
        ("不是&nichts;实体", "不是&nichts;实体"),
        ("&LT;b&GT;", "<b>"),
        ("&#20013;&#x6587;&#X6587;", "中文文"),
        ("&#0;&#11;&#xFFFE;&#xD800;&#99999999;空", "空"),
        ("控\x00制\x0b符\x1b\ufffe号", "控制符号"),
        ("&", "&"),
        ("&&&amp;&", "&&&&"),
        ("a<b>粗</b>c", "a粗c"),
    ],
)
def test_what_xml_does_not_know_means_what_it_means_in_html(
    written: str, meant: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for chunk in (1, 1 << 16):
        monkeypatch.setattr(wxr, "CHUNK", chunk if chunk > 1 else 400)
        items, warnings = read(file, channel(item(1, f"{written}", f"x{written}")))
        assert titles(items) == [meant]
        assert warnings == []


def test_in_cdata_references_stay_what_html_reads(file: Path) -> None:
    items, _ = read(file, channel(item(1, "", "&lt;b&gt; &amp; & &#8217; &nbsp; &#0; &foo;")))
    assert items[0].get("content:encoded") == "&lt;b&gt; &amp; &amp; &#8217; \xa0  &amp;foo;"


@pytest.mark.parametrize("reference", ["&rsqb;&rsqb;>", "&rbrack;&rbrack;>", "&lsqb;gallery&rsqb;"])
def test_no_reference_becomes_markup(reference: str, file: Path) -> None:
    more = '<category domain="&QUOT;x" nicename="a&apos;&lt;">词</category>'
    items, warnings = read(file, channel(item(1, "甲", f"a {reference} b", more)))
    (found,) = items
    assert (warnings, found.problem) == ([], "")
    assert unescape(found.get("content:encoded")) == unescape(f"a {reference} b")
    assert "[" not in found.get("content:encoded")
    assert found.terms == [('"x', "a'<", "词")]


def test_half_a_reference_at_the_end_of_a_chunk_waits_for_the_other(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = channel(item(1, "空&nbsp;格" * 200, "x&hellip;" * 200))
    for chunk in range(60, 75):
        monkeypatch.setattr(wxr, "CHUNK", chunk)
        monkeypatch.setattr(wxr, "from_root", lambda text, name: text.lstrip("\ufeff"))
        items, _ = read(file, content.replace('<?xml version="1.0" encoding="UTF-8" ?>\n', ""))
        assert titles(items) == ["空\xa0格" * 200]


def test_what_php_printed_before_and_behind_the_file_is_passed_by(file: Path) -> None:
    content = (
        "\ufeff"
        + "\nWarning: foo() in /www/x.php on line 3" * 5000
        + f"\n{channel(item(1), item(2))}<hr>页脚 & <p>"
    )
    items, warnings = read(file, content)
    assert len(items) == 2
    assert warnings == []


def test_two_exports_in_one_file_are_both_read(file: Path) -> None:
    items, warnings = read(file, channel(item(1)) + channel(item(2), item(3)))
    assert [record.get("wp:post_id") for record in items] == ["1", "2", "3"]
    assert warnings == []


def test_an_old_export_in_gbk_is_read(file: Path) -> None:
    content = channel(item(1, "劳务派遣")).replace("UTF-8", "GB2312")
    assert titles(read(file, content.encode("gb18030"))[0]) == ["劳务派遣"]


def test_bytes_that_are_no_text_cost_no_more_than_themselves(file: Path) -> None:
    content = (
        channel(item(1, "劳务派遣"), item(2, "好")).encode().replace("派".encode(), b"\xe6\xb4")
    )
    assert titles(read(file, content)[0]) == ["劳务\ufffd遣", "好"]


def test_an_item_with_broken_markup_is_named_and_the_next_are_read(file: Path) -> None:
    broken = "<item><title>坏的</title><content:encoded><![CDATA[a ]]> b <br> c]]></content:encoded></item>"
    items, warnings = read(file, channel(item(1), broken, item(3), "</wp:x>", item(4)))
    assert [record.problem for record in items] == [
        "",
        "文件第 10 行的标记有误，这一条没有读完",
        "",
        "",
    ]
    assert titles(items) == ["标题", "坏的", "标题", "标题"]
    assert warnings == ["文件第 15 行的标记有误，从下一条继续。"]


def test_an_item_that_never_ends_does_not_take_the_next_with_it(file: Path) -> None:
    items, _ = read(file, channel("<item><title>没完</title>\n", item(2), item(3)))
    assert titles(items) == ["没完", "标题", "标题"]
    assert [bool(record.problem) for record in items] == [True, False, False]


def test_items_broken_one_and_all_are_each_named(file: Path) -> None:
    items, warnings = read(file, channel(*["<item a='1' a='2'><title>x</item>"] * 200))
    assert len(items) <= 200
    assert len(warnings) <= wxr.MOST_WARNINGS + 1
    items, _ = read(file, channel(*["<item><title>x</item>\n"] * 200))
    assert len(items) == 200
    assert all(record.problem for record in items)


# --- Cut off, and hostile --------------------------------------------------------------------------------


@fuzzed
@given(cut=st.integers(min_value=0, max_value=len(WHOLE) // 7))
def test_of_a_file_that_was_cut_off_all_before_the_cut_is_read(cut: int, tmp_path: Path) -> None:
    content = WHOLE[: cut * 7]
    before = content.count(b"</item>")
    try:
        items, warnings = read(tmp_path / "cut.xml", content)
    except SourceError:
        assert b"<wp:wxr_version>" not in content
        return
    assert sum(not record.problem for record in items) == before
    assert before <= len(items) <= before + 1
    assert ["中断" in warning for warning in warnings] == [True] * (b"</rss>" not in content)


@fuzzed
@given(data=st.data())
def test_no_damage_raises_more_than_a_sentence(data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(WHOLE)
    noise = st.sampled_from(
        [
            b"<",
            b">",
            b"&",
            b"]]>",
            b"<![CDATA[",
            b"<item>",
            b"</item>",
            b"</rss>",
            b"\x00",
            b"\xff",
            b"<!--",
        ]
    )
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(content)))
        content[at : at + data.draw(st.integers(0, 20))] = data.draw(noise)
    with suppress(SourceError):
        read(tmp_path / "damaged.xml", bytes(content))


@pytest.mark.parametrize(
    "content",
    [
        "",
        "不是 XML",
        "<html><body>404</body></html>",
        '<rss version="2.0"><channel><title>一个订阅</title><item><title>x</title></item></channel></rss>',
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
        + channel(item(1, "&b;")).split("\n", 1)[1],
    ],
)
def test_what_is_no_export_is_refused_with_a_sentence(content: str, file: Path) -> None:
    with pytest.raises(SourceError, match="WordPress"):
        read(file, content)


def test_a_file_that_is_not_there_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="无法读取"):
        list(Reader(tmp_path / "没有.xml").records())


def test_an_entity_of_the_files_own_is_not_known(file: Path) -> None:
    sneaked = channel(item(1, "&lol9;")).replace(
        "<channel>", '<!DOCTYPE x [<!ENTITY lol9 "哈">]><channel>'
    )
    items, _ = read(file, sneaked)
    assert titles(items) == ["&lol9;"]


def test_a_text_beyond_all_measure_is_left_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wxr, "LONGEST", 1 << 20)
    items, _ = read(file, channel(item(1, body="长" * (1 << 20)), item(2)))
    assert items[0].problem.startswith("内容超过 1 MB")
    assert items[0].get("content:encoded") == ""
    assert items[1].problem == ""


@pytest.mark.parametrize(
    "piece", ["<x{}/>", "<category domain='{}' nicename='y'/>", "<category>{}</category>"]
)
def test_neither_may_a_record_have_parts_beyond_all_measure(
    piece: str, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr, "LONGEST", 1 << 20)
    parts = "".join(piece.format(number) for number in range(30_000))
    items, _ = read(file, channel(item(1, more=parts), item(2)))
    assert items[0].problem
    assert len(items[0].fields) + len(items[0].terms) < 25_000
    assert titles(items) == ["标题", "标题"]


def test_a_meta_nobody_asked_for_may_be_as_long_as_it_likes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wxr, "LONGEST", 1 << 16)
    meta = "<wp:postmeta><wp:meta_key>_data</wp:meta_key><wp:meta_value>{}</wp:meta_value></wp:postmeta>"
    items, _ = read(file, channel(item(1, more=meta.format("长" * (1 << 17)))), ("_other",))
    assert items[0].problem == ""


@pytest.mark.parametrize("markup", ["<!--{}", "<title a='{}", "<?php {}", "<title {}"])
def test_markup_without_an_end_is_given_up(markup: str, file: Path) -> None:
    endless = markup.format("长" * (1 << 20))
    items, warnings = read(file, channel(item(1), f"<item>{endless}", item(3), "\n"))
    assert [record.get("wp:post_id") for record in (items[0], items[-1])] == ["1", "3"]
    assert items[1].problem or warnings


def test_sixty_megabytes_need_the_memory_of_a_few(tmp_path: Path) -> None:
    path = tmp_path / "long.xml"
    body = "<p>宝安区的工厂招普工，包吃住，十八元一小时。</p>\n" * 1000
    with path.open("w") as file:
        head, tail = channel("\n").split("\n\n")
        file.write(head)
        file.writelines(item(id, f"第 {id} 篇", body) for id in range(1, 901))
        file.write(tail)
    assert path.stat().st_size > 60_000_000
    code = (
        "import resource, sys; from pathlib import Path; import django; django.setup();"
        "from portal.transfer.sources.wordpress.site import WordPress;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024;"
        "before = peak(); source = WordPress(Path(sys.argv[1]));"
        "print(sum(1 for _ in zip(source.items(), range(100))),"
        " sum(1 for _ in source.files()), peak() - before)"
    )
    told = subprocess.run(  # noqa: S603  our own interpreter
        [sys.executable, "-c", code, str(path)], check=True, capture_output=True, text=True
    )
    items, files, grown = map(int, told.stdout.split())
    assert (items, files) == (100, 0)
    assert grown < 80
