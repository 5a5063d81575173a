"""What is nobody's any more goes; what somebody may still want stays."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from articles.models import Article
from portal.cms.accounts import KnownDevice
from portal.cms.preview import Preview
from portal.cms.revisions.models import Autosave, Event, Presence, Revision
from portal.cms.seeing.models import BackupRun
from portal.cms.tamper.models import OutsideHost
from portal.cms.upkeep import purge
from portal.cms.upkeep.purge import SWEEPS, Night
from tests import cast

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def ago(**span: int) -> datetime:
    return timezone.now() - timedelta(**span)


def old_and_new(model: Any, field: str, *, old: int, new: int, **fields: Any) -> Any:
    """Make two rows, whose moments lie so many days back; return the newer one."""
    rows = []
    for days in (old, new):
        own = {name: make() if callable(make) else make for name, make in fields.items()}
        row = model.objects.create(**own)
        # Past fields that fill themselves in.
        model._base_manager.filter(pk=row.pk).update(**{field: ago(days=days)})
        rows.append(row)
    return rows[1]


def about(article: Article) -> dict[str, Any]:
    return {"content_type": ContentType.objects.get_for_model(Article), "object_id": article.pk}


def test_what_is_over_goes_and_what_is_not_stays() -> None:
    user, item = cast.xiaolin(), about(cast.draft())
    session = {"session_key": lambda: uuid4().hex[:32], "expire_date": timezone.now()}
    kept = [
        old_and_new(Autosave, "saved_at", old=31, new=29, user=user, data={}, token=uuid4, **item),
        old_and_new(Presence, "seen_at", old=2, new=0, user=user, token=uuid4, **item),
        old_and_new(Preview, "expires_at", old=1, new=-1, made_by=user, content={}, **item),
        old_and_new(Session, "expire_date", old=1, new=-1, session_data="", **session),
        old_and_new(
            KnownDevice, "last_at", old=401, new=399,
            user=user, key=lambda: uuid4().hex, label="手机", first_at=ago(), last_at=ago(),
        ),
        old_and_new(BackupRun, "begun_at", old=401, new=399, kind="hand", name="a", begun_at=ago()),
        old_and_new(
            OutsideHost, "last_at", old=401, new=399,
            kind="link", host=lambda: uuid4().hex, page="/", first_at=ago(), last_at=ago(),
        ),
    ]  # fmt: skip
    own = {"user": user, "ip": "127.0.0.1", "data": {}}
    UserSession.objects.create(session_key="gone", created_at=ago(days=2), **own)
    UserSession.objects.create(session_key=kept[3].pk, created_at=ago(days=2), **own)
    said = io.StringIO()
    call_command("purge", stdout=said)
    for row in kept:
        assert list(type(row)._base_manager.values_list("pk", flat=True)) == [row.pk], type(row)
    assert UserSession.objects.get().session_key == kept[3].pk
    assert "过期的预览：清理 1" in said.getvalue()


def test_of_revisions_the_newest_the_published_and_those_of_a_year_stay() -> None:
    busy, quiet = cast.draft("改了又改"), cast.draft("只改过几次")
    Revision.objects.all().delete()

    def revise(article: Article, count: int, days: int, event: str = Event.SAVED) -> list[int]:
        rows = [
            Revision(**about(article), event=event, version=1, at=ago(days=days), content={"n": n})
            for n in range(count)
        ]
        return [row.pk for row in Revision.objects.bulk_create(rows)]

    published = revise(busy, 2, 900, Event.PUBLISHED)
    forgotten = revise(busy, 5, 800)
    among_the_newest = revise(busy, 20, 700)
    revise(busy, 10, 300)
    few = revise(quiet, 5, 900)
    call_command("purge", stdout=io.StringIO())
    left = set(Revision.objects.values_list("pk", flat=True))
    assert not left & set(forgotten)
    assert left >= {*published, *among_the_newest, *few}
    assert len(left) == 2 + 20 + 10 + 5


def test_a_dry_run_counts_and_deletes_nothing() -> None:
    old_and_new(
        Presence, "seen_at", old=2, new=0, user=cast.xiaolin(), token=uuid4, **about(cast.draft())
    )
    said = io.StringIO()
    call_command("purge", "--dry-run", stdout=said)
    assert "打开表单的记录：1" in said.getvalue()
    assert Presence.objects.count() == 2


def test_the_night_goes_on_batch_by_batch_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "BATCH", 2)
    user, item = cast.xiaolin(), about(cast.draft())
    for _ in range(5):
        Autosave.objects.create(user=user, data={}, **item)
    Autosave.objects.update(saved_at=ago(days=40))
    night, turns = Night(), 1
    assert night.step(timezone.now())
    assert Autosave.objects.count() == 3
    while night.step(timezone.now()):
        turns += 1
    assert not Autosave.objects.exists()
    assert turns == len(SWEEPS) + 2
    assert night.step(timezone.now()), "and begins anew the next night"


def test_limits_that_have_ended_go() -> None:
    cache.set("over", 1, timeout=60)
    cache.set("lasting", 1, timeout=60)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cms_cache SET expires = %s WHERE cache_key LIKE '%%over'",
            [connection.ops.adapt_datetimefield_value(ago(days=1).replace(microsecond=0))],
        )
    assert purge.expire_cache(timezone.now()) == 1
    assert cache.get("lasting") == 1
