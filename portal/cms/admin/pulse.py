"""The pulse of an open form: every few seconds it sends what is typed, and hears who else is there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.middleware.csrf import get_token
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.admin.desk import person
from portal.cms.admin.kept import (
    About,
    Data,
    about,
    is_about,
    is_data,
    left,
    may_write,
    store,
    worth_keeping,
)
from portal.cms.publishing import Publishable
from portal.cms.revisions.models import Event, Presence, Revision
from portal.cms.times import clock

# Forms not heard of for so long are forgotten. Longer than anybody counts as present: a form whose
# editor's login has expired must not go on as a colleague's, who has signed in meanwhile.
FORGOTTEN = timedelta(days=1)


@dataclass(frozen=True)
class Beat:
    """What an open form tells: which it is, the version it began with, and what stands in it if new."""

    token: UUID
    version: int | None
    data: Data | None  # empty: the form is again as it was opened
    closed: bool  # the page is being left

    @classmethod
    def read(cls, body: bytes) -> Beat:
        """Read the JSON that autosave.js sends. Raises ValueError where it is anything else."""
        try:
            sent = json.loads(body)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if not isinstance(sent, dict) or not isinstance(sent.get("token"), str):
            raise ValueError("no token")
        version, data = sent.get("version"), sent.get("data")
        if not (version is None or isinstance(version, int)):
            raise ValueError("no version")
        if data is not None:
            if not is_data(data):
                raise ValueError("no form")
            data = worth_keeping(data)
        return cls(UUID(sent["token"]), version, data, bool(sent.get("closed")))


def pulse(model_admin: Any, request: HttpRequest, object_id: int | None = None) -> HttpResponse:
    """Keep what stands in a form, and tell its editor what is new. The item's texts are not read.

    GET answers with a CSRF token: that of an open form is void once its editor has signed in anew, in
    another tab. Refusals are a sentence for the editor.
    """
    if request.method == "GET":
        return JsonResponse({"csrf": get_token(request)})
    item = _lightly(model_admin, object_id)
    if object_id is not None and item is None:
        return _refused(404, "这条内容已被彻底删除，不能再保存；请把文字复制出来。")
    if not may_write(model_admin, request, object_id):
        return _refused(403, "您的账号没有权限修改这条内容，没有自动保存；请把文字复制出来。")
    try:
        beat = Beat.read(request.body)
    except RequestDataTooBig:
        return _refused(413, "内容太大，没有自动保存；请先删掉正文里直接粘贴的大图片，改用上传。")
    except (ValueError, RawPostDataException):  # a form's: it was looked through for one on the way
        return _refused(400, "自动保存没有成功；请点“保存草稿”。")
    with transaction.atomic():
        return _answer(about(model_admin, request, object_id), person(request), item, beat)


def _refused(status: int, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def _lightly(model_admin: Any, object_id: int | None) -> Publishable | None:
    items: QuerySet[Any] = model_admin.model._base_manager.filter(pk=object_id)
    return items.only("edit_version", "updated_at", "updated_by").first()


def _answer(form: About, user: User, item: Publishable | None, beat: Beat) -> HttpResponse:
    row = store(form, beat.token, beat.data) if beat.data else None
    if row is not None and not row.data:
        # The form's text is stored by now. Mostly its page is gone, too; where it is not (the
        # browser's Back), it goes on as a form of its own.
        return JsonResponse({"token": uuid4()})
    if beat.data == {}:
        left(token=beat.token, **form).delete()
    is_own = row is not None or not beat.data
    if not (is_own and (item is None or be_present(form, beat))):
        return _refused(403, "这个窗口是用另一个账号打开的，没有自动保存；请把文字复制出来。")
    answer = {
        "saved_at": clock(row.saved_at) if row else None,
        "others": others(item, user),
        "newer": newer(item, beat.version, user),
        "version": item.edit_version if item else None,
    }
    return JsonResponse(answer)


def be_present(form: About, beat: Beat) -> bool:
    """Say that the form is open, or no more; False where the token is another form's."""
    if beat.closed:
        Presence.objects.filter(token=beat.token, **form).delete()
        return True
    row, made = Presence.objects.get_or_create(token=beat.token, defaults=form)
    if not is_about(row, form):
        return False
    if made:
        Presence.objects.filter(seen_at__lt=timezone.now() - FORGOTTEN).delete()
    else:
        row.save(update_fields=["seen_at"])
    return True


def others(item: Publishable | None, user: User) -> list[str]:
    """Return the names of those who have the item open besides; one query."""
    if item is None:
        return []
    rows = Presence.objects.about(item).now().exclude(user=user)
    return list(dict.fromkeys(str(row.user) for row in rows.select_related("user").order_by("pk")))


def newer(item: Publishable | None, version: int | None, user: User) -> dict[str, str] | None:
    """Return who saved since the form was opened, and when; no query where nobody has."""
    if item is None or version is None or item.edit_version <= version:
        return None
    revisions = Revision.objects.about(item).exclude(event=Event.REFUSED)
    latest = revisions.filter(version__gt=version).select_related("by").order_by("-pk").first()
    by, at = (latest.by, latest.at) if latest else (item.updated_by, item.updated_at)
    return {"by": "您在别处" if by == user else str(by or "同事"), "at": clock(at)}
