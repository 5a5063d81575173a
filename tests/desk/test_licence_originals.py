"""The originals of licences: kept apart from the public picture, and for few."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from portal.cms.private.models import PrivateFile
from staffing.models import Licence
from tests import cast
from tests.cms import samples
from tests.desk.english import english_in
from tests.desk.forms import form_of, press

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.PRIVATE_ROOT = tmp_path / "private"
    return tmp_path / "private"


def upload(staff: Client, licence: Licence, content: bytes, name: str = "许可证.pdf") -> str:
    page = press(staff, form_of(licence), "_save", new_original=samples.named(content, name))
    licence.refresh_from_db()
    return str(page.text)


def test_an_original_is_kept_and_opened_by_a_link(
    staff: Client, client: Client, root: Path
) -> None:
    licence = cast.licence()
    upload(staff, licence, samples.PDF)
    assert licence.original is not None
    assert len([path for path in root.rglob("*") if path.is_file()]) == 1

    answer = staff.get(f"/admin/staffing/licence/{licence.pk}/original/", follow=True)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer.getvalue().startswith(b"%PDF")
    assert licence.original.file.name not in client.get("/licences/").text
    assert english_in(staff.get(form_of(licence)).text, ["PDF", "Word", "JPG", "PNG", "MB"]) == []


def test_a_new_one_replaces_it(staff: Client) -> None:
    licence = cast.licence()
    upload(staff, licence, samples.PDF)
    first = licence.original
    upload(staff, licence, samples.PDF, "新的.pdf")
    assert licence.original is not None
    assert licence.original != first
    assert PrivateFile.objects.count() == 1


def test_it_is_taken_away_again(staff: Client) -> None:
    licence = cast.licence()
    upload(staff, licence, samples.PDF)
    press(staff, form_of(licence), "_save", no_original="on")
    licence.refresh_from_db()
    assert licence.original is None
    assert not PrivateFile.objects.exists()


def test_what_is_no_paper_is_refused_and_leaves_nothing(staff: Client) -> None:
    licence = cast.licence()
    page = upload(staff, licence, b"<html><script>1</script>", "许可证.pdf")
    assert "errorlist" in page
    assert licence.original is None
    assert not PrivateFile.objects.exists()


def test_it_goes_with_its_licence(staff: Client) -> None:
    licence = cast.licence()
    upload(staff, licence, samples.PDF)
    licence.delete()
    assert not PrivateFile.objects.exists()


def test_it_is_not_for_strangers_nor_for_editors(
    staff: Client, editor: Client, client: Client
) -> None:
    licence = cast.licence()
    path = f"/admin/staffing/licence/{licence.pk}/original/"
    assert staff.get(path).status_code == 404
    upload(staff, licence, samples.PDF)
    assert editor.get(path).status_code == 403
    assert client.get(path).status_code == 302  # to sign in
    assert staff.post(path).status_code == 405
