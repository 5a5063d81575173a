"""The page of an article."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.media.models import MediaFile
from portal.cms.media.uploads import store
from portal.cms.site import SiteLink, SiteProfile
from tests import cast
from tests.cms import samples

pytestmark = pytest.mark.django_db


class Lines(HTMLParser):
    """The pieces of text of a page, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.start()

    def start(self) -> None:
        self.skipping = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.skipping = tag in {"title", "script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self.skipping = False

    def handle_data(self, data: str) -> None:
        if not self.skipping and data.strip():
            self.found.append(data.strip())


def lines(html: str) -> list[str]:
    parser = Lines()
    parser.feed(html)
    return parser.found


def get(client: Client, article: Article) -> str:
    response = client.get(article.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def profile(**values: Any) -> SiteProfile:
    loaded = SiteProfile.load()
    for name, value in values.items():
        setattr(loaded, name, value)
    loaded.save()
    return loaded


def picture(alt: str) -> MediaFile:
    drawn = io.BytesIO()
    Image.new("RGB", (800, 500), "teal").save(drawn, "PNG")
    return store(ContentFile(drawn.getvalue(), name="picture.png"), image_alt_text=alt)


def test_the_text_comes_in_the_order_readers_know(client: Client) -> None:
    cast.hotline()
    profile(disclaimer_original="本文仅供参考。")
    for label in ("关于我们", "加入我们"):
        SiteLink.objects.create(placement="company", label=label, url="/about/")
    SiteLink.objects.create(placement="keyword", label="深圳劳务派遣公司", url="/services/")
    article = cast.article(
        "金山四大产业集群产值增长",
        body="<p>新年伊始,项目开工。</p><h2>“龙头企业”引领</h2><p>集聚发展。</p>",
        author=cast.author("admin", "Admin"),
        go_live_at=datetime(2022, 1, 25, 17, tzinfo=UTC),
    )
    cast.article("另一篇文章")

    found = lines(get(client, article))

    wanted = [
        "客服热线:0755-8882 8155",
        "金山四大产业集群产值增长",
        "Admin - admin 于2022年01月26日发表",
        "新年伊始,项目开工。",
        "“龙头企业”引领",
        "集聚发展。",
        "本文仅供参考。",
        "另一篇文章",
        "关于我们",
        "加入我们",
        "人力资讯TOP500",
        "网站地图",
        "深圳劳务派遣公司",
    ]
    rest = iter(found)
    assert [line for line in wanted if line not in rest] == []


def test_a_repost_names_its_source(client: Client) -> None:
    article = cast.article(
        kind=Article.Kind.REPOST,
        source_name="示例新闻网",
        source_url="https://news.example.com/1",
        original_title="原来的标题",
        original_author="张三",
    )

    html = get(client, article)

    assert "来源：" in html
    assert 'href="https://news.example.com/1" rel="nofollow noopener"' in html
    assert "原标题：原来的标题" in html
    assert "原作者：张三" in html


def test_an_original_has_no_line_of_origin(client: Client) -> None:
    assert "来源：" not in get(client, cast.article())


def test_help_of_a_machine_is_said(client: Client) -> None:
    label = "本文由人工智能辅助生成"

    assert label in get(client, cast.article(ai_assisted=True))
    assert label not in get(client, cast.article())


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        ({}, "原创的声明"),
        ({"kind": "repost", "source_name": "示例网"}, "转载的声明"),
        ({"disclaimer_choice": "custom", "disclaimer_text": "这一篇的声明"}, "这一篇的声明"),
        ({"disclaimer_choice": "none"}, None),
    ],
)
def test_the_disclaimer_follows_kind_and_choice(
    client: Client, fields: dict[str, Any], shown: str | None
) -> None:
    profile(disclaimer_original="原创的声明", disclaimer_repost="转载的声明")

    html = get(client, cast.article(**fields))

    assert [text for text in ("原创的声明", "转载的声明", "这一篇的声明") if text in html] == (
        [shown] if shown else []
    )
    assert ("notice" in html) == bool(shown)


def test_the_text_is_shown_as_it_was_written(client: Client) -> None:
    article = cast.article(
        "100%“转正”——<b>标题</b>", body="<p>重点<strong>加粗</strong>。</p><ul><li>一</li></ul>"
    )

    html = get(client, article)

    assert "<strong>加粗</strong>" in html
    assert "<h1>100%“转正”——&lt;b&gt;标题&lt;/b&gt;</h1>" in html


def test_head_describes_the_page(client: Client) -> None:
    profile(name="鹏聘人力")
    article = cast.article("怎样签派遣协议", summary="十三项内容逐条核对。")

    html = get(client, article)

    assert "<title>怎样签派遣协议_用工政策_鹏聘人力</title>" in html
    assert '<meta name="description" content="十三项内容逐条核对。' in html


def test_without_a_summary_the_description_is_how_the_text_begins(client: Client) -> None:
    article = cast.article(body="<p>先数清楚两个数。</p><p>再除以九。</p>")

    assert '<meta name="description" content="先数清楚两个数。' in get(client, article)


def test_what_is_not_for_search_engines_says_so(client: Client) -> None:
    robots = '<meta name="robots" content="noindex,follow">'

    assert robots in get(client, cast.article(indexable=False))
    assert robots not in get(client, cast.article())


