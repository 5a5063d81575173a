"""Where a file is used: fields, rich texts, the recycle bin; and what that protects."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import ProtectedError
from pytest_django import DjangoAssertNumQueries

from portal.cms.media import uses
from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.site import SiteProfile
from staffing.models import Licence
from tests import cast
from tests.cms import samples

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def figure(*files: MediaFile) -> str:
    return (
        "".join(f'<figure><img data-file="{file.pk}"></figure>' for file in files) + "<p>正文</p>"
    )


def test_users_are_found_by_fields_and_in_texts() -> None:
    file = samples.picture()
    article = cast.article("配图的文章", body=figure(file), cover=file)
    service = cast.service(cover=file)
    page = cast.page(body=figure(file))
    licence = cast.licence(scan=file)
    profile = SiteProfile.load()
    profile.logo = file
    profile.save()

    found = uses.users([file])[file.pk]

    assert set(found) == {article, service, page, licence, profile}
    assert len(found) == 5, "an article that uses it twice is named once"


def test_a_document_is_used_as_proof() -> None:
    proof = samples.document()
    article = cast.article(rights_proof=proof)

    assert uses.users([proof]) == {proof.pk: [article]}


def test_what_lies_in_the_recycle_bin_uses_its_files() -> None:
    file = samples.picture()
    article = cast.article(cover=file)
    article.bin()

    assert uses.users([file])[file.pk] == [article]


def test_a_file_of_nobody_has_no_users() -> None:
    file = samples.picture()

    assert uses.users([file]) == {file.pk: []}
    assert uses.users([]) == {}


def test_the_number_of_queries_does_not_grow_with_files_and_users(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    files = [samples.picture() for _ in range(3)]
    for file in files * 4:
        cast.article(body=figure(*files), cover=file)

    with django_assert_max_num_queries(14):
        found = uses.users(files)
        names = [str(user) for users in found.values() for user in users]

    assert len(names) == 3 * 12


def test_a_picture_in_a_text_cannot_be_deleted() -> None:
    file = samples.picture()
    cast.page(body=figure(file))

    with pytest.raises(ProtectedError):
        file.delete()


def test_a_picture_of_a_field_cannot_be_deleted() -> None:
    file = samples.picture()
    Licence.objects.create(kind=Licence.Kind.DISPATCH, number="示例0001号", scan=file)

    with pytest.raises(ProtectedError):
        file.delete()


def test_saving_a_text_records_exactly_its_pictures() -> None:
    first, second, third = (samples.picture() for _ in range(3))
    page = cast.page(body=figure(first, second, first))
    assert set(MediaUse.objects.values_list("file", flat=True)) == {first.pk, second.pk}

    page.body = figure(second, third)
    page.save()

    assert set(MediaUse.objects.values_list("file", flat=True)) == {second.pk, third.pk}
    assert {use.user for use in MediaUse.objects.all()} == {page}


def test_two_texts_with_one_picture_are_two_uses() -> None:
    file = samples.picture()
    page = cast.page(body=figure(file))
    article = cast.article(body=figure(file))

    article.delete()

    assert [use.user for use in file.uses.all()] == [page]


def test_deleting_many_at_once_releases_their_pictures() -> None:
    file = samples.picture()
    for _ in range(3):
        cast.article(body=figure(file))

    type(cast.article()).objects.all().delete()

    assert not MediaUse.objects.exists()
    file.delete()


def test_only_pictures_that_exist_are_recorded() -> None:
    file, proof = samples.picture(), samples.document()
    gone = '<figure><img data-file="987654"></figure>'

    page = cast.page(body=figure(file, proof) + gone)

    assert set(MediaUse.objects.values_list("file", flat=True)) == {file.pk}
    assert f'data-file="{proof.pk}"' not in page.body


def test_a_save_that_leaves_the_text_alone_leaves_the_record_alone(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    file = samples.picture()
    page = cast.page(body=figure(file))

    with django_assert_num_queries(
        3
    ):  # the row; the search index has it already; no engine to tell
        page.save(update_fields=["title"])

    assert MediaUse.objects.count() == 1


def test_a_text_that_was_not_loaded_is_left_alone() -> None:
    file = samples.picture()
    page = cast.page(body=figure(file))

    partly = type(page).objects.only("title").get(pk=page.pk)
    partly.title = "改了标题"
    partly.save()

    assert MediaUse.objects.count() == 1
    page.refresh_from_db()
    assert "data-file" in page.body


@pytest.mark.django_db(transaction=True)
def test_the_record_is_rolled_back_with_the_text() -> None:
    file = samples.picture()
    page = cast.page(body="<p>旧</p>")

    with transaction.atomic():
        page.body = figure(file)
        page.save()
        transaction.set_rollback(True)

    assert not MediaUse.objects.exists()
    page.refresh_from_db()
    assert page.body == "<p>旧</p>"
