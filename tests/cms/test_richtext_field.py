"""RichTextField: no way into the database past the cleaning; the form, and what migrations see."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection, models
from django.test.utils import isolate_apps
from pytest_django import DjangoAssertNumQueries

from articles.models import Article
from portal.cms.media import uses
from portal.cms.richtext import RichTextField
from portal.cms.richtext.clean import Cleaned
from portal.cms.richtext.widgets import RichTextWidget
from portal.cms.site import Page
from tests import cast
from tests.cms import samples

HOSTILE = "<h1 style=x>题</h1><p onclick=x>正文<script>alert(1)</script></p>"
KEPT = "<h2>题</h2><p>正文</p>"


def stored(page: Page) -> str:
    return str(Page.objects.values_list("body", flat=True).get(pk=page.pk))


# --- Ways in ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_saving_cleans_the_text_in_the_database_and_on_the_object() -> None:
    page = cast.page(body=HOSTILE)

    assert stored(page) == KEPT
    assert page.body == KEPT


@pytest.mark.django_db
def test_update_cleans() -> None:
    page = cast.page()

    Page.objects.filter(pk=page.pk).update(body=HOSTILE)

    assert stored(page) == KEPT


@pytest.mark.django_db
def test_creating_and_updating_in_bulk_cleans() -> None:
    (page,) = Page.objects.bulk_create([Page(slug="x", title="题", body=HOSTILE)])
    assert stored(page) == KEPT

    page.body = "<h5>五</h5><style>p{}</style>"
    Page.objects.bulk_update([page], ["body"])
    assert stored(page) == "<h4>五</h4>"


@pytest.mark.django_db
def test_fixtures_are_cleaned(tmp_path: Any) -> None:
    fixture = tmp_path / "page.json"
    row = {"slug": "x", "title": "题", "body": HOSTILE, "created_at": "2026-01-01T00:00Z"}
    row["updated_at"] = row["created_at"]
    fixture.write_text(str([{"model": "cms.page", "pk": 7, "fields": row}]).replace("'", '"'))

    call_command("loaddata", str(fixture), verbosity=0)

    assert stored(Page(pk=7)) == KEPT


@pytest.mark.django_db
def test_a_form_hands_on_what_will_be_stored() -> None:
    form = forms.modelform_factory(Page, fields=["title", "slug", "body"])(
        {"title": "题", "slug": "x", "body": HOSTILE}
    )

    assert form.is_valid()
    assert form.cleaned_data["body"] == KEPT
    assert form.save().body == KEPT


@pytest.mark.django_db
def test_a_text_that_says_nothing_is_stored_as_nothing() -> None:
    assert cast.page(body="<p>&nbsp;</p><p></p>").body == ""


def test_a_required_text_must_say_something() -> None:
    with pytest.raises(ValidationError):
        RichTextField(blank=False).clean("<p>&nbsp;</p>", None)


@pytest.mark.both_databases
@pytest.mark.django_db
def test_null_bytes_are_refused_by_forms_and_dropped_by_saves() -> None:
    form = forms.modelform_factory(Page, fields=["body"])({"body": "<p>正\x00文</p>"})

    assert "body" in form.errors
    assert cast.page(body="<p>正\x00文</p>").body == "<p>正文</p>"


@pytest.mark.django_db
def test_what_the_database_gives_is_text_like_any_other() -> None:
    page = Page.objects.get(pk=cast.page(body=HOSTILE).pk)

    assert type(page.body) is str
    assert Page.objects.filter(body__contains="<p>正文").get() == page
    assert Page.objects.filter(body=KEPT).get() == page


@pytest.mark.django_db
def test_the_picture_of_a_text_is_stored_as_the_library_has_it() -> None:
    file = samples.picture(size=(500, 300))

    page = cast.page(body=f'<img data-file="{file.pk}" src="https://evil.example/x.gif" width="1">')

    assert page.body == (
        f'<figure><img data-file="{file.pk}" src="{file.image_file.url}" '
        'width="500" height="300" alt=""></figure>'
    )
    assert isinstance(page.body, Cleaned)


@pytest.mark.django_db
def test_saving_a_text_without_pictures_costs_one_query_more(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    page = cast.page()
    page.body = "<p>新</p>"

    # The row, what it showed until now, the search index, and that no engine is to be told.
    with django_assert_num_queries(10):
        page.save(update_fields=["body"])


@pytest.mark.django_db
def test_megabytes_are_saved() -> None:
    body = "<p>" + "劳务派遣单位应当取得经营许可。" * 40 + "</p>"

    page = cast.page(body=body * 2_500)

    assert len(stored(page).encode()) > 4_000_000


# --- To Django ---------------------------------------------------------------------------------------


def test_migrations_see_a_plain_text_field() -> None:
    field = Article._meta.get_field("body")

    assert field.deconstruct() == (
        "body",
        "django.db.models.TextField",
        [],
        {"blank": True, "verbose_name": "正文"},
    )
    assert isinstance(field.clone(), RichTextField)  # type: ignore[attr-defined]
    assert field.db_type(connection) == "text"


def test_the_editors_own_checks_have_nothing_to_say() -> None:
    assert [m for m in run_checks() if m.id and m.id.startswith("django_prose_editor")] == []


@isolate_apps("portal.cms")
def test_a_model_that_mediause_cannot_point_at_is_reported() -> None:
    class Note(models.Model):
        id = models.UUIDField(primary_key=True)
        body = RichTextField()

        class Meta:
            app_label = "cms"

        def __str__(self) -> str:
            return ""

    (error,) = Note._meta.get_field("body").check()
    assert error.id == "cms.E001"


# --- The widget --------------------------------------------------------------------------------------


def test_the_form_offers_our_editor_whatever_widget_is_asked_for() -> None:
    from django.contrib.admin.widgets import AdminTextareaWidget

    field = Article._meta.get_field("body")

    assert isinstance(field.formfield().widget, RichTextWidget)
    assert isinstance(field.formfield(widget=AdminTextareaWidget).widget, RichTextWidget)
    assert isinstance(field.formfield(widget=forms.HiddenInput).widget, forms.Widget)


@pytest.mark.django_db
def test_without_javascript_the_text_is_html_in_a_text_area() -> None:
    html = RichTextWidget().render("body", "<p>正文 &amp; 更多</p>")

    assert html.startswith("<textarea")
    assert "&lt;p&gt;正文 &amp;amp; 更多&lt;/p&gt;" in html


@pytest.mark.django_db
def test_the_editor_shows_a_picture_as_it_is_now() -> None:
    file = samples.picture()
    page = cast.page(body=f'<img data-file="{file.pk}">')
    file.image_file = samples.named(samples.png((50, 40)), "新.png")
    file.save()

    html = RichTextWidget().render("body", page.body)

    assert file.image_file.url in html
    assert "width=&quot;50&quot;" in html


def test_the_editor_is_told_the_same_list_that_the_sanitiser_is_made_of() -> None:
    config = RichTextWidget().get_config()

    assert set(config["extensions"]) >= {"Bold", "Table", "Picture", "Labels", "Link"}
    assert config["extensions"]["Heading"] == {"levels": [2, 3, 4]}
    assert set(config["extensions"]["Picture"]) == {"picker", "list", "upload", "fetch", "change"}
    assert config["js_modules"] == ["/static/cms/editor.js"]


def test_an_empty_field_stays_empty() -> None:
    assert RichTextWidget().format_value("") in ("", None)
    assert RichTextWidget().format_value(None) is None


@pytest.mark.django_db(transaction=True)
def test_a_text_is_not_saved_without_the_record_of_its_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    page = cast.page(body="<p>旧</p>")

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(uses, "record", fail)
    page.body = "<p>新</p>"
    with pytest.raises(RuntimeError):
        page.save()
    assert Page.objects.get().body == "<p>旧</p>"
