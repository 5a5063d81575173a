"""What a WordPress export says, in the terms of all sources."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.cms.publishing import Status
from portal.cms.richtext.clean import clean
from portal.transfer.sources.records import Left, OldCategory, OldFile, OldItem, OldPlace, Source
from portal.transfer.sources.wordpress.fields import mailed, moment, slug_of
from portal.transfer.sources.wordpress.site import WordPress
from portal.transfer.sources.wordpress.survey import Survey
from portal.transfer.sources.wordpress.wxr import Record, Term
from tests.desk.english import english_in
from tests.transfer.test_wxr import ITEMS, SITE, WHOLE, channel, item

UPLOADS = "https://www.old-hr.example/blog/wp-content/uploads"
fuzzed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def site() -> WordPress:
    return WordPress(SITE)


@pytest.fixture(scope="module")
def items(site: WordPress) -> dict[str, OldItem]:
    return {found.old_id: found for found in site.items() if isinstance(found, OldItem)}


def source(tmp_path: Path, *parts: str) -> WordPress:
    path = tmp_path / "export.xml"
    path.write_text(channel(*parts))
    return WordPress(path)


def only(source: WordPress) -> OldItem:
    (found,) = source.items()
    assert isinstance(found, OldItem)
    return found


def meta(key: str, value: str) -> str:
    return (
        f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value>"
        "</wp:postmeta>"
    )


LIVE = "<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"


# --- The site -------------------------------------------------------------------------------------------


def test_it_is_a_source(site: WordPress) -> None:
    a_source: Source = site
    assert a_source.site == "old-hr.example/blog"
    assert a_source.hosts == {"old-hr.example", "www.old-hr.example"}
    assert a_source.size() == len(WHOLE)
    assert sum(1 for _ in a_source.files()) == 3
    assert a_source.done() == a_source.size()
    assert WordPress(SITE, "旧站").site == "旧站"


def test_each_item_of_the_file_comes_out_once(site: WordPress) -> None:
    numbers = [record.number for record in (*site.files(), *site.items())]
    assert sorted(numbers) == list(range(1, ITEMS + 1))


def test_reading_again_says_the_same(site: WordPress) -> None:
    assert list(site.items()) == list(site.items())
    assert list(site.files()) == list(WordPress(SITE).files())


def test_categories_come_outer_first_and_with_all_their_addresses(site: WordPress) -> None:
    assert list(site.categories()) == [
        OldCategory(
            "policy",
            "用工政策 & 解读",
            "policy",
            "新规怎么看。",
            ("/blog/category/policy/", "/blog/?cat=4"),
        ),
        OldCategory(
            "工资",
            "工资",
            "工资",
            "",
            ("/blog/category/policy/工资/", "/blog/category/工资/", "/blog/?cat=7"),
        ),
    ]


def test_categories_and_tags_that_only_items_name_are_known(tmp_path: Path) -> None:
    terms = (
        '<category domain="category" nicename="news">动态</category><category>没有类别</category>'
        '<category domain="post_tag" nicename="">工伤</category><category domain="post_tag" nicename="x"></category>'
    )
    found = source(tmp_path, item(1, more=LIVE + terms))
    assert [category.name for category in found.categories()] == ["动态"]
    assert only(found).category == "news"
    assert only(found).tags == ("工伤",)
    assert OldPlace("/tag/工伤/", tag="工伤") in list(found.places())


def test_categories_within_each_other_do_not_turn_in_circles(tmp_path: Path) -> None:
    circle = (
        "<wp:category><wp:category_nicename>{0}</wp:category_nicename><wp:category_parent>{1}"
        "</wp:category_parent><wp:cat_name>{0}</wp:cat_name></wp:category>"
    )
    found = source(tmp_path, circle.format("甲", "乙"), circle.format("乙", "甲"), item(1))
    assert {category.old_id for category in found.categories()} == {"甲", "乙"}


def test_lists_of_the_old_site_lead_to_ours(site: WordPress) -> None:
    places = {place.address: place.target or place.tag for place in site.places()}
    assert places["/blog/tag/社保/"] == "社保"
    assert places["/blog/author/lin-mei/"] == "/articles/"
    assert places["/blog/2021/07/"] == places["/blog/?m=202107"] == "/articles/archive/2021/07/"
    assert places["/blog/2021/"] == "/articles/archive/2021/"
    assert "/blog/2099/12/" not in places  # nothing was public there
    taken = {address for category in site.categories() for address in category.addresses}
    assert not taken & set(places)


def test_files_have_their_words_and_their_pages(site: WordPress) -> None:
    assert list(site.files()) == [
        OldFile(
            20,
            f"{UPLOADS}/2021/07/table.jpg",
            "工资表",
            "一张工资表",
            "2021 年的表",
            ("/blog/2021/07/zuidi/table/", "/blog/?attachment_id=201"),
        ),
        OldFile(21, f"{UPLOADS}/2020/02/宿舍.jpg", "宿舍", "", "", ("/blog/?attachment_id=202",)),
        Left(22, "没有地址的附件", "附件没有文件地址"),
    ]


# --- Items ----------------------------------------------------------------------------------------------


def test_an_article_brings_all_it_has(items: dict[str, OldItem]) -> None:
    found = items["101"]
    assert (found.number, found.kind) == (1, "article")
    assert found.title == "最低工资 & 加班费 怎么算？"
    assert found.summary == "加班费的基数变了。"
    assert (found.seo_title, found.seo_description) == ("加班费新基数", "一张表看懂加班费。")
    assert (found.category, found.tags, found.author) == ("工资", ("社保",), "林梅")
    assert found.date == datetime(2021, 7, 1, 1, 30, tzinfo=UTC)
    assert found.changed == datetime(2021, 8, 1, 1, 30, tzinfo=UTC)
    assert (found.status, found.pinned, found.binned) == (Status.PUBLISHED, True, False)
    assert found.cover == f"{UPLOADS}/2021/07/table.jpg"  # the attachment stands behind its post
    assert found.addresses == (
        "/blog/2021/07/最低工资/",
        "/blog/?p=101",
        "/blog/archives/101",
        "/blog/2021/07/zuidi-gongzi/",
    )
    assert found.notes == ("一篇文章只属于一个栏目，没有放进：用工政策 & 解读", "2 条评论没有带入")
    assert "<p>咨询请打电话。</p>" in found.html  # from the reusable block


def test_the_old_editors_text_has_paragraphs_and_pictures(items: dict[str, OldItem]) -> None:
    found = items["102"]
    text = clean(found.html)
    assert text.startswith("<p>第一行，<br>第二行。</p><p><strong>第二段</strong>里有 <a href=")
    assert "<p>[1] 注一 【重要】 [注]</p>" in text
    assert "代码到此 ]]&gt; 为止" in text
    assert found.html.count("<img") == 3
    assert found.author == "周平"
    assert timezone.localtime(found.date) == timezone.make_aware(datetime(2012, 3, 5, 8))
    assert found.notes == (
        "去掉了短代码：contact-form-7",
        "图集里有 1 张图片在文件中没有记录",
        "嵌入的外部内容改成了链接",
    )


@pytest.mark.parametrize(
    ("id", "part"),
    [
        ("103", "今天蛇口码头招 20 人，日结。"),
        ("104", f'<img src="{UPLOADS}/2020/02/宿舍.jpg"'),
        ("105", '<a href="https://rsj.example/policy.html">'),
        ("106", "<blockquote>按时足额发工资。"),
        ("107", 'src="/blog/wp-content/uploads/gongchang.mp4"'),
        ("108", "问：包吃住吗？<br>答：包。"),
    ],
)
def test_every_post_format_is_an_article(id: str, part: str, items: dict[str, OldItem]) -> None:
    assert items[id].kind == "article"
    assert part in items[id].html


@pytest.mark.parametrize(
    ("id", "status", "note", "addresses"),
    [
        ("110", Status.PUBLISHED, "", 0),
        ("111", Status.DRAFT, "", 0),
        ("112", Status.IN_REVIEW, "", 0),
        ("113", Status.DRAFT, "原来只有登录的人能看，存为草稿", 3),
        ("114", Status.DRAFT, "原来凭密码才能看，存为草稿，密码没有带入", 2),
        ("115", Status.DRAFT, "", 0),
        ("116", Status.DRAFT, "状态“archived”无法识别，存为草稿", 0),
    ],
)
def test_states(
    id: str, status: Status, note: str, addresses: int, items: dict[str, OldItem]
) -> None:
    found = items[id]
    assert found.status == status
    assert found.notes == ((note,) if note else ())
    assert len(found.addresses) == addresses
    assert found.binned == (id == "115")
    assert "mima-8888" not in str(found)


def test_a_scheduled_article_keeps_its_moment_and_a_draft_has_none(
    items: dict[str, OldItem],
) -> None:
    assert items["110"].date == datetime(2099, 12, 31, tzinfo=UTC)
    assert items["111"].date is None


def test_an_item_without_a_number_is_told_from_others(
    items: dict[str, OldItem], tmp_path: Path
) -> None:
    (found,) = (item for item in items.values() if item.html == "什么都缺，只有正文")
    assert found.status == Status.DRAFT
    assert "没有状态，存为草稿" in found.notes
    bodies = "".join(f"<item><content:encoded>正文{n}</content:encoded></item>" for n in range(3))
    assert sum(isinstance(r, OldItem) for r in source(tmp_path, bodies).items()) == 3


def test_pages_keep_their_slug(items: dict[str, OldItem]) -> None:
    assert (items["120"].kind, items["120"].slug) == ("page", "关于")
    assert items["120"].addresses == ("/blog/关于/", "/blog/?page_id=120")
    # The front page is ours by now.
    assert items["121"].addresses == ("/blog/?page_id=121",)
    assert items["121"].notes == ("用 Elementor 排的版，请核对版面",)


def test_what_is_no_content_is_left_with_its_reason(site: WordPress) -> None:
    left = {record.number: record.reason for record in site.items() if isinstance(record, Left)}
    assert left == {
        17: "没有标题，也没有正文",
        23: "不是文章或页面：可重用区块，内容已写入引用它的文章",
        24: "不是文章或页面：菜单项",
        25: "不是文章或页面：修订版本",
        26: "不是文章或页面：商品",
        27: "文件里有两条编号为 101，只取第一条",
    }


def test_authors_are_never_named_by_their_login(site: WordPress, items: dict[str, OldItem]) -> None:
    assert {found.author for found in items.values()} == {"林梅", "周平", ""}
    assert any("登录名" in warning for warning in site.warnings)


def test_a_title_of_any_length_stays_whole(tmp_path: Path) -> None:
    assert only(source(tmp_path, item(1, "长" * 2000, more=LIVE))).title == "长" * 2000


@pytest.mark.parametrize(
    ("key", "written", "title"),
    [
        ("_yoast_wpseo_title", "%%title%% %%page%% %%sep%% %%sitename%%", ""),
        ("_yoast_wpseo_title", "%%title%%（2026 新规）", "标题（2026 新规）"),
        ("_yoast_wpseo_title", "%%primary_category%% 标题", ""),
        ("rank_math_title", "%title% %sep% %sitename%", ""),
        ("rank_math_title", "加班费涨 10%了", "加班费涨 10%了"),
        ("_aioseo_title", "#post_title #separator_sa #site_title", ""),
        ("_aioseo_title", "标题", ""),
    ],
)
def test_search_titles_say_only_what_somebody_wrote(
    key: str, written: str, title: str, tmp_path: Path
) -> None:
    assert only(source(tmp_path, item(1, more=LIVE + meta(key, written)))).seo_title == title


def test_a_cover_that_is_not_in_the_file_may_be_in_another_part_of_it(tmp_path: Path) -> None:
    found = only(source(tmp_path, item(1, more=LIVE + meta("_thumbnail_id", "77"))))
    assert found.cover == "/?attachment_id=77"
    assert found.notes == ("特色图片在文件里没有记录",)


def test_a_state_with_blanks_around_it_is_that_state(tmp_path: Path) -> None:
    spaced = LIVE.replace("publish", " publish\n")
    found = only(source(tmp_path, item(1, more=spaced)))
    assert (found.status, found.notes) == (Status.PUBLISHED, ())
    assert found.addresses == ("/?p=1", "/archives/1")


def test_a_year_that_only_begins_by_our_clock_has_no_archive(tmp_path: Path) -> None:
    date = "<wp:post_date_gmt>2100-12-31 20:00:00</wp:post_date_gmt>"
    assert not [
        p for p in source(tmp_path, item(1, more=LIVE + date)).places() if "2101" in p.target
    ]


def test_addresses_on_other_hosts_are_not_the_old_sites(tmp_path: Path) -> None:
    link = (
        "<link>https://elsewhere.example/x/</link><guid>urn:x</guid><wp:post_name>x</wp:post_name>"
    )
    home = "<wp:base_blog_url>https://old.example</wp:base_blog_url>"
    assert only(source(tmp_path, home, item(1, more=LIVE + link))).addresses == (
        "/?p=1",
        "/archives/1",
    )


HOME = "<wp:base_blog_url>https://old.example</wp:base_blog_url>"


def read_at(link: str, slug: str, *more: str) -> str:
    return (
        f"{LIVE}<link>https://old.example{link}</link><wp:post_name>{slug}</wp:post_name>"
        + "".join(more)
    )


def leading_to(site: WordPress) -> dict[str, str]:
    """Where each address leads of which several items may think that it is theirs."""
    found: dict[str, str] = {}
    for record in site.items():
        assert isinstance(record, OldItem)
        for address in record.addresses:
            found.setdefault(address, record.old_id)
    return found


def test_where_an_item_is_read_no_other_has_been(tmp_path: Path) -> None:
    date = "<wp:post_date_gmt>2020-01-05 03:00:00</wp:post_date_gmt>"
    site = source(
        tmp_path,
        HOME,
        item(1, more=read_at("/renamed/", "renamed", meta("_wp_old_slug", "hot"), date)),
        item(120, more=read_at("/a/", "about", "<guid>https://old.example/?p=77</guid>", date)),
        item(2, more=read_at("/Hot", "hot", date)),
        item(77, more=read_at("/b/", "b", "<guid>https://old.example/?p=77</guid>")),
        item(9, more=read_at("/2020/01/about/", "x").replace(">post<", ">page<")),
    )
    assert leading_to(site).items() >= {
        ("/Hot", "2"),
        ("/2020/01/hot/", "2"),
        ("/2020/01/renamed/", "1"),
        ("/?p=77", "77"),
        ("/?p=120", "120"),
        ("/2020/01/about/", "9"),
    }
    assert "/hot/" not in leading_to(site)


def test_an_items_that_broke_off_is_left(tmp_path: Path) -> None:
    found = source(tmp_path, item(1, more=LIVE), "<item><title>半篇</title>\n", item(3, more=LIVE))
    kinds = [(type(record), record.title) for record in found.items()]
    assert kinds == [(OldItem, "标题"), (Left, "半篇"), (OldItem, "标题")]


# --- Odd values -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("%e5%b7%a5%e8%b5%84", "工资"),
        ("%e5%b7%a5%e8", "%e5%b7%a5%e8"),
        ("a%2fb%3fc", "a%2fb%3fc"),
        ("a%00b", "a%00b"),
        ("news", "news"),
    ],
)
def test_slugs_are_told_in_letters_where_that_is_safe(text: str, meant: str) -> None:
    assert slug_of(text) == meant


@given(st.text())
def test_no_date_raises(text: str) -> None:
    moment(text)
    moment(text, gmt=True)
    mailed(text)
    mailed(f"Thu, 01 Jul 2021 {text}")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "0000-00-00 00:00:00",
        "0226-01-01 00:00:00",
        "20226-01-01",
        "昨天",
        "0001-01-01",
        "9999-12-31 23:59:59",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert moment(text) is None
    assert mailed(text) is None


def test_dates_of_mails_are_read() -> None:
    assert mailed("Thu, 01 Jul 2021 01:30:00 +0000") == datetime(2021, 7, 1, 1, 30, tzinfo=UTC)
    assert mailed("Mon, 30 Nov -0001 00:00:00 +0000") is None


ODD = st.text(max_size=12) | st.sampled_from(
    ["", "0", "-1", "9" * 30, "post", "page", "publish", "<b>", "&", "]]>"]
)
FIELDS = [
    *("title", "link", "guid", "pubDate", "dc:creator", "content:encoded", "excerpt:encoded"),
    *("wp:post_id", "wp:post_date", "wp:post_date_gmt", "wp:post_modified_gmt", "wp:post_name"),
    *("wp:status", "wp:post_parent", "wp:post_type", "wp:post_password", "wp:is_sticky"),
    "wp:attachment_url",
]


@fuzzed
@given(written=st.lists(st.dictionaries(st.sampled_from(FIELDS), ODD), max_size=4))
def test_odd_fields_raise_nothing_and_are_counted(
    written: list[dict[str, str]], tmp_path: Path
) -> None:
    parts = [
        "<item>"
        + "".join(f"<{k}><![CDATA[{v.replace(']]>', '')}]]></{k}>" for k, v in one.items())
        + "</item>"
        for one in written
    ]
    found = source(tmp_path, *parts)
    list(found.categories())
    list(found.places())
    records = [*found.files(), *found.items()]
    assert sorted(record.number for record in records) == list(range(1, len(written) + 1))


def test_an_operator_reads_chinese(site: WordPress) -> None:
    said = [*site.warnings]
    for record in (*site.files(), *site.items()):
        said += [record.reason] if isinstance(record, Left) else []
        said += record.notes if isinstance(record, OldItem) else []
    own = ("Elementor", "contact-form-7", "latest-posts", "archived")
    for sentence in said:
        for word in own:
            sentence = sentence.replace(word, "")
        assert not english_in(sentence), sentence


def test_what_is_kept_of_the_whole_file_is_cut() -> None:
    survey, long = Survey(), "长" * 10_000
    file = {"wp:post_type": "attachment", "wp:post_id": "1", "wp:attachment_url": "/a.jpg"}
    metas = {"_wp_attachment_image_alt": [long]}
    survey.take(Record("item", 1, {**file, "content:encoded": long}, metas=metas))
    survey.take(Record("item", 2, {}, [Term("post_tag", long, long), Term("category", long, long)]))
    survey.take(Record("wp:tag", 0, {"wp:tag_slug": "a", "wp:tag_name": long}))
    survey.take(Record("wp:category", 0, {"wp:category_nicename": "b", "wp:cat_name": long}))
    survey.take(Record("wp:author", 0, {"wp:author_login": long, "wp:author_display_name": long}))
    assert survey.files[1].address == "/a.jpg"
    assert len(repr((survey.files, survey.tags, survey.categories, survey.authors))) < 4000
