"""What is found in articles, services, jobs and pages, as they stand in memory."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.compliance import register
from portal.cms.compliance.decisions import assess, findings
from portal.cms.compliance.findings import Finding, Severity, around
from portal.cms.compliance.models import WordList
from portal.cms.compliance.register import check_every_model_is_registered
from portal.cms.compliance.typography import length, slips
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions.content import as_of, content_of
from portal.cms.site import Page
from portal.demo import loading
from portal.districts.models import DistrictPage
from staffing.models import Case, Faq, Job, Service
from tests import cast
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db

BLOCK, MUST, HINT = Severity.BLOCK, Severity.MUST, Severity.HINT
ENOUGH = "用工单位应当在到岗前核对劳务派遣单位的经营许可证，并把岗位、人数和期限写进派遣协议。" * 5


def body(*paragraphs: str) -> str:
    return "".join(f"<p>{paragraph}</p>" for paragraph in (*paragraphs, ENOUGH))


def article(**fields: Any) -> Article:
    title = f"派遣协议说明之{next(cast.number)}"
    return cast.draft(**{"title": title, "body": body(), **fields})


def rules(item: Publishable, field: str = "") -> dict[str, Severity]:
    """Return the rules that found something, each list of words by its name."""
    names = {f"words-{words.pk}": words.name for words in WordList.objects.all()}
    return {
        names.get(found.rule, found.rule): found.severity
        for found in findings(item)
        if not field or found.field == field
    }


def only(item: Publishable, rule: str) -> Finding:
    (found,) = [found for found in findings(item) if found.rule.startswith(rule)]
    return found


# --- Words, by place ----------------------------------------------------------------------------------


def test_a_plain_article_has_no_findings() -> None:
    assert findings(article(title="派遣协议里的十三项", summary="逐项说明怎样填写。")) == []


@pytest.mark.parametrize(
    ("field", "text", "severity"),
    [
        ("title", "深圳最大的劳务市场", MUST),
        ("summary", "深圳最大的劳务市场。", MUST),
        ("body", body("深圳最大的劳务市场。"), HINT),
    ],
)
def test_boasts_weigh_more_in_titles_than_in_the_body_of_the_news(
    field: str, text: str, severity: Severity
) -> None:
    found = only(article(**{field: text}), "words-")
    assert (found.field, found.severity) == (field, severity)
    assert found.anchor == f"id_{field}"
    assert str(found.excerpt) == "深圳最大的劳务市场" + ("" if field == "title" else "。")
    assert found.excerpt is not None
    assert found.excerpt.matter == "最大"


def test_the_excerpt_shows_what_was_written_and_not_what_was_compared() -> None:
    found = only(article(title="我们是ＮＯ．　１，欢迎来访"), "words-")
    assert found.excerpt is not None
    assert found.excerpt == ("我们是", "ＮＯ．　１", "，欢迎来访")
    assert found.message == "“no.1”（广告法绝对化用语）"


def test_a_long_text_is_cut_around_the_matter() -> None:
    text = "前" * 40 + "最大" + "后" * 40 + "\n下一行"
    assert around(text, 40, 42) == ("…" + "前" * 14, "最大", "后" * 14 + "…")
    assert around("上一行\n最大", 4, 6) == ("", "最大", "")


def test_one_term_in_one_field_is_one_finding_with_its_number() -> None:
    found = only(article(body=body("最大", "最 大，", "<strong>最</strong>大")), "words-")
    assert found.count == 3


def test_political_words_are_to_be_decided_in_any_news_but_regulations() -> None:
    text = body("市委常委会研究了就业工作。")
    assert rules(article(body=text))["时政用语"] == MUST
    assert rules(article(body=text, rights_basis=Article.RightsBasis.REGULATION)) == {}


def test_a_service_is_read_to_the_last_line() -> None:
    service = cast.service(steps=["提需求", "最快半天到岗"], seo_title="深圳第一派遣")
    assert rules(service, "steps") == {"广告法绝对化用语": MUST}
    assert rules(service, "seo_title") == {"广告法绝对化用语": MUST}


def test_questions_and_answers_of_a_service_count_whichever_row_they_are_in() -> None:
    service = cast.service()
    for answer in ("由派遣单位申报。", "我们是最专业的。", "还是最专业的。"):
        Faq.objects.create(service=service, question="工伤谁负责？", answer=answer)
    found = only(service, "words-")
    assert (found.field, found.anchor, found.count) == ("faqs.answer", "id_faqs-1-answer", 2)
    assert found.label == "常见问题：回答"


def test_rows_put_into_memory_count_instead_of_stored_ones() -> None:
    service = cast.service()
    Faq.objects.create(service=service, question="工伤谁负责？", answer="我们是最专业的。")
    changed = content_of(service)
    changed["faqs"][0]["answer"] = "由派遣单位申报。"
    as_of(service, changed)
    assert rules(service) == {}


def test_what_is_set_and_not_saved_counts() -> None:
    saved = article()
    saved.title = "深圳最大的劳务市场"
    assert "广告法绝对化用语" in rules(saved)
    assert "广告法绝对化用语" in rules(Article(title="深圳最大的劳务市场", body=""))
    assert "广告法绝对化用语" in rules(Service(name="最好的派遣"))


def test_pages_are_read_like_services() -> None:
    page = cast.page(body=body("我们是行业龙头。"))
    assert rules(page) == {"广告法绝对化用语": MUST}


# --- Jobs ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "rule", "severity"),
    [
        ({"requirements": "限男性，能上夜班。"}, "歧视性用语", MUST),
        ({"deductions": "入职收押金 200 元。"}, "向求职者收费与扣证", MUST),
        ({"pay_conditions": "具体面议。"}, "薪酬不明", MUST),
        ({"title": "高薪普工"}, "招聘诱导与虚假承诺", MUST),
        ({"requirements": "18–35 岁，能上夜班。"}, "age-limit", HINT),
        ({"requirements": "45 周岁以下。"}, "age-limit", HINT),
        ({"age_min": 16}, "minors", HINT),
    ],
)
def test_what_a_job_must_not_say(fields: dict[str, Any], rule: str, severity: Severity) -> None:
    assert rules(cast.job(**fields)) == {rule: severity}


def test_an_ordinary_job_has_no_findings() -> None:
    job = cast.job(
        requirements="年满 18 周岁，男女不限，户籍不限。",
        deductions="没有服装费、体检费；不收押金。",
        address="第一工业区",
        hiring_org="深圳市第一人力资源有限公司（示例）",
    )
    assert findings(job) == []


# --- Pictures ------------------------------------------------------------------------------------------


def test_a_picture_that_could_not_be_had_blocks() -> None:
    mark = "〔图片缺失：https://mmbiz.example/1〕"
    found = only(article(body=body("到岗流程见下图：", mark, mark)), "picture-missing")
    assert (found.severity, found.count) == (BLOCK, 2)
    assert found.excerpt is not None
    assert found.excerpt.matter == mark


def test_a_picture_of_another_site_blocks() -> None:
    page = article()
    page.body += '<img src="https://mmbiz.example/1"><img data-src="//mmbiz.example/2">'
    found = only(page, "picture-remote")
    assert (found.severity, found.count) == (BLOCK, 2)


def test_pictures_without_words_are_named() -> None:
    told, silent = picture("gate.png"), picture("bus.png", image_alt_text="")
    figures = "".join(f'<img data-file="{file.pk}" alt="{alt}">' for file, alt in
                      ((told, ""), (silent, ""), (silent, "班车")))  # fmt: skip
    found = only(article(body=body() + figures), "picture-words")
    assert (found.severity, found.field, found.count) == (HINT, "body", 1)
    assert "bus" in found.message
    assert only(article(cover=silent), "picture-words").field == "cover"
    assert findings(article(cover=told)) == []


def test_words_given_in_the_text_are_enough() -> None:
    silent = picture("bus.png", image_alt_text="")
    text = body() + f'<img data-file="{silent.pk}" alt="班车到厂">'
    assert findings(article(body=text)) == []


# --- Typesetting ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('他说"可以"的', "quotes"),
        ("发薪日'不变'", "quotes"),
        ("先签约,后上岗", "half-width"),
        ("地点:沙井", "half-width"),
        ("可以吗?", "half-width"),
        ("先签约.后上岗", "full-stop"),
        ("以后再说...", "ellipsis"),
        ("以后再说。。。", "ellipsis"),
        ("派遣--外包", "dash"),
        ("急招！！", "repeated"),
        ("真的？？？", "repeated"),
        ("签约，，上岗", "repeated"),
        ("签约  上岗", "spaces"),
        ("签约\u3000\u3000上岗", "spaces"),
    ],
)
def test_slips_of_typesetting(text: str, name: str) -> None:
    assert [found.slip.name for found in slips(text)] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "他说“可以”，我们签了——两年。",
        "8:00 到 17:00，单价 1,200.50 元",
        "见 https://example.com/a--b?c=1,2;d",
        "It's a \"quote\", isn't it?",
        "真的吗？！以后再说……",
        "　　段首的空格交给样式",
        "第 1.5 条",
        "A、B，C；D：E",
    ],
)
def test_what_is_set_properly_is_left_alone(text: str) -> None:
    assert list(slips(text)) == []


def test_a_slip_is_a_hint_with_its_first_place_and_its_number() -> None:
    found = only(article(body=body("急招！！快来！！")), "typography")
    assert (found.severity, found.count) == (HINT, 2)
    assert found.excerpt == ("急招", "！！", "快来！！")


# --- Length --------------------------------------------------------------------------------------------


def test_length_counts_characters_and_words() -> None:
    assert length("派遣 10% 以内，HR 要签 2 份 labour-contract。") == 11
    assert length("") == 0


def test_thin_articles_and_long_titles_are_pointed_out() -> None:
    assert (
        only(article(body="<p>只有一句话。</p>"), "too-short").message == "只有 5 字，不足 150 字"
    )
    assert only(article(title="长" * 31), "too-long").message == "共 31 字，超过 30 字"
    assert findings(article(title="题" * 30)) == []


def test_nothing_is_said_about_a_form_that_is_still_empty() -> None:
    for model in (Article, Service, Case, Job, DistrictPage, Page):
        assert findings(model()) == []


# --- Titles --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("title", ["放假通知（春节）", "放假通知(春节)", " 放假通知 （春节） "])
def test_a_second_article_of_a_title_on_the_site_is_to_be_decided(title: str) -> None:
    first = cast.article("放假通知（春节）")
    found = only(article(title=title), "same-title")
    assert (found.severity, found.message) == (MUST, "已有同名文章（已发布）")
    assert found.url == f"/admin/articles/article/{first.pk}/change/"


def test_beside_what_is_not_on_the_site_it_is_a_hint() -> None:
    cast.draft("放假通知")
    cast.article("放假通知", status=Status.WITHDRAWN)
    ended = timezone.now() - timedelta(minutes=1)
    cast.article("放假通知", **cast.live(60), expire_at=ended)
    found = findings(article(title="放假通知"))
    assert [one.severity for one in found] == [HINT] * 3


def test_an_article_is_not_its_own_double_and_the_bin_does_not_count() -> None:
    cast.article("放假通知", deleted_at=timezone.now())
    assert findings(cast.article("放假通知", body=body())) == []
    cast.article("放假通知 2026")
    assert findings(article(title="放假通知 2025")) == []


def test_a_scheduled_double_counts_like_a_live_one() -> None:
    cast.article("放假通知", **cast.live(-60))
    assert rules(article(title="放假通知")) == {"same-title": MUST}


# --- Where a text comes from ----------------------------------------------------------------------------


def test_a_repost_says_by_what_right_and_from_where() -> None:
    repost = article(kind=Article.Kind.REPOST, source_name="某报")
    assert rules(repost) == {"repost-rights": MUST, "repost-origin": HINT}
    told = article(
        title="另一篇",
        kind=Article.Kind.REPOST,
        source_name="某报",
        source_url="https://example.com/1",
        original_title="原来的标题",
        original_author="某记者",
        rights_basis=Article.RightsBasis.REGULATION,
    )
    assert findings(told) == []


def test_contradictions_about_the_origin_are_pointed_out() -> None:
    assert rules(article(kind=Article.Kind.CONTRIBUTED)) == {"contributed-rights": HINT}
    assert rules(article(source_name="某报")) == {"original-source": HINT}


# --- What it costs --------------------------------------------------------------------------------------


def test_an_article_costs_four_queries_and_one_more_for_pictures(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    plain, shown = article(), article(title="有图", cover=picture("bus.png", image_alt_text=""))
    with django_assert_num_queries(4):  # lists, titles; titles nearly the same: two
        findings(plain)
    with django_assert_num_queries(5):
        findings(shown)


def test_other_models_cost_a_query_and_a_few_more_for_what_they_lean_on(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    job, service = cast.job(employer_type=Job.EmployerType.AGENCY_DISPATCH), cast.service()
    with django_assert_num_queries(3):  # lists; minimum wage, licence
        findings(job)
    with django_assert_num_queries(2):
        findings(service)


def test_checking_changes_nothing() -> None:
    saved = article(title="深圳最大的劳务市场")
    before = content_of(saved)
    assess(saved)
    assert content_of(saved) == before


def test_weightiest_first() -> None:
    mixed = article(title="最大", body=body("〔图片缺失：1〕", "急招！！"))
    assert [found.severity for found in findings(mixed)] == [BLOCK, MUST, HINT]


# --- The demo content, our largest text of the trade -------------------------------------------------------


def test_of_fifty_thousand_characters_only_two_are_to_be_decided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Small ones in their places: cutting the demo's own to all sizes takes seconds.
    monkeypatch.setattr(loading, "store", lambda file, **fields: picture(file.name, **fields))
    loading.load()
    models: tuple[type[Publishable], ...] = (Article, Service, Case, Job, DistrictPage, Page)
    items = [item for model in models for item in model._default_manager.all()]
    found = [(str(item), one.excerpt) for item in items for one in assess(item).unresolved]
    assert [(title, excerpt and excerpt.matter) for title, excerpt in found] == [
        ("招聘代理", "只招男"),  # a customer asks whether that may be
        ("防骗提示", "日赚"),  # a swindler is quoted
    ]


# --- Models that are published ----------------------------------------------------------------------------


def test_a_model_that_nobody_registered_is_an_error_at_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert check_every_model_is_registered(None) == []
    others = {model: checks for model, checks in register._checks.items() if model is not Page}
    monkeypatch.setattr(register, "_checks", others)
    (error,) = check_every_model_is_registered(None)
    assert error.id == "cms.E020"
    assert "cms.Page" in error.msg
