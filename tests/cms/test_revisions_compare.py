"""What differs between two contents, as editors read it; and that it is all of it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.revisions.blocks import matches, pair
from portal.cms.revisions.compare import Difference, Reader, compare, summary
from portal.cms.revisions.content import content_of
from portal.cms.revisions.diff import Change, Line, pieces
from portal.cms.richtext.clean import clean
from staffing.models import Faq, Job, Service
from tests import cast
from tests.desk.pictures import picture

pytestmark = pytest.mark.both_databases


def marked(line: Line) -> str:
    """A line in signs: [-gone-] and {+come+}."""
    signs = {Change.ADDED: "{+%s+}", Change.REMOVED: "[-%s-]"}
    return "".join(signs.get(piece.change, "%s") % piece.text for piece in line.pieces)


def shown(difference: Difference) -> list[str]:
    return [
        f"… {line.count} …" if line.change == Change.SKIPPED else marked(line) + line.note
        for line in difference.lines
    ]


def differing(model: Any, old: dict[str, Any], new: dict[str, Any]) -> dict[str, list[str]]:
    return {found.label: shown(found) for found in compare(model, old, new)}


def bodies(old: str, new: str) -> list[str]:
    old, new = str(clean(old)), str(clean(new))
    return differing(Article, {"body": old}, {"body": new}).get("正文", [])


# --- Fields ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_fields_are_told_in_the_words_and_the_order_of_the_form() -> None:
    article = cast.draft("原来的标题", tags=("社保",))
    old = content_of(article)
    news, author = cast.category("news", "公司动态"), cast.author("laowang", "老王")
    new = {
        **old,
        "tags": ["劳务派遣", "社保"],
        "pinned": True,
        "kind": "repost",
        "go_live_at": "2026-01-05T01:00:00+00:00",
        "cover": picture(title="厂区大门").pk,
        "author": author.pk,
        "category": news.pk,
        "title": "现在的标题",
    }

    found = differing(Article, old, new)

    assert found == {
        "上线时间": ["{+2026年1月5日 09:00+}"],
        "标题": ["[-原来-]{+现在+}的标题"],
        "栏目": ["[-用工政策-]{+公司动态+}"],
        "署名": ["[-编辑部 - bianjibu-]{+老王 - laowang+}"],
        "封面图片": ["{+厂区大门+}"],
        "类型": ["[-原创-]{+转载+}"],
        "置顶": ["[-否-]{+是+}"],
        "标签": ["{+劳务派遣+}", "社保"],
    }
    order = [f.verbose_name for f in (*Article._meta.concrete_fields, *Article._meta.many_to_many)]
    assert list(found) == [name for name in order if name in found]


@pytest.mark.django_db
def test_lines_numbers_days_and_districts_of_a_service() -> None:
    service = cast.service(steps=["报名", "面试", "入职"])
    old = content_of(service)
    new = {
        **old,
        "steps": ["报名", "体检", "入职"],
        "price_from": "180.00",
        "price_valid_until": "2026-12-31",
        "districts": [cast.district().pk],
        "slug": "paiqian",
        "liability_text": "工伤由派遣单位申报，用工单位协助。\n\n疾病按劳动合同法处理。",
    }

    assert differing(Service, old, new) == {
        "网址名": ["[-dispatch-]{+paiqian+}"],
        "起价": ["{+180.00+}"],
        "报价有效至": ["{+2026年12月31日+}"],
        "责任说明": ["工伤由派遣单位申报，用工单位协助。", "{+疾病按劳动合同法处理。+}"],
        "办理流程": ["报名", "[-面试-]", "{+体检+}", "入职"],
        "服务区域": ["{+宝安区+}"],
    }


@pytest.mark.django_db
def test_rows_are_told_by_their_question() -> None:
    service = cast.service()
    for question in ("几天到岗？", "几人起？", "工伤谁负责？"):
        Faq.objects.create(
            service=service, question=question, answer="三天以内安排。", review_due="2027-01-01"
        )
    old = content_of(service)
    first, second, third = old["faqs"]
    new = {
        **old,
        "faqs": [
            {**first, "answer": "两天以内安排。"},
            third,
            {"question": "能开发票吗？", "answer": "能。"},
        ],
    }

    lines = compare(Service, old, new)[0].lines

    told = [(line.label, marked(line)) for line in lines]
    assert told[0] == ("几天到岗？ · 回答", "[-三-]{+两+}天以内安排。")
    assert ("能开发票吗？ · 回答", "{+能。+}") in told
    assert ("几人起？ · 问题", "[-几人起？-]") in told
    assert not any("工伤" in label for label, _ in told)
    assert second["question"] == "几人起？"


@pytest.mark.django_db
def test_what_is_gone_is_named_by_its_kind() -> None:
    old = content_of(cast.draft())

    found = differing(Article, old, {**old, "category": 10**6, "cover": 10**6})

    assert found == {
        "栏目": ["[-用工政策-]{+已删除的栏目+}"],
        "封面图片": ["{+已删除的图片与文件+}"],
    }


@pytest.mark.django_db
def test_two_files_of_one_name_are_told_apart() -> None:
    one, other = picture(title="厂区大门"), picture(title="厂区大门")

    found = differing(Article, {"cover": one.pk}, {"cover": other.pk})

    assert found == {"封面图片": ["厂区大门名称相同，但不是同一个"]}


@pytest.mark.django_db
def test_names_cost_a_query_for_each_kind(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    old = content_of(cast.draft())
    files = [picture(f"{n}.png") for n in range(3)]
    html = "".join(f'<figure><img data-file="{f.pk}" src="/a.png" alt=""></figure>' for f in files)
    new = {
        **old,
        "cover": files[0].pk,
        "body": str(clean(html)),
        "category": cast.category("b", "乙").pk,
    }

    with django_assert_num_queries(2):  # categories, files
        assert len(compare(Article, old, new)) == 3
    with django_assert_num_queries(0):
        assert summary(Article, old, new) == "栏目、正文 −21 字、封面图片"


def test_what_only_one_content_has_is_no_difference() -> None:
    assert compare(Article, {"title": "题"}, {"title": "题", "ai_assisted": True}) == []


def test_one_version_is_shown_as_it_is() -> None:
    reader = Reader(
        Job, content := {"kind": "temporary", "health_certificate": True, "duties": "组装\n检验"}
    )

    assert {
        name: [marked(line) for line in reader.shown(name, content[name])] for name in content
    } == {
        "kind": [dict(Job.Kind.choices)["temporary"]],
        "health_certificate": ["是"],
        "duties": ["组装", "检验"],
    }


# --- Rich text ---------------------------------------------------------------------------------------

ONE = "<p>用工单位应当核对劳务派遣单位的经营许可证。</p>"


def test_a_changed_paragraph_is_told_by_its_words() -> None:
    assert bodies(ONE, ONE.replace("应当", "必须")) == [
        "用工单位[-应当-]{+必须+}核对劳务派遣单位的经营许可证。"
    ]


def test_what_did_not_change_is_left_out_but_for_its_neighbours() -> None:
    rest = "".join(f"<p>第{n}段没有改。</p>" for n in "一二三四五六")

    assert bodies(rest + ONE, rest + "<p>新的一段。</p>" + ONE) == [
        "… 5 …", "第六段没有改。", "{+新的一段。+}", "用工单位应当核对劳务派遣单位的经营许可证。",
    ]  # fmt: skip


def test_list_items_table_rows_headings_and_pictures_are_lines_of_their_own() -> None:
    old = """<h2>条件</h2><ul><li>许可证</li><li>注册资本</li></ul>
        <table><tbody><tr><td>深圳</td><td>二倍</td></tr><tr><td>东莞</td><td>一倍</td></tr></tbody></table>
        <blockquote><p>原文</p></blockquote>"""
    new = (
        old.replace("条件", "准入条件")
        .replace("注册资本", "注册资本二百万")
        .replace("二倍", "三倍")
    )
    old, new = str(clean(old)), str(clean(new.replace("原文", "法条")))

    lines = compare(Article, {"body": old}, {"body": new})[0].lines

    assert [(line.label, marked(line)) for line in lines] == [
        ("小标题", "{+准入+}条件"),
        ("列表项", "许可证"),
        ("列表项", "注册资本{+二百万+}"),
        ("表格行", "深圳 ｜ [-二-]{+三+}倍"),
        ("表格行", "东莞 ｜ 一倍"),
        ("引用", "[-原文-]"),
        ("引用", "{+法条+}"),
    ]


@pytest.mark.django_db
def test_pictures_are_told_by_name_alternative_text_and_caption() -> None:
    file = picture(title="厂区大门")
    figure = (
        '<figure><img data-file="%d" src="/a.png" alt="%s"><figcaption>%s</figcaption></figure>'
    )

    assert bodies(figure % (file.pk, "大门", "旧"), figure % (file.pk, "大门", "今年新修")) == [
        "厂区大门；替代文字：大门；图片说明：[-旧-]{+今年新修+}"
    ]


def test_a_change_of_form_alone_is_named() -> None:
    assert bodies("<p>文字</p>", "<p><strong>文字</strong></p>") == ["文字文字没变，格式有变"]
    assert bodies("<p>文字</p>", "<h2>文字</h2>") == ["文字文字没变，格式有变"]
    assert bodies("<ol><li>文字</li></ol>", '<ol start="3"><li>文字</li></ol>') == [
        "文字",
        "排版有变",
    ]


def test_a_change_of_address_is_shown() -> None:
    link = '<p>见<a href="%s">通知</a>。</p>'

    assert bodies(link % "https://a.example/1", link % "https://a.example/2") == [
        "见通知（https://a.example/[-1-]{+2+}）。"
    ]


def test_a_paragraph_written_anew_is_not_shredded() -> None:
    assert bodies(ONE, "<p>深圳宝安沙井招普工三十名。</p>") == [
        "[-用工单位应当核对劳务派遣单位的经营许可证。-]",
        "{+深圳宝安沙井招普工三十名。+}",
    ]


@pytest.mark.parametrize(
    ("old", "new", "read"),
    [
        ("2026年1月起执行", "2027年3月起执行", "[-2026年1-]{+2027年3+}月起执行"),
        ("一天。两天。三天。", "一天。新加一句。两天。三天。", "一天。{+新加一句。+}两天。三天。"),
        ("电子厂普工", "电子厂男女普工", "电子厂{+男女+}普工"),
        ("WPS 文档", "Word 文档", "[-WPS-]{+Word+} 文档"),
        ("", "新", "{+新+}"),
        ("旧", "", "[-旧-]"),
    ],
)
def test_words_within_a_line(old: str, new: str, read: str) -> None:
    assert marked(Line(Change.CHANGED, pieces(old, new))) == read


def test_summaries_name_the_fields_and_count_the_signs_of_texts() -> None:
    old = {"title": "题", "body": ONE, "pinned": False}

    assert summary(Article, old, old) == ""
    changed = {"title": "改", "body": ONE.replace("应当", "必须要"), "pinned": True}
    assert summary(Article, old, changed) == "标题、正文 +3/−2 字、置顶"
    names = [
        "title",
        "summary",
        "source_name",
        "original_title",
        "original_author",
        "kind",
        "source_url",
    ]
    many = summary(Article, dict.fromkeys(names, "a"), dict.fromkeys(names, "b"))
    assert many.endswith(" 等 7 项")
    assert many.count("、") == 5


# --- Anything at all, and a lot of it -------------------------------------------------------------------

WORDS = st.text("派遣单位用工许可证。，\nAB1<>&", max_size=40)


@given(WORDS, WORDS)
def test_the_pieces_are_both_texts(old: str, new: str) -> None:
    found = pieces(old, new)

    assert "".join(p.text for p in found if p.change != Change.ADDED) == old
    assert "".join(p.text for p in found if p.change != Change.REMOVED) == new


@given(
    st.lists(st.sampled_from("甲乙丙丁"), max_size=9),
    st.lists(st.sampled_from("甲乙丙丁"), max_size=9),
)
def test_equal_blocks_are_found_in_order_and_all_blocks_are_told(
    old: list[str], new: list[str]
) -> None:
    found = matches(old, new)

    assert all(old[i] == new[j] for i, j in found)
    assert found == sorted(found)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    places = pair(old, new)
    assert [i for i, _ in places if i is not None] == list(range(len(old)))
    assert [j for _, j in places if j is not None] == list(range(len(new)))


@given(st.lists(WORDS, max_size=6), st.lists(WORDS, max_size=6))
def test_no_change_of_a_text_is_left_out(old: list[str], new: list[str]) -> None:
    old_html, new_html = (
        str(clean("".join(f"<p>{text.replace('<', '&lt;')}</p>" for text in texts)))
        for texts in (old, new)
    )

    found = compare(Article, {"body": old_html}, {"body": new_html})

    assert bool(found) == (old_html != new_html)
    for line in found[0].lines if found else []:
        assert line.change == Change.SKIPPED or line.pieces


@pytest.mark.parametrize("alike", [True, False])
def test_a_hundred_thousand_signs_take_a_moment(alike: bool) -> None:
    """Measured: 0.3 seconds. What is quadratic is bounded, so a slow machine takes no minutes either."""
    sentences = [f"第{n}条用工单位应当依法核对第{n * 7}号许可证的有效期限。" for n in range(4000)]
    old = "".join(f"<p>{''.join(sentences[n : n + 8])}</p>" for n in range(0, 4000, 8))
    new = old.replace("应当", "必须") if alike else f"<p>{''.join(reversed(sentences))}</p>"
    started = time.process_time()

    assert compare(Article, {"body": old}, {"body": new})

    assert len(old) > 100_000
    assert time.process_time() - started < 10
