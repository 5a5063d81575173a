"""Within the site that is looked at: its people, and a row of what the demo content has none of."""

from __future__ import annotations

import json

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.utils import timezone

from portal.cms.accounts import User
from portal.cms.outage import Outage
from portal.cms.seeing import requests
from portal.cms.seeing.models import BackupRun
from portal.cms.signing_in.secrets import encipher
from portal.cms.tamper.models import OutsideHost
from portal.views import errors
from tests import cast
from tests.audit.pages import BARE
from tests.audit.people import ADDRESS, CODES, DESK, EDITOR, FACTOR, NAMES, PASSWORD


def set_up() -> None:
    people()
    rows()
    bare_pages()


def people() -> None:
    User.objects.create_superuser(NAMES[DESK], "", PASSWORD)
    editor = User.objects.create_user(NAMES[EDITOR], "", PASSWORD, is_staff=True)
    editor.groups.add(Group.objects.get(name="编辑"))
    factor = User.objects.create_user(NAMES[FACTOR], ADDRESS, PASSWORD, is_staff=True)
    factor.groups.add(Group.objects.get(name="站长"))
    TOTP.activate(factor, generate_totp_secret())
    codes = {"migrated_codes": [encipher(code) for code in CODES]}
    Authenticator.objects.create(user=factor, type=Authenticator.Type.RECOVERY_CODES, data=codes)


def rows() -> None:
    cast.application()
    cast.ticket()
    now = timezone.now()
    seen = {"page": "/articles/1/", "pages": 3, "first_at": now, "last_at": now}
    OutsideHost.objects.create(kind=OutsideHost.Kind.SCRIPT, host="cdn.example.com", **seen)
    OutsideHost.objects.create(kind=OutsideHost.Kind.LINK, host="xn--fiqs8s.cn", **seen)
    failed = {"begun_at": now, "finished_at": now, "problem": "磁盘没有空间。"}
    BackupRun.objects.create(kind=BackupRun.Kind.HAND, node="web-1", **failed)


def bare_pages() -> None:
    """Keep what is answered where nothing works any more: no request brings a whole site there."""
    requests._asked.set(requests.Asked("3f9a01c2d4e5", "/"))
    request = RequestFactory().get("/")
    answers = {
        "400": errors.bad_request(request),
        "403": errors.forbidden(request),
        "403, form too old": errors.stale_form(request),
        "413": errors.too_large(request),
        "429": errors.too_many(request),
        "500": errors.server_error(request),
        "503": errors.unavailable(Outage.FULL),
    }
    pages = {name: answer.content.decode() for name, answer in answers.items()}
    BARE.write_text(json.dumps(pages), encoding="utf-8")
