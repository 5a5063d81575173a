"""Old addresses by what they mean, however they are written."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.cms.redirects.keys import LONGEST, candidates, decoded, digest, key_of, normal


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("http://www.old.example/news/12.html", "/news/12.html"),
        ("https://old.example:8080/news/12.html", "/news/12.html"),
        ("//old.example/news/12.html", "/news/12.html"),
        ("HTTP://OLD.EXAMPLE/News/12.HTML", "/news/12.html"),
        ("/news/12.html#comments", "/news/12.html"),
        ("news/12.html", "/news/12.html"),
        ("  /news/12.html\n", "/news/12.html"),
        ("/news//12.html", "/news/12.html"),
        ("/about/", "/about"),
        ("/about/index.html", "/about"),
        ("/about/index.php", "/about"),
        ("/about/Default.asp", "/about"),
        ("/about//index.shtml/", "/about"),
        ("/index.html", "/"),
        ("http://old.example", "/"),
        ("http://old.example?p=12", "/?p=12"),
        ("/index.php?p=12", "/?p=12"),
        ("/%E5%8A%B3%E5%8A%A1%E6%B4%BE%E9%81%A3/", "/劳务派遣"),
        ("/%e5%8a%b3%e5%8a%a1%e6%b4%be%e9%81%a3", "/劳务派遣"),
        ("/%C5%C9%C7%B2%B9%A4.htm", "/派遣工.htm"),
        ("/%25E6%25B4%25BE%25E9%2581%25A3", "/派遣"),
        ("/caf\u00e9", "/cafe\u0301"),
        ("/view.php?b=2&a=1", "/view.php?a=1&b=2"),
        ("/view.php?a=1&amp;b=2", "/view.php?b=2&a=1"),
        ("/view.php?aid=7&utm_source=wx&from=timeline&isappinstalled=0", "/view.php?aid=7"),
        ("/a.html?spm=1.2&bd_vid=3&gclid=4&hmsr=5", "/a.html"),
        ("/a.html?", "/a.html"),
        ("/search?q=a+b", "/search?q=a%20b"),
        ("/?Product/1.html", "/?product/1.html"),
        ("/view.php?tag=%C5%C9%C7%B2", "/view.php?tag=派遣"),
    ],
)
def test_two_ways_to_write_one_address(written: str, same: str) -> None:
    assert key_of(written) == key_of(same)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("/news/12.html", "/news/13.html"),
        ("/news/12.html", "/news/12"),
        ("/view.php?aid=1", "/view.php?aid=2"),
        ("/view.php?aid=1", "/view.php"),
        ("/?p=1", "/?page_id=1"),
        ("/?product/1.html", "/product/1.html"),
        ("/a?b", "/a?b="),
        ("/派遣", "/派遣工"),
    ],
)
def test_two_addresses_are_not_taken_for_one(one: str, other: str) -> None:
    assert key_of(one) != key_of(other)


@pytest.mark.parametrize(
    ("path", "query", "remembered"),
    [
        ("/news/12.html", "", ["/news/12.html"]),
        ("/", "p=12&preview=true", ["/?p=12"]),
        ("/plus/view.php", "aid=7&typeid=2&x=y", ["/plus/view.php?aid=7&typeid=2"]),
        ("/plus/list.php", "tid=2&TotalResult=30&PageNo=3", ["/plus/list.php?tid=2"]),
        ("/", "cate=1&page=2", ["/?cate=1"]),
        ("/", "tag=旺季&page=2", ["/?tag=旺季"]),
        ("/news/12.html", "id=9", ["/news/12.html?id=9", "/news/12.html"]),
        ("/index.php/news/12.html", "", ["/index.php/news/12.html", "/news/12.html"]),
        ("/category/policy/page/3/", "", ["/category/policy"]),
        ("/index.php/list_3_2.html", "", ["/list_3.html"]),
        ("/a/xinwen/12_2.html", "", ["/a/xinwen/12.html"]),
        ("/wp-content/2020/factory-300x200.jpg", "", ["/wp-content/2020/factory.jpg"]),
        ("/wp-content/2020/factory-scaled.jpg", "", ["/wp-content/2020/factory.jpg"]),
    ],
)
def test_what_was_asked_for_may_be_remembered_as(
    path: str, query: str, remembered: list[str]
) -> None:
    keys = candidates(path, query)
    places = [keys.index(key_of(address)) for address in remembered]
    assert places == sorted(places), "the likeliest first"
    assert keys[0] == key_of(f"{path}?{query}")
    assert len(keys) == len(set(keys))


def test_a_request_and_what_was_written_down_meet() -> None:
    """Django hands a path on decoded; of GBK, what is no UTF-8 stays percent-encoded."""
    assert key_of("/%E6%B4%BE%E9%81%A3.html") in candidates("/派遣.html")
    assert key_of("/" + quote("派遣工".encode("gbk"))) in candidates("/%C5%C9%C7%B2%B9%A4")
    assert key_of("/模") in candidates(decoded("/%C4%A3")), "UTF-8 as well: ģ"


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_asked_for_raises(path: str, query: str) -> None:
    keys = candidates(path, query)
    assert 1 <= len(keys) <= 48
    assert all(len(key) == 32 for key in keys)


@given(st.text(alphabet=st.sampled_from("/aB劳%25C5.?&=index_1"), max_size=40))
@example("%1C")
def test_the_normal_form_of_a_path_is_its_own(text: str) -> None:
    path = normal(text).path
    if not set(path) & set("?%#"):  # those say something else in an address
        assert normal(path or "/").path == path


def test_half_a_character_and_addresses_without_end_are_no_mistake() -> None:
    assert key_of("/\ud83d/") == key_of("/")
    assert len(normal("/" + "长" * 100_000).path) <= LONGEST + 1
    assert len(normal("/?" + "&".join(f"a{n}={n}" for n in range(1000))).query) <= 20


def test_a_digest_fits_its_column_and_tells_texts_apart() -> None:
    assert len(digest("")) == len(digest("长" * 10_000)) == 32
    assert digest("a") != digest("b")
