"""Articles and pages as a WordPress export: read again by our own reader, and by a plain XML parser."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.core.management import call_command
from django.utils import timezone

from articles.models import Article
from portal.cms.publishing import Status
from portal.cms.site import absolute
from portal.transfer.sources.records import OldFile, OldItem
from portal.transfer.sources.wordpress.site import WordPress
from portal.transfer.whole.wordpress import cdata, export_wordpress
from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.django_db
TITLE = "A&B <b>“派遣”</b> ]]> 与\x0b外包"


def written(tmp_path: Path) -> Path:
    export_wordpress(tmp_path / "site.xml")
    return tmp_path / "site.xml"


def test_our_own_reader_finds_what_was_there(tmp_path: Path) -> None:
    picture = samples.picture(caption="沙井车间", image_alt_text="流水线")
    body = (
        f'<h2>依据</h2><p>见<a href="/services/">服务</a> &amp; ]]&gt; 条文。</p>'
        f'<figure><img data-file="{picture.pk}"><figcaption>图</figcaption></figure>'
    )
    article = cast.article(
        TITLE,
        tags=("劳务派遣", "合规"),
        body=body,
        summary="摘要 & 说明",
        cover=picture,
        pinned=True,
        seo_title="搜索标题",
        seo_description="搜索描述",
    )
    page = cast.page(body="<p>关于</p>")
    source = WordPress(written(tmp_path))
    [category] = source.categories()
    assert (category.name, category.slug) == ("用工政策", "policy")
    files = {file.address: file for file in source.files() if isinstance(file, OldFile)}
    address = absolute(picture.image_file.url)
    assert (files[address].alt, files[address].caption) == ("流水线", "沙井车间")
    items = {(item.kind, item.old_id): item for item in source.items() if isinstance(item, OldItem)}
    assert len(items) == 2
    found = items["article", str(article.pk)]
    assert found.title == article.title.replace("\x0b", "").replace("<b>", "").replace("</b>", "")
    assert f'<img src="{address}"' in found.html
    assert "条文" in found.html
    assert absolute("/services/") in found.html
    assert article.go_live_at is not None
    assert found.date == article.go_live_at.replace(microsecond=0)
    assert (found.summary, found.author) == ("摘要 & 说明", "编辑部")
    assert set(found.tags) == {"劳务派遣", "合规"}
    assert (found.pinned, found.status) == (True, Status.PUBLISHED)
    assert (found.seo_title, found.seo_description) == ("搜索标题", "搜索描述")
    assert found.cover == address
    assert article.get_absolute_url() in found.addresses
    [other] = [item for (kind, _), item in items.items() if kind == "page"]
    assert (other.title, other.slug) == (page.title, page.slug)


def test_states_are_those_of_wordpress(tmp_path: Path) -> None:
    states = {
        cast.article("已发布"): "publish",
        cast.article("定时", **cast.live(-60)): "future",
        cast.draft("草稿"): "draft",
        cast.draft("待审", status=Status.IN_REVIEW): "pending",
        cast.article("已下线", status=Status.WITHDRAWN): "draft",
        cast.article("到期", expire_at=timezone.now() - timedelta(seconds=1)): "draft",
        cast.article("回收站", deleted_at=timezone.now()): "trash",
    }
    tree = ElementTree.parse(written(tmp_path))  # noqa: S314  ours
    space = "{http://wordpress.org/export/1.2/}"
    found = {
        item.findtext(f"{space}post_id"): item.findtext(f"{space}status")
        for item in tree.iter("item")
    }
    assert found == {str(article.pk): state for article, state in states.items()}


def test_numbers_of_articles_pages_and_files_do_not_meet(tmp_path: Path) -> None:
    for _ in range(3):
        cast.article()
    cast.page()
    samples.picture()
    samples.document()
    tree = ElementTree.parse(written(tmp_path))  # noqa: S314  ours
    numbers = [found.text for found in tree.iter("{http://wordpress.org/export/1.2/}post_id")]
    assert len(numbers) == len(set(numbers)) == 6


@pytest.mark.parametrize(
    "text", ["", "好", "<p>", "]]>", "]]]]>>", "a & b", "\x00\x0b\ud800", "]]]>]]>", "&amp;"]
)
def test_any_text_comes_back(text: str) -> None:
    found = ElementTree.fromstring(f"<x>{cdata(text)}</x>").text or ""  # noqa: S314  ours
    assert found == "".join(sign for sign in text if sign not in "\x00\x0b\ud800")


def test_as_an_operator_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast.article()
    call_command("export_site", str(tmp_path / "site.xml"), "--format", "wordpress")
    assert "没有导出：服务" in capsys.readouterr().out
    call_command("import_site", "wordpress", str(tmp_path / "site.xml"), "--dry-run")
    assert Article.objects.count() == 1
