"""What an export is made of: every model, in Django's own terms, by a schema; nothing of people."""

from __future__ import annotations

import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, models
from django.db.models.fields.files import FileField
from jsonschema import Draft202012Validator

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.media.models import MediaFile
from portal.cms.private.models import PrivateFile
from portal.transfer.whole.carried import BEHIND, CARRIED, LEFT, OWN, label_of
from portal.transfer.whole.exporting import ExportError, export_site
from portal.transfer.whole.numbers import go_on_after, last_number
from portal.transfer.whole.schema import schema
from portal.transfer.whole.snapshot import snapshot
from tests import cast
from tests.cms import samples
from tests.transfer import whole_site

pytestmark = pytest.mark.both_databases


def test_every_model_is_carried_or_left_for_a_reason() -> None:
    assert set(apps.get_models()) == {*CARRIED, *LEFT}
    assert not {*CARRIED} & {*LEFT}
    assert all(LEFT.values())
    assert {*OWN} <= {*apps.get_models()}


def test_rows_stand_after_those_they_point_to() -> None:
    for place, model in enumerate(CARRIED):
        for field in model._meta.concrete_fields:
            goal = field.related_model
            if goal in CARRIED and goal is not model:
                assert CARRIED.index(goal) < place, f"{model.__name__}.{field.name}"


def test_what_points_to_people_may_be_empty() -> None:
    for model in CARRIED:
        for field in model._meta.concrete_fields:
            assert field.null or field.related_model not in BEHIND, field


def test_only_the_library_has_files() -> None:
    """Files of another model would not come along."""
    with_files = {
        model
        for model in apps.get_models()
        if any(isinstance(field, FileField) for field in model._meta.concrete_fields)
    }
    assert with_files == {MediaFile, PrivateFile}
    assert PrivateFile in LEFT


@pytest.mark.django_db
def test_each_row_is_as_the_schema_says(tmp_path: Path) -> None:
    whole_site.build()
    exported = export_site(tmp_path / "site.zip").manifest
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        assert archive.testzip() is None
        said = json.loads(archive.read("schema.json"))
        manifest = json.loads(archive.read("manifest.json"))
        assert said == json.loads(json.dumps(schema()))
        Draft202012Validator.check_schema(said)
        assert [part["model"] for part in manifest["parts"]] == [label_of(m) for m in CARRIED]
        for part in manifest["parts"]:
            content = archive.read(part["name"])
            assert sha256(content).hexdigest() == part["sha256"]
            assert len(content) == part["bytes"]
            lines = content.splitlines()
            assert len(lines) == part["rows"] > 0, part["model"]
            row = Draft202012Validator({**said, "anyOf": [{"$ref": f"#/$defs/{part['model']}"}]})
            for line in lines:
                row.validate(json.loads(line))
        media = [info for info in archive.infolist() if info.filename.startswith("media/")]
        assert len(media) == manifest["media_files"] == exported.media_files > 8
        assert sum(info.file_size for info in media) == manifest["media_bytes"]
    # A row that is not as it says is noticed: the schema is no mere form.
    assert not row.is_valid({**json.loads(line), "pk": "1"})


@pytest.mark.django_db
def test_nothing_of_people_is_in_the_file(tmp_path: Path) -> None:
    lead = cast.enquiry("独一无二的王女士")
    request = cast.ticket("独一无二的投诉", name="独一无二的投诉人")
    target = cast.push_target()
    user = cast.xiaolin()
    author = cast.author()
    author.user = user
    author.save()
    article = cast.article(author=author, created_by=user, updated_by=user)
    export_site(tmp_path / "site.zip")
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        content = b"".join(archive.read(n) for n in archive.namelist() if n.startswith("data/"))
    for secret in (lead.name, str(lead.phone), request.name, target.secret, user.username):
        assert secret.encode() not in content
    assert article.title.encode() in content
    assert User.objects.exists()


@pytest.mark.django_db
def test_a_lost_file_is_named(tmp_path: Path) -> None:
    picture = samples.picture()
    default_storage.delete(picture.image_file.name)
    exported = export_site(tmp_path / "site.zip")
    assert exported.missing == [picture.image_file.name]
    assert exported.manifest.media_files > 0  # its sizes


@pytest.mark.django_db
def test_a_file_that_is_there_stays_and_half_a_file_never_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "site.zip"
    there.write_text("我的")
    with pytest.raises(ExportError, match="已经存在"):
        export_site(there)
    assert there.read_text() == "我的"
    with pytest.raises(ExportError, match="不能在"):
        export_site(tmp_path / "nowhere" / "site.zip")

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", full)
    with pytest.raises(ExportError, match="磁盘已满"):
        export_site(tmp_path / "other.zip")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["site.zip"]


@pytest.mark.django_db(transaction=True)
def test_all_is_read_as_of_one_moment_while_others_write() -> None:
    cast.article()

    def write() -> None:
        try:
            cast.article("别人这时发布的")
        finally:
            connection.close()

    with snapshot():
        assert Article.objects.count() == 1
        with ThreadPoolExecutor(1) as others:
            others.submit(write).result(timeout=10)
        assert Article.objects.count() == 1
    assert Article.objects.count() == 2
    cast.article("之后照常写")
    assert Article.objects.count() == 3


@pytest.mark.django_db
def test_numbers_that_were_given_are_known_and_never_given_again() -> None:
    gone = cast.article()
    number = gone.pk
    gone.delete()
    assert last_number(Article) == number
    go_on_after(Article, number + 40)
    assert cast.article().pk == number + 41
    go_on_after(Article, 1)
    assert cast.article().pk == number + 42


@pytest.mark.django_db
def test_as_an_operator_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cast.article()
    call_command("export_site", str(tmp_path / "site.zip"))
    said = capsys.readouterr().out
    assert "articles.article：1 条" in said
    assert "没有导出——求职者" in said
    with pytest.raises(CommandError, match="已经存在"):
        call_command("export_site", str(tmp_path / "site.zip"))


def test_subclasses_of_our_own_are_no_tables_of_their_own() -> None:
    """A row of a model that inherits another's table would need two."""
    assert not [model for model in CARRIED if model._meta.parents]
    assert all(
        issubclass(model._meta.pk.__class__, models.AutoField | models.BigAutoField)
        for model in CARRIED
    )
