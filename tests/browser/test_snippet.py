"""The result of a search follows the form while somebody writes, by the rules of the page's head."""

from __future__ import annotations

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.test_paste import enter
from tests.desk.test_snippet import BRAND, RESULTS

pytestmark = pytest.mark.browser

# As the editor hands on what is written in it.
TYPE = """(typed) => {
  const { elements } = document.querySelector(".snippet").closest("form")
  for (const [name, value] of Object.entries(typed)) elements[name].value = value
  elements.title.dispatchEvent(new Event("input", { bubbles: true }))
}"""


@pytest.mark.django_db(transaction=True)
def test_it_follows_what_is_typed(page: Page, base_url: str) -> None:
    cast.profile(name=BRAND, tagline="深圳劳务派遣")
    article = cast.draft("原来的")
    enter(page, base_url)
    page.goto(reverse("admin:articles_article_change", args=[article.pk]))
    part = {name: page.locator(f'.snippet [data-part="{name}"]') for name in (
        "title", "description", "notes", "alone")}  # fmt: skip
    expect(part["title"]).to_have_text("原来的_用工政策_鹏聘人力")

    for name, result in RESULTS.items():
        typed = result._asdict()
        says, text = typed.pop("says"), typed.pop("text")
        page.evaluate(TYPE, {**typed, "body": text})
        expect(part["title"], name).to_have_text(says[0])
        expect(part["description"], name).to_have_text(says[1])

    page.evaluate(TYPE, {"title": "字" * 31, "seo_title": ""})
    expect(part["notes"]).to_contain_text("标题 31 字，超过 30 字")
    expect(part["alone"]).to_be_hidden()
    page.get_by_label("允许搜索引擎收录").uncheck()
    expect(part["alone"]).to_be_visible()
    page.locator("select[name=category]").select_option("")
    page.evaluate(TYPE, {"title": "短"})
    expect(part["title"]).to_have_text("短_资讯_鹏聘人力")
