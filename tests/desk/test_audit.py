"""修改记录: all that happened on the site, read by those who answer for it."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from portal.cms.revisions.models import Event, Revision
from tests import cast
from tests.desk.english import english_in
from tests.desk.forms import form_of, press, url

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

LIST = "/admin/cms/revision/"


@pytest.fixture
def busy(editor: Client, owner: Client) -> None:
    """小林 has worked on an article, 老陈 on a service."""
    press(editor, form_of(cast.draft("要发的稿子")), "_publish", summary="摘要")
    press(owner, form_of(cast.service()), "_save", summary="改过的摘要")


def rows(client: Client, **query: str) -> list[tuple[str, str, str]]:
    found = client.get(LIST, query).context["cl"].result_list
    return [(str(r.by or ""), r.event, str(r.item)) for r in found]


@pytest.mark.usefixtures("busy")
def test_the_list_tells_who_did_what_to_what(owner: Client) -> None:
    assert rows(owner)[:3] == [
        ("老陈", Event.SAVED, "劳务派遣"),
        ("", Event.BASELINE, "劳务派遣"),
        ("小林", Event.PUBLISHED, "要发的稿子"),
    ]
    latest = Revision.objects.latest("pk")
    page = owner.get(LIST).content.decode()
    assert url("staffing_service", "revision", latest.object_id, latest.pk) in page
    assert english_in(page, ["dispatch"]) == []


@pytest.mark.usefixtures("busy")
def test_the_list_is_filtered_by_person_event_and_kind(owner: Client) -> None:
    person = str(cast.xiaolin().pk)

    assert {row[0] for row in rows(owner, by=person)} == {"小林"}
    assert {row[1] for row in rows(owner, event__exact=Event.PUBLISHED)} == {Event.PUBLISHED}
    assert {row[2] for row in rows(owner, kind="staffing.service")} == {"劳务派遣"}
    assert len(rows(owner, by="0", kind="x")) == Revision.objects.count()


@pytest.mark.usefixtures("busy")
def test_people_see_what_happened_to_what_they_may_see(editor: Client, staff: Client) -> None:
    assert {row[2] for row in rows(editor)} == {"要发的稿子"}
    assert {row[2] for row in rows(staff)} == {"劳务派遣"}


@pytest.mark.usefixtures("busy")
def test_a_revision_is_read_only(owner: Client) -> None:
    revision = Revision.objects.latest("pk")
    page = url("staffing_service", "revision", revision.object_id, revision.pk)

    for view in ("change", "history"):
        assert owner.get(url("cms_revision", view, revision.pk))["Location"] == page
    assert owner.get(url("cms_revision", "add")).status_code == 403
    assert owner.post(url("cms_revision", "delete", revision.pk)).status_code == 403
    assert Revision.objects.filter(pk=revision.pk).exists()


@pytest.mark.parametrize("number", ["0", "x"])
def test_revisions_that_are_not_there_are_not_found(owner: Client, number: str) -> None:
    assert owner.get(f"{LIST}{number}/change/").status_code == 404


def test_writers_who_publish_nothing_do_not_see_it(trainee: Client) -> None:
    assert trainee.get(LIST).status_code == 403
    assert Client().get(LIST).status_code == 302


def test_the_list_costs_the_same_for_any_number(
    owner: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """What is due, session, person; the people of the filter, count, rows, items; profile, demo, notices."""
    for _ in range(2):
        press(owner, form_of(cast.draft()), "_save", title="改")
    owner.get(LIST)

    with django_assert_num_queries(10):
        owner.get(LIST)
    for _ in range(9):
        press(owner, form_of(cast.draft()), "_save", title="改")
    with django_assert_num_queries(10):
        owner.get(LIST)
