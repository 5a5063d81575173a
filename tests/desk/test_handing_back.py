"""What is handed back to be put into its form: shown there, saved nowhere, and never from another site.

Whoever presses 放回表单 may not have typed what stands on that page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Model
from django.test import Client, RequestFactory
from taggit.models import Tag

from articles.models import Article, Author, Category
from portal.cms.accounts import User
from portal.cms.compliance.models import WordList
from portal.cms.delivery.models import Delivery, DeliveryTarget
from portal.cms.engines.models import CrawledPage, PublicAddress, Verification
from portal.cms.handing_back import MOST_OF_STRANGERS
from portal.cms.keywords.models import KeywordLink
from portal.cms.media.models import MediaFile
from portal.cms.redirects.models import MissedAddress, Redirect
from portal.cms.review.models import Comment
from portal.cms.revisions.models import Autosave
from portal.cms.search.models import Synonyms
from portal.cms.site import Page, SiteLink, SiteProfile
from portal.cms.tamper.models import OutsideHost
from portal.districts.models import DistrictPage
from staffing.models import (
    Case,
    ComparisonRow,
    ContributionRate,
    District,
    Enquiry,
    FormPolicy,
    Hotline,
    Job,
    Licence,
    MinimumWage,
    PrivacyNotice,
    Service,
    SpecialDay,
    Ticket,
)
from tests import cast
from tests.desk.forms import form_of, fresh, said, url, values
from tests.desk.pictures import document

pytestmark = pytest.mark.django_db

ADD = "/admin/articles/article/add/"
OURS, THEIRS = "http://testserver", "https://pianren.example"
TYPED = "正在写的标题"
PUT_BACK = {"_put_back": "1"}


# --- No form saves it --------------------------------------------------------------------------------

# Each model of the desk: one of its rows, and what is typed into the form of that and of a new one.
NEW = {
    "slug": "pianren",
    "title": "骗人的标题",
    "name": "骗人的名字",
    "body": "<p>骗人的正文。</p>",
}
FIGURES = {"in_force_from": "2026-01-01", "source": "骗人的通知"}
FORMS: dict[type[Model], tuple[Callable[[], Model], dict[str, Any]]] = {
    Article: (cast.draft, {**NEW, "category": cast.category}),
    Author: (cast.author, {**NEW, "handle": "pianren"}),
    Case: (
        lambda: Case.objects.create(slug="anli", title="三天到岗"),
        {**NEW, "summary": "骗人。"},
    ),
    Category: (cast.category, NEW),
    ComparisonRow: (
        lambda: ComparisonRow.objects.earliest("pk"),
        dict.fromkeys(("aspect", "dispatch", "outsourcing", "recruiting"), "骗人")
        | {"administration": "骗人", "part_time": "骗人", "order": "5"},
    ),
    ContributionRate: (
        lambda: ContributionRate.objects.create(
            city="深圳市",
            kind="pension",
            in_force_from=date(2025, 1, 1),
            employer_percent=14,
            worker_percent=8,
        ),
        {
            **FIGURES,
            "city": "骗城",
            "kind": "pension",
            "employer_percent": "14",
            "worker_percent": "8",
        },
    ),
    DeliveryTarget: (
        lambda: DeliveryTarget.objects.create(name="客服", kind="mail", address="a@example.com"),
        {"name": "骗人的邮箱", "kind": "mail", "address": "pianren@example.com"},
    ),
    District: (cast.district, {**NEW, "postal_code": "518000"}),
    DistrictPage: (
        lambda: DistrictPage.objects.create(district=cast.district(), slug="baoan"),
        {**NEW, "district": lambda: cast.district("longhua", "龙华区"), "summary": "骗人。"},
    ),
    Enquiry: (cast.enquiry, {"note": "骗人的备注"}),
    FormPolicy: (lambda: FormPolicy.objects.earliest("pk"), {"per_phone_day": "7"}),
    Group: (lambda: Group.objects.create(name="实习"), {"name": "骗人的组", "permissions": []}),
    Hotline: (
        cast.hotline,
        {"number": "400-123-4567", "display": "", "hours-0-closes": "17:31"},
    ),
    Job: (
        cast.job,
        {
            **NEW,
            "kind": Job.Kind.TEMPORARY,
            "hiring_org": "骗人的公司",
            "client_name": "骗人的企业",
            "headcount": 3,
            "duties": "骗人。",
            "requirements": "老实。",
            "district": cast.district,
            "address": "沙井街道（示例）",
            "pay_min": "23.50",
            "pay_max": "25.00",
            "contract_form": "劳动合同",
            "valid_through": "2099-01-01",
        },
    ),
    KeywordLink: (
        lambda: KeywordLink.objects.create(word="派遣", url="/"),
        {"word": "骗人", "url": "/"},
    ),
    Licence: (cast.licence, {"kind": Licence.Kind.DISPATCH, "number": "骗人0002号"}),
    MediaFile: (document, {"title": "骗人的文件"}),
    MinimumWage: (cast.wage, {**FIGURES, "city": "骗城", "monthly": "2500", "hourly": "24"}),
    Page: (cast.page, NEW),
    PrivacyNotice: (
        cast.notice,
        {"form": "company", "purpose": "handling", "version": "9", "title": "骗", "text": "骗人。"},
    ),
    Redirect: (cast.redirect, {"old": "/pianren.html", "target": "/articles/"}),
    Service: (
        cast.service,
        {
            **NEW,
            "summary": "骗人的服务。",
            "legal_model": Service.LegalModel.DISPATCH,
            "liability_text": "没有。",
        },
    ),
    SiteLink: (
        lambda: SiteLink.objects.create(placement="menu", label="首页", url="/"),
        {"placement": "menu", "label": "骗人的链接", "url": "/"},
    ),
    SiteProfile: (
        lambda: cast.profile(name="鹏聘"),
        {
            "name": "骗人的网站",
            "facts-TOTAL_FORMS": "1",
            "facts-0-value": "100%",
            "facts-0-label": "骗人",
            "facts-0-order": "10",
        },
    ),
    SpecialDay: (
        lambda: cast.special_day(date(2026, 10, 1)),
        {"day": "2026-10-02", "kind": "rest", "name": "骗人节"},
    ),
    Synonyms: (
        lambda: Synonyms.objects.create(words="社保、社会保险"),
        {"words": "骗人、诈骗"},
    ),
    Tag: (lambda: Tag.objects.create(name="社保", slug="shebao"), NEW),
    Ticket: (cast.ticket, {"text": "骗人的答复"}),
    User: (
        cast.xiaolin,
        {
            "username": "pianzi",
            "name": "骗子",
            "is_superuser": "on",
            "password1": cast.PASSWORD,
            "password2": cast.PASSWORD,
        },
    ),
    Verification: (
        cast.verification,
        {"way": "meta", "name": "msvalidate.01", "content": "PIANREN"},
    ),
    WordList: (
        lambda: WordList.objects.earliest("pk"),
        {"name": "骗人的词", "terms": "包赚"},
    ),
}


def superuser_request() -> Any:
    request = RequestFactory().get("/")
    request.user = cast.laochen()
    return request


def all_rows() -> dict[str, list[Any]]:
    """Everything the database holds, but sessions, and the text kept for the form just shown."""
    rows: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:  # past the models: half of what these tests cost
        for model in apps.get_models():
            if model not in (Session, Autosave):
                cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')  # noqa: S608 - of ours
                rows[model._meta.label] = sorted(cursor.fetchall(), key=repr)
    return rows


def test_every_form_of_the_desk_is_tried_here() -> None:
    request = superuser_request()
    writable = {
        model
        for model, model_admin in admin.site._registry.items()
        if model_admin.has_add_permission(request) or model_admin.has_change_permission(request)
    }

    # What has gone out, and what was found, is only acted on, from its list.
    listed = {Delivery, CrawledPage, MissedAddress, PublicAddress, OutsideHost}
    assert writable - listed == set(FORMS)


# What the desk makes itself, or visitors send.
NOT_ADDED = {SiteProfile, FormPolicy, Enquiry, Ticket}
ADDED = [model for model in FORMS if model not in NOT_ADDED]


@pytest.mark.parametrize(
    ("form", "model"),
    [*(("change", model) for model in FORMS), *(("add", model) for model in ADDED)],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_form_shows_what_is_put_back_and_saves_none_of_it(
    owner: Client, form: str, model: type[Model]
) -> None:
    make, fields = FORMS[model]
    of = [make().pk] if form == "change" else []
    address = url(model._meta.label_lower.replace(".", "_"), form, *of)
    typed = {name: value().pk if callable(value) else value for name, value in fields.items()}
    sent = {**values(owner.get(address)), **typed}
    before = all_rows()

    for button in ({"_save": "1"}, {"_publish": "1", "_copy": "1"}):
        shown = owner.post(address, {**sent, **PUT_BACK, **button})
        assert shown.status_code == 200
        assert all_rows() == before

    assert "还没有保存" in said(shown)
    assert not shown.context.get("errors")
    held = values(shown)
    for name in typed.keys() & held.keys() - {"password1", "password2", "permissions"}:
        assert held[name] in (str(typed[name]), [typed[name]])
    # It was fit to be saved.
    if model is MediaFile and form == "add":
        sent["upload"] = SimpleUploadedFile("骗人.pdf", b"%PDF-1.4\n%%EOF\n")
    assert owner.post(address, {**sent, "_save": "1"}).status_code == 302
    assert all_rows() != before


def test_rows_with_faults_are_shown_without_a_word_about_them(owner: Client) -> None:
    hotline = cast.hotline()
    sent = {**values(owner.get(form_of(hotline))), "hours-0-opens": "早上"}

    shown = owner.post(form_of(hotline), {**sent, **PUT_BACK})

    assert values(shown)["hours-0-opens"] == "早上"
    assert not shown.context["errors"]


@pytest.mark.parametrize(
    ("where", "sent"),
    [
        ("/admin/articles/category/", {"form-0-order": "99", "_save": "1"}),
        ("/admin/articles/category/", {"action": "delete_selected", "index": "0"}),
        ("/admin/articles/category/{category}/delete/", {"post": "yes"}),
        ("/admin/articles/article/{article}/comment/", {"review_note": "我同意，请马上发布。"}),
        ("/admin/cms/mediafile/folder/add/", {"name": "骗人的文件夹"}),
        ("/admin/cms/user/{user}/password/", {"password1": "骗人-2026", "password2": "骗人-2026"}),
        ("/admin/password_change/", {"old_password": cast.PASSWORD}),
        ("/admin/demo/remove/", {}),
    ],
)
def test_what_is_no_form_of_an_item_takes_nothing_that_is_put_back(
    owner: Client, where: str, sent: dict[str, str]
) -> None:
    category, article, user = cast.category(), cast.draft(), cast.xiaolin()
    address = where.format(category=category.pk, article=article.pk, user=user.pk)
    whole = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(category.pk),
        "_selected_action": str(category.pk),
        **sent,
    }
    before = all_rows()

    assert owner.post(address, {**whole, **PUT_BACK}).status_code == 400
    assert all_rows() == before


# --- Who sent it -------------------------------------------------------------------------------------


def without_token(address: str, sent: dict[str, Any], **headers: str) -> Any:
    """Send a form as a browser does from a page whose token is void, or that has none."""
    return Client(enforce_csrf_checks=True).post(address, sent, headers=headers)


FOREIGN = pytest.mark.parametrize(
    "headers",
    [
        {"origin": THEIRS},
        {"origin": "null"},
        {"origin": "https://testserver"},
        {"origin": f"{OURS}:8080"},
        {"origin": f"{OURS}.pianren.example"},
        {"referer": f"{THEIRS}/index.html"},
        {"referer": f"{OURS}@pianren.example/"},
        {"referer": "http://["},
        {"origin": OURS, "sec-fetch-site": "cross-site"},
        {"origin": OURS, "sec-fetch-site": "same-site"},
        {"origin": THEIRS, "referer": f"{OURS}/admin/"},
    ],
)


@FOREIGN
def test_what_another_site_sends_is_not_handed_to_the_visitor(headers: dict[str, str]) -> None:
    page = without_token(ADD, {"title": "别的网站替您写的标题"}, **headers)

    assert page.status_code == 403
    assert "别的网站" not in page.content.decode()
    assert "<form" not in page.content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": OURS},
        {"origin": OURS, "sec-fetch-site": "same-origin"},
        {"referer": f"{OURS}{ADD}"},
    ],
)
def test_what_our_own_page_sends_is(headers: dict[str, str]) -> None:
    page = without_token(ADD, {"title": TYPED}, **headers)

    assert values(page)["title"] == TYPED
    assert f'action="{ADD}"' in page.content.decode()


def test_behind_a_proxy_the_public_address_is_ours_too(settings: Any) -> None:
    settings.SITE_URL = "https://www.pengpin.example"

    page = without_token(ADD, {"title": TYPED}, origin="https://www.pengpin.example")

    assert f'action="{ADD}"' in page.content.decode()


def test_of_an_unknown_page_the_text_is_shown_and_goes_nowhere() -> None:
    page = without_token(ADD, {"title": TYPED})

    assert TYPED in page.content.decode()
    assert "<form" not in page.content.decode()
    assert "放回表单" not in page.content.decode()


def test_nobody_is_made_a_superuser_by_one_click(owner: Client) -> None:
    user = cast.xiaolin()
    evil = {**values(owner.get(form_of(user))), "is_superuser": "on"}

    page = without_token(form_of(user), evil, origin=THEIRS)
    owner.post(form_of(user), {**values(page), **PUT_BACK})
    owner.post(form_of(user), {**evil, **PUT_BACK})

    assert not fresh(user).is_superuser


# --- Where it goes -----------------------------------------------------------------------------------


def test_of_a_comment_the_text_is_shown_and_goes_nowhere() -> None:
    address = url("articles_article", "comment", cast.draft().pk)

    page = without_token(address, {"review_note": "我同意，请马上发布。"}, origin=OURS)

    assert page.status_code == 403
    assert "我同意，请马上发布。" in page.content.decode()
    assert "<form" not in page.content.decode()
    assert not Comment.objects.exists()


def test_of_a_comment_on_what_is_gone_too(editor: Client) -> None:
    article = cast.draft()
    address = url("articles_article", "comment", article.pk)
    article.delete()

    page = editor.post(address, {"review_note": "请把第二段改短一点。"})

    assert page.status_code == 404
    assert "请把第二段改短一点。" in page.content.decode()
    assert "<form" not in page.content.decode()
    assert "放进一份新稿" not in page.content.decode()


def test_a_folder_of_the_library_has_no_form_that_only_shows() -> None:
    page = without_token(
        "/admin/cms/mediafile/folder/add/", {"name": "二〇二六年的照片"}, origin=OURS
    )

    assert "二〇二六年的照片" in page.content.decode()
    assert "<form" not in page.content.decode()


# --- How much of it ----------------------------------------------------------------------------------


def test_each_text_is_sent_once() -> None:
    page = without_token(ADD, {"title": TYPED, "body": "<p>写了一整天。</p>"}, origin=OURS)

    assert page.content.decode().count("写了一整天") == 1
    assert page.content.decode().count(TYPED) == 1


def test_a_text_keeps_its_first_line_break_and_a_short_value_its_field() -> None:
    sent = {"body": "\r\n第一行前面有空行。", "category": "7", "go_live_at_1": "08:30:00"}

    held = values(without_token(ADD, sent, origin=OURS))

    assert {name: held[name] for name in sent} == sent


def test_only_what_somebody_wrote_is_shown() -> None:
    signs = {"kind": "original", "valid_from": "2026/11/21", "slug": "paiqian-bili"}

    page = without_token(ADD, {**signs, "title": TYPED}, origin=OURS).content.decode()

    assert page.count("readonly") == 1
    assert all(
        f'<input type="hidden" name="{name}" value="{signs[name]}">' in page for name in signs
    )


def test_a_stranger_is_not_handed_back_more_than_two_megabytes() -> None:
    page = without_token(ADD, {"body": '"' * MOST_OF_STRANGERS}, origin=OURS)

    assert page.status_code == 403
    assert "页面已经过期" in page.content.decode()
    assert len(page.content) < 5000


def test_who_is_signed_in_is_handed_back_whatever_the_desk_takes(editor: Client) -> None:
    body = f"<p>{'字' * MOST_OF_STRANGERS}</p>"
    editor.handler.enforce_csrf_checks = True

    page = editor.post(ADD, {"body": body}, headers={"origin": OURS})

    assert values(page)["body"] == body
