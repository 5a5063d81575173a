"""The Chinese for third-party packages: complete, current, and used."""

from __future__ import annotations

import ast
import gettext
import re
from pathlib import Path

import allauth
import cabinet
import django_prose_editor
import pytest
from django.conf import settings
from django.contrib.admin.sites import site
from django.test import RequestFactory
from django.utils import translation

CATALOGUES = Path(settings.LOCALE_PATHS[0]) / "zh_Hans" / "LC_MESSAGES"
ENTRY = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[0\])?) ((?:".*"\n?)+)', re.MULTILINE)
CONTEXT_END = "\x04"  # as gettext joins context and message
GAP = re.compile(r"%(?:\(\w+\))?[sdr]")


def source(domain: str) -> dict[str, str]:
    """Read a .po file: what it translates, and how."""
    found: dict[str, str] = {}
    context = message = ""
    for kind, quoted in ENTRY.findall((CATALOGUES / f"{domain}.po").read_text(encoding="utf-8")):
        text = "".join(ast.literal_eval(line) for line in quoted.splitlines())
        if kind == "msgctxt":
            context = text + CONTEXT_END
        elif kind == "msgid":
            context, message = "", context + text
        elif kind.startswith("msgstr"):
            assert message not in found, f"twice: {message}"
            found[message] = text
    return found


def compiled(domain: str) -> dict[str, str]:
    with (CATALOGUES / f"{domain}.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key[0] if isinstance(key, tuple) else key: text for key, text in catalogue.items()}


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_the_compiled_catalogue_says_what_the_source_says(domain: str) -> None:
    assert compiled(domain) == source(domain)


@pytest.mark.parametrize("domain", ["django", "djangojs"])
def test_every_string_has_its_chinese_and_keeps_its_gaps(domain: str) -> None:
    for message, text in source(domain).items():
        if message:
            assert re.search(r"[\u4e00-\u9fff：]", text) or not GAP.sub("", text).strip(), message
            assert sorted(GAP.findall(message)) == sorted(GAP.findall(text)), message


def test_the_words_are_in_use() -> None:
    """What no package says any more need not be kept."""
    import django
    import imagefield
    import tree_queries

    packages = (allauth, cabinet, django_prose_editor, imagefield, tree_queries)
    said = "".join(
        path.read_text(encoding="utf-8")
        for package in packages
        for suffix in ("*.py", "*.html", "*.js")
        for path in Path(package.__file__).parent.rglob(suffix)
    )
    # Of Django, what its English catalogues list.
    said += "".join(
        path.read_text(encoding="utf-8").replace('"\n"', "")
        for path in Path(django.__file__).parent.rglob("locale/en/LC_MESSAGES/*.po")
    )
    for domain in ("django", "djangojs"):
        for message in filter(None, source(domain)):
            # The editor makes "heading 2" of a number, and source code wraps long sentences.
            begin = re.sub(r" \d$", "", message.rpartition(CONTEXT_END)[2])[:40]
            assert begin in said or begin.replace('"', '\\"') in said, message


def test_the_admins_script_catalogue_has_the_editors_words() -> None:
    with translation.override("zh-hans"):
        script = site.i18n_javascript(RequestFactory().get("/")).content.decode()

    for word in ("加粗", "插入表格", "大标题", "撤销"):
        assert word.encode("unicode_escape").decode() in script or word in script