def test_tags_lead_to_their_pages(client: Client) -> None:
    html = get(client, cast.article(tags=("劳务派遣",)))

    assert (
        'href="/articles/tag/%E5%8A%B3%E5%8A%A1%E6%B4%BE%E9%81%A3/" rel="tag">劳务派遣</a>' in html
    )


def test_neighbours_and_related_are_linked(client: Client) -> None:
    older = cast.article("前一篇", tags=("社保",), **cast.live(30))
    shown = cast.article("这一篇", tags=("社保",), **cast.live(20))
    newer = cast.article("后一篇", **cast.live(10))

    html = get(client, shown)

    assert (
        f'href="{older.get_absolute_url()}" rel="prev"><small>上一篇</small><span class="clamp-2">前一篇</span></a>'
        in html
    )
    assert (
        f'href="{newer.get_absolute_url()}" rel="next"><small>下一篇</small><span class="clamp-2">后一篇</span></a>'
        in html
    )
    related = html[html.index("相关文章") :]
    assert related.index("前一篇") < related.index("更多资讯")


@pytest.mark.parametrize(("wanted", "shown"), [(0, 0), (3, 3), (100, 7)])
def test_as_many_further_titles_as_the_profile_says(
    client: Client, wanted: int, shown: int
) -> None:
    profile(further_titles=wanted)
    articles = [cast.article(f"标题{number}", **cast.live(number)) for number in range(8)]

    further = re.search(r'<ol class="numbered">.*?</ol>', get(client, articles[0]), re.DOTALL)

    titles = re.findall(r">(标题\d)</span></a>", further[0]) if further else []
    assert titles == [f"标题{number}" for number in range(1, 8)][:shown]


def test_a_cover_opens_the_page_unless_the_text_has_pictures(client: Client) -> None:
    file = picture("车间")
    figure = f'<figure><img data-file="{file.pk}" alt=""><figcaption>车间一角</figcaption></figure>'

    assert get(client, cast.article(cover=file)).count('alt="车间"') == 1
    assert get(client, cast.article(cover=file, body=f"<p>字</p>{figure}")).count('alt="车间"') == 1


def test_what_strangers_may_not_see_is_named_nowhere(client: Client) -> None:
    hidden = cast.hidden_articles()
    for article in hidden.values():
        article.tags.add("社保")
    html = get(client, cast.article(tags=("社保",), **cast.live(30)))

    assert [state for state, article in hidden.items() if article.title in html] == []


def test_hidden_articles_are_not_found_and_withdrawn_ones_gone(client: Client) -> None:
    answers = {
        state: client.get(article.get_absolute_url()).status_code
        for state, article in cast.hidden_articles().items()
    }

    assert answers == {
        "draft": 404, "in_review": 404, "scheduled": 404, "expired": 404, "deleted": 404,
        "withdrawn": 410,
    }  # fmt: skip


@pytest.mark.parametrize("pk", ["999", "0", "99999999999999999999999", "x", "-1"])
def test_an_unknown_article_is_not_found(client: Client, pk: str) -> None:
    assert client.get(f"/articles/{pk}/").status_code == 404


def test_only_reading_is_answered(client: Client) -> None:
    article = cast.article()

    assert client.post(article.get_absolute_url()).status_code == 405
    assert client.head(article.get_absolute_url()).status_code == 200


def test_the_page_tells_where_reads_are_counted(client: Client) -> None:
    article = cast.article()

    html = get(client, article)

    assert f'data-read-url="{article.get_absolute_url()}read/"' in html
    assert '<script src="/static/site/counting.js" data-calls-url="/enquiry/calls/" defer>' in html


@pytest.mark.parametrize("count", [5, 60])
def test_queries_do_not_grow_with_articles(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    cast.hotline()
    profile(further_titles=100)
    made = [cast.article(tags=("社保", "工资")) for _ in range(count)]

    # Without an epoch (see `once`): six of the chrome, the profile once more, a change that is due,
    # keywords, further, the category, the author, the newest of two tags. And the article, its tags, two
    # neighbours; two that look for words of the title where the tags name too few.
    with django_assert_num_queries(20 if count < 6 else 18):
        client.get(made[2].get_absolute_url())


def test_no_script_and_no_style_is_written_into_the_page(client: Client) -> None:
    templates = [path.read_text() for path in Path("templates").rglob("*.html")]

    assert [text for text in templates if "<style" in text or ' style="' in text] == []
    # What engines are told stands in data blocks, which no browser runs.
    runs = '<script(?! src=| type="application/ld.json")'
    assert re.findall(runs, get(client, cast.article())) == []


@pytest.mark.parametrize("covered", [True, False])
def test_one_picture_of_the_page_is_loaded_first(client: Client, covered: bool) -> None:
    cover, opening = samples.picture("封面.jpg"), samples.picture("正文.jpg")
    body = f'<figure><img data-file="{opening.pk}" alt="车间"></figure><p>正文</p>'

    html = get(client, cast.article(body=body, cover=cover if covered else None))

    first = re.findall(r'<img [^>]*fetchpriority="high"[^>]*>', html)
    assert len(first) == 1
    assert (cover if covered else opening).image_file.large in first[0]
