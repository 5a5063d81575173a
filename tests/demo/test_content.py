"""The demo texts themselves: complete, clean, long enough, and without dead ends."""

from __future__ import annotations

import re
from typing import Any

import pytest

from portal.demo import content

ARTICLES = content.read_all("articles")
SERVICES = content.read_all("services")
CASES = content.read("content/cases.toml")["cases"]
DISTRICTS = content.read("content/districts.toml")["pages"]
ALLOWED = {
    "p",
    "h2",
    "h3",
    "ul",
    "ol",
    "li",
    "strong",
    "em",
    "a",
    "blockquote",
    "table",
    "tbody",
    "tr",
    "th",
    "td",
    "br",
}


def texts() -> list[str]:
    rows = (*ARTICLES, *SERVICES, *CASES, *DISTRICTS, *content.read_all("pages"))
    return [row["body"] for row in rows]


def test_there_is_as_much_as_was_promised() -> None:
    assert len(ARTICLES) >= 30
    assert len({row["category"] for row in ARTICLES}) == 5
    assert len(SERVICES) == 9
    assert all(len(row["faqs"]) >= 3 for row in SERVICES)


@pytest.mark.parametrize("row", ARTICLES, ids=lambda row: row["title"])
def test_an_article_has_300_to_1500_characters(row: dict[str, Any]) -> None:
    han = re.findall(r"[\u4e00-\u9fff]", re.sub(r"<[^>]+>", "", row["body"]))
    assert 300 <= len(han) <= 1500


def test_only_plain_markup() -> None:
    for text in texts():
        assert set(re.findall(r"<(\w+)", text)) <= ALLOWED
        assert not re.search(r"<(?!a\b)\w+\s[^>]", text)


def test_every_figure_finds_its_heading() -> None:
    for row in ARTICLES:
        for figure in row.get("figures", []):
            with_figure = content.with_figures(
                row["body"], [(figure["after"], "<figure></figure>")]
            )
            assert with_figure.count("<figure>") == 1
            assert with_figure.index(f"<h2>{figure['after']}</h2>") < with_figure.index("<figure>")


def test_company_and_licence_numbers_are_marked_as_examples() -> None:
    site = content.read("content/site.toml")
    assert "示例" in site["profile"]["legal_name"]
    assert all("示例" in row["number"] for row in site["licences"])


def test_clients_of_cases_are_marked_as_examples() -> None:
    for case in CASES:
        assert "演示用的示例" in case["body"]
        assert "示例" in case.get("client_name", "示例")


def test_what_goes_with_a_service_is_there() -> None:
    titles = {row["title"] for row in ARTICLES}
    for row in SERVICES:
        assert set(row["related"]) <= titles
