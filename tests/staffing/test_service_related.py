"""What stands beside a service: pages its editors name, and open jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from tests import cast
from tests.staffing import states

pytestmark = pytest.mark.django_db
PATH = "/services/dispatch/"


def test_pages_of_several_kinds_stand_in_the_order_of_the_editors(client: Client) -> None:
    article, other = cast.article("派遣比例怎么算"), cast.service("outsourcing", "劳务外包")
    paths = [other.get_absolute_url(), article.get_absolute_url()]
    cast.service(related=paths)
    links = client.get(PATH).context["related"]
    assert [(link.title, link.url) for link in links] == [
        ("劳务外包", paths[0]),
        ("派遣比例怎么算", paths[1]),
    ]


def test_hidden_pages_are_not_linked(client: Client) -> None:
    hidden = [cast.article(f"不公开{n}", **fields) for n, fields in states.hidden().items()]
    cast.service(related=[item.get_absolute_url() for item in hidden])
    text = client.get(PATH).text
    assert "不公开" not in text
    assert "相关内容" not in text


def test_what_is_over_is_not_linked(client: Client) -> None:
    filled = cast.job("招满的普工", filled_at=timezone.now())
    waiting = cast.district_page()
    cast.service(
        legal_model="outsourcing",
        related=[filled.get_absolute_url(), waiting.get_absolute_url()],
    )
    assert client.get(PATH).context["related"] == []


def test_an_address_must_lead_to_something_of_this_site() -> None:
    article = cast.article()
    service = cast.service()
    for line in ("https://example.com/", "/articles/999999/", "/jobs/", "javascript:1"):
        service.related = [line]
        with pytest.raises(ValidationError, match="没有本站的内容"):
            service.clean()
    service.related = [settings.SITE_URL + article.get_absolute_url()]
    service.clean()
    assert service.related == [article.get_absolute_url()]


def test_open_jobs_of_its_way_of_working_are_shown(client: Client) -> None:
    cast.service()
    cast.job("派遣的普工", employer_type="agency_dispatch")
    cast.job("代招的文员", employer_type="agency_recruit")
    cast.job(
        "过期的普工",
        employer_type="agency_dispatch",
        valid_through=timezone.localdate() - timedelta(days=1),
    )
    text = client.get(PATH).text
    assert "派遣的普工" in text
    assert "代招的文员" not in text
    assert "过期的普工" not in text


def test_a_service_without_jobs_says_nothing_of_them(client: Client) -> None:
    cast.service(legal_model="outsourcing")
    cast.job("派遣的普工", employer_type="agency_dispatch")
    assert "正在招的岗位" not in client.get(PATH).text
