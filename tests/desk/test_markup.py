"""The desk's HTML keeps the rules that Django's own templates break (`make audit` asks the real checker)."""

from __future__ import annotations

from collections import Counter
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal.cms.review.models import Notice
from portal.cms.seeing.models import BackupRun
from tests import cast
from tests.cms import samples
from tests.desk.forms import form_of

pytestmark = pytest.mark.django_db


class Markup(HTMLParser):
    """Every start tag of a page, with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def mistakes(self) -> list[str]:
        ids = Counter(attrs["id"] for _, attrs in self.tags if "id" in attrs)
        hidden = [
            attrs for tag, attrs in self.tags if tag == "input" and attrs.get("type") == "hidden"
        ]
        unseen = {attrs["id"] for attrs in hidden if "id" in attrs}
        labelled = [attrs["for"] for tag, attrs in self.tags if tag == "label" and "for" in attrs]
        return [
            *(f"{id} is there {count} times" for id, count in ids.items() if count > 1),
            *(
                f"{attrs} is hidden"
                for attrs in hidden
                if {"aria-describedby", "autocomplete"} & {*attrs}
            ),
            *(f"the label of {id} belongs to nothing seen" for id in labelled if id in unseen),
            *(
                f"{attrs} has no picture"
                for tag, attrs in self.tags
                if tag == "img" and not attrs.get("src")
            ),
            *(
                f"{attrs} is finer than a moment may be"
                for tag, attrs in self.tags
                if tag == "time" and "." in (attrs.get("datetime") or "")
            ),
        ]


@pytest.mark.both_databases
def test_the_pages_of_the_desk(client: Client) -> None:
    user, now = cast.laochen(), timezone.now()
    client.force_login(user)
    Notice.objects.create(to=user, item=user, text="请看一眼。")
    BackupRun.objects.create(kind=BackupRun.Kind.HAND, begun_at=now, finished_at=now)
    pages = [
        reverse("admin:notices"),
        reverse("admin:status"),
        reverse("admin:app_list", args=["articles"]),
        reverse("admin:articles_article_add"),
        form_of(cast.service()),
        form_of(samples.picture()),
        form_of(cast.profile()),
    ]
    mistakes = {page: Markup(client.get(page).content.decode()).mistakes() for page in pages}
    assert {page: found for page, found in mistakes.items() if found} == {}


def test_every_field_in_a_cell_has_a_name(client: Client) -> None:
    client.force_login(cast.laochen())
    cast.category()
    categories = client.get(reverse("admin:articles_category_changelist")).content.decode()
    profile = client.get(form_of(cast.profile())).content.decode()
    named = [
        attrs.get("aria-label")
        for _, attrs in Markup(categories).tags
        if attrs.get("name") == "form-0-order"
    ]
    assert named == ["顺序"]
    assert '<label class="visually-hidden" for="id_facts-__prefix__-label">' in profile
