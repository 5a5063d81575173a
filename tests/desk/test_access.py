"""Who may open what: every role at every address, compared with tables that people have read.

`tests/access/table.txt` has a line for each route: what GET and an empty POST answer to each role, in
the order of `ROLES`; `actions.txt` one for each action on a list: who is offered it. What is new, or
answers another, fails with the line as it would be; `ACCESS_TABLE=write` writes them all, to be read in
the diff. Nothing is rendered: it is about who gets in, and takes a tenth of the time.

A POST that is empty says who may post there, not what its fields may do: who publishes, reveals or
exports is asked by the tests of these. Of keys and apps, which are somebody's own, it says that others
may not.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator
from copy import copy
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from cabinet.models import Folder
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.tokens import default_token_generator
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client, RequestFactory
from django.urls import URLPattern, get_resolver
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from articles.models import Article
from portal.admin.site import PortalAdminSite
from portal.cms import private
from portal.cms.accounts import User
from portal.cms.compliance.models import Decision
from portal.cms.delivery.models import Delivery, DueTask
from portal.cms.engines.models import CrawledPage, PublicAddress
from portal.cms.keywords.models import KeywordLink
from portal.cms.preview import Preview
from portal.cms.private.models import PrivateFile
from portal.cms.publishing import Publishable
from portal.cms.revisions.content import content_of
from portal.cms.revisions.models import Autosave, Event, Revision
from portal.cms.search.models import SearchedQuery, Synonyms
from portal.cms.seeing.models import BackupRun
from portal.cms.site import SiteLink
from portal.cms.tamper.models import OutsideHost
from staffing.licences.originals import USE as ORIGINAL
from staffing.models import ContributionRate, PrivacyAct
from staffing.privacy.files import CV, PROOF
from tests import cast
from tests.cms import samples
from tests.desk.pictures import picture

pytestmark = pytest.mark.django_db

TABLE: Final = Path(__file__).parents[1] / "access" / "table.txt"
ACTIONS: Final = TABLE.with_name("actions.txt")
ROLES: Final = {
    "陌生人": None,
    "编辑": cast.xiaolin,
    "业务": cast.amin,
    "主编": cast.laozhou,
    "站长": lambda: cast.person("xiaochen", "小陈", "站长"),
    "超级管理员": cast.laochen,
}
HEAD: Final = f"""\
# 谁可以打开哪个网址。每行：GET 的状态码，空 POST 的状态码，路由。状态码依次是
# {" ".join(ROLES)}
# （超级管理员：--- 站长进得去，没有另问。）由 tests/desk/test_access.py 核对；ACCESS_TABLE=write 重写，改动逐行看过再提交。
"""
ACTIONS_HEAD: Final = """\
# 列表里的批量操作，每种角色看得到哪些；看不到的也提交不了。改动逐行看过再提交（见 table.txt）。
"""
# Of the superuser, where 站长 is let in: may what they may.
ALIKE: Final = "---"
DESK: Final = "admin/"
# What strangers find of the desk: how to get in, and no more.
OPEN: Final = {
    "admin/login/",
    "admin/password_reset/",
    "admin/password_reset/done/",
    "admin/reset/<uidb64>/<token>/",
    "admin/reset/done/",
}

SLUGS: Final = {"services": "dispatch", "cases": "peak-season", "districts": "baoan"}
FOLDER: Final = "admin/cms/mediafile/^folder/(.+)/$"
# Routes that are written as expressions.
PATTERNS: Final = {
    "admin/^(?P<app_label>cms|auth|articles|taggit|staffing|portal)/$": "/admin/cms/",
    "admin/(?P<url>.*)$": "/admin/nowhere/",
    FOLDER: "/admin/cms/mediafile/folder/1/",
    "articles/^archive/(?P<year>[0-9]{4})/$": "/articles/archive/2026/",
    "articles/^archive/(?P<year>[0-9]{4})/(?P<month>0[1-9]|1[0-2])/$": "/articles/archive/2026/11/",
    r"^sitemap-(?P<key>[a-z]{1,20})(?:-(?P<part>[1-9][0-9]{0,6}))?\.xml$": "/sitemap-articles.xml",
    r"^(?P<name>[A-Za-z0-9_-]{1,128}\.(?:txt|html|xml))$": "/nowhere.txt",
}


# --- The routes ---------------------------------------------------------------------------------------


def routes(resolver: Any = None, before: str = "") -> Iterator[str]:
    """Every route of the site, as it is written; but for those of Django that lead from an item's address
    of long ago to its form, whoever asks.
    """
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLPattern):
            if not route.endswith("/<path:object_id>/"):
                yield route
        else:
            yield from routes(entry, route)


# --- One row of everything ------------------------------------------------------------------------------


def paper(used_for: str) -> PrivateFile:
    return private.keep(samples.named(samples.PDF, "王女士.pdf"), used_for)


def look_at(item: Publishable, by: User, *, shared: bool) -> Preview:
    look = Preview.objects.keep(type(item), item.pk, content_of(item), by)
    look.shared = shared
    look.save()
    return look


def first(model: type[Any]) -> Any:
    row = model._default_manager.order_by("pk").first()
    assert row is not None, f"{model._meta.label}: nothing to open"
    return row


class World:
    """A site with one of each, and what stands for the parameters of its routes."""

    def __init__(self) -> None:
        now, editor = timezone.now(), cast.xiaolin()
        other = cast.person("laoqian", "老钱", "编辑")
        cast.profile()
        self.picture = picture()
        self.make_plain_rows(now)
        self.article = cast.article(tags=("社保",), created_by=editor)
        self.job = cast.job()
        self.hidden = cast.hidden_articles()
        made = (cast.service(), cast.case(), cast.page(), cast.district_page())
        for item in made:
            item.save()
        self.paper = paper(CV)
        cast.application(job=self.job, cv=self.paper)
        cast.ticket(proof=paper(PROOF))
        about = {"content_type": ContentType.objects.get_for_model(Article)}
        one = {**about, "object_id": self.article.pk}
        Decision.objects.create(
            **one, item_title="文章", version=1, key="x", finding="", reason="无", by=editor
        )
        Delivery.objects.create(topic="lead", **one, target=cast.push_target())
        self.autosave = Autosave.objects.create(**one, user=other, data={})
        # What a colleague looks at, and what they have shared.
        self.looks = {
            type(item): [look_at(item, other, shared=shared) for shared in (False, True)]
            for item in (self.hidden["draft"], self.job, *made)
        }
        # A text that was saved, and one that came too late to be.
        self.revisions = {
            model: [
                Revision.objects.create(
                    item=first(model),
                    event=event,
                    version=1,
                    by=other,
                    content=content_of(first(model)),
                )
                for event in (Event.SAVED, Event.REFUSED)
            ]
            for model in self.looks
        }
        self.link = default_token_generator.make_token(editor)
        self.uid = urlsafe_base64_encode(force_bytes(editor.pk))
        self.key = Authenticator.objects.create(
            user=other, type=Authenticator.Type.WEBAUTHN, data={"name": "别人的密钥"}
        )

    def make_plain_rows(self, now: Any) -> None:
        cast.hotline()
        cast.licence(original=paper(ORIGINAL))
        cast.wage()
        cast.redirect()
        cast.missed()
        cast.verification()
        cast.special_day(timezone.localdate())
        seen = {"first_at": now, "last_at": now}
        SiteLink.objects.create(placement=SiteLink.Placement.MENU, label="服务", url="/services/")
        BackupRun.objects.create(kind="nightly", node="一号", begun_at=now, name="备份.tar")
        OutsideHost.objects.create(kind="link", host="example.com", page="/", **seen)
        DueTask.objects.get_or_create(name="heartbeat", defaults={"due_at": now})
        KeywordLink.objects.create(word="劳务派遣", url="/services/")
        SearchedQuery.objects.create(text="社保", found=0, last_asked_at=now)
        Synonyms.objects.create(words="社保 社会保险")
        CrawledPage.objects.create(path="/", key="x", title_key="x")
        PrivacyAct.objects.create(act="export")
        PublicAddress.objects.create(path="/", key="x")
        percent = {"employer_percent": 16, "worker_percent": 8}
        ContributionRate.objects.create(kind="pension", in_force_from=now.date(), **percent)

    def value(self, route: str, name: str) -> Any:
        """What stands for one parameter of a route."""
        if route.startswith(DESK):
            _, app, model, *_ = f"{route}//".split("/")
            special = {"uidb64": self.uid, "signed": "forged", "url": "nowhere"}
            if name == "token":
                tokens = {"reset": self.link, "files": "forged"}
                return tokens.get(route.split("/")[1], self.autosave.token)
            if name == "number":
                return self.revisions[apps.get_model(app, model)]["/conflict/" in route].pk
            return special.get(name) or self.pk(route)
        values = {
            "pk": self.job.pk if route.startswith("jobs") else self.article.pk,
            "signed": self.looks[Article][0].token,
            "slug": SLUGS.get(route.split("/")[0], "about"),
            "kind": self.job.kind,
            "district": "baoan",
            "name": "社保",
            "path": self.picture.image_file.name,
        }
        if route.startswith("articles/category"):
            return "policy"
        return values[name]

    def pk(self, route: str) -> Any:
        """The first row of what a route of the desk is about."""
        _, app, model, *_ = route.split("/")
        if app == "account":
            return self.key.pk
        kind = apps.get_model(app, model)
        return self.looks[kind][0].pk if "/preview/<int:pk>/" in route else first(kind).pk

    def address(self, route: str) -> str:
        if route == FOLDER:
            return f"/admin/cms/mediafile/folder/{first(Folder).pk}/"
        if route in PATTERNS:
            return PATTERNS[route]
        if route.startswith("admin/r/"):
            kind = ContentType.objects.get_for_model(Article)
            return f"/admin/r/{kind.pk}/{self.article.pk}/"
        filled = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(self.value(route, found[1])), route)
        return f"/{quote(filled)}"

    def others(self) -> Iterator[tuple[str, str]]:
        """What nobody may see by any route, and what everybody with the link may."""
        for state, article in self.hidden.items():
            yield f"articles/<number:pk>/ {state}", f"/articles/{article.pk}/"
            yield f"articles/<number:pk>/read/ {state}", f"/articles/{article.pk}/read/"
        shared = self.looks[Article][1]
        yield "preview/<str:signed>/ shared", shared.get_absolute_url()
        yield "preview/<str:signed>/ forged", f"{shared.get_absolute_url()}x/"
        for model, (_, shared) in self.looks.items():
            place = f"admin/{model._meta.label_lower.replace('.', '/')}/preview"
            yield f"{place}/<int:pk>/ shared", f"/{place}/{shared.pk}/"
            yield f"{place}/<int:pk>/revoke/ shared", f"/{place}/{shared.pk}/revoke/"
        for person in (cast.amin(), cast.laozhou()):
            yield f"admin/files/<token>/ of {person.username}", private.url(self.paper, person)
        colleague = self.key.user_id
        yield (
            "admin/cms/user/<id>/password/ of a superuser",
            (f"/admin/cms/user/{cast.laochen().pk}/password/"),
        )
        yield (
            "admin/cms/user/<id>/second-factor/ where there is one",
            (f"/admin/cms/user/{colleague}/second-factor/"),
        )


# --- What is answered -----------------------------------------------------------------------------------


def browser_of(user: User | None) -> Client:
    """A browser whose owner has just signed in, as allauth notes it."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user)
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
    return client


def status(client: Client, method: str, address: str) -> int:
    """Ask, and undo whatever it did."""
    cookies = copy(client.cookies)
    with transaction.atomic():
        answer = client.generic(method, address)
        if answer.streaming:
            list(answer)  # to the end, where its file is closed
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer.status_code


def lines(world: World) -> Iterator[str]:
    browsers = [browser_of(make() if make else None) for make in ROLES.values()]
    addresses = [(route, world.address(route)) for route in dict.fromkeys(routes())]
    for route, address in [*addresses, *world.others()]:
        answered = "  ".join(asked(browsers, method, address) for method in ("GET", "POST"))
        yield f"{answered}  {route or '/'}"


def asked(browsers: list[Client], method: str, address: str) -> str:
    """What each role is answered; the superuser where 站长 is refused, or finds nothing."""
    *others, superuser = browsers
    found = [str(status(browser, method, address)) for browser in others]
    shut = found[-1] in {"403", "404"}
    found.append(str(status(superuser, method, address)) if shut else ALIKE)
    return " ".join(found)


@pytest.fixture
def stopped_clock() -> Iterator[None]:
    """Links to files are good for minutes, and a busy machine takes longer."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def nothing_is_rendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Render nothing, and make no menu for it."""
    menu = PortalAdminSite.get_app_list
    monkeypatch.setattr(Template, "render", lambda *_args, **_kwargs: "")
    monkeypatch.setattr(
        PortalAdminSite,
        "get_app_list",
        lambda site, request, app_label=None: app_label and menu(site, request, app_label),
    )


@pytest.mark.usefixtures("nothing_is_rendered", "stopped_clock")
def test_every_role_gets_at_every_address_what_the_table_says() -> None:
    compare(lines(World()), TABLE, HEAD)


def compare(lines: Iterable[str], path: Path, head: str) -> None:
    """Find the same lines as are written; in any order, which is that of the code."""
    found = list(lines)
    if os.environ.get("ACCESS_TABLE") == "write":
        path.write_text(head + "\n".join(found) + "\n", encoding="utf-8")
    expected = rows(path)
    assert [line for line in found if line not in expected] == []
    assert [line for line in expected if line not in found] == []


# --- Actions on lists -------------------------------------------------------------------------------------


def test_every_role_is_offered_the_actions_that_the_table_says() -> None:
    compare(actions(), ACTIONS, ACTIONS_HEAD)


def actions() -> Iterator[str]:
    """Each action of each list, with who is offered it: what is not offered is refused."""
    people = {role: make() for role, make in ROLES.items() if make}
    request = RequestFactory().get("/admin/")
    for model, model_admin in admin.site._registry.items():
        offered: dict[str, list[str]] = {}
        for role, person in people.items():
            request.user = person
            if model_admin.has_view_or_change_permission(request):
                for name in model_admin.get_actions(request):
                    offered.setdefault(name, []).append(role)
        for name, roles in offered.items():
            yield f"{model._meta.label_lower}  {name}  {' '.join(roles)}"


# --- Whose day to set up a second factor is over ------------------------------------------------------------

OWN_ACCOUNT: Final = OPEN | {"admin/security/", "admin/logout/", "admin/jsi18n/"}


@pytest.mark.usefixtures("nothing_is_rendered")
def test_whose_day_is_over_gets_at_their_own_account_alone() -> None:
    """Asked before anything is looked up: what stands in the address does not matter."""
    deputy = cast.person("xiaochen", "小陈", "站长")
    client = browser_of(deputy)
    User.objects.filter(pk=deputy.pk).update(
        second_factor_due=timezone.now() - timedelta(minutes=1)
    )
    opened = set()
    for route in dict.fromkeys(routes()):
        address = PATTERNS.get(route) or f"/{re.sub('<[^>]+>', stand_in, route)}"
        if route.startswith(DESK) and not is_led_to_security(client, address):
            opened.add(route)
    own = ("admin/account/", "admin/password_change/")
    assert {route for route in opened if not route.startswith(own)} == OWN_ACCOUNT


def stand_in(parameter: re.Match[str]) -> str:
    return str(UUID(int=0)) if parameter[0].startswith("<uuid:") else "1"


def is_led_to_security(client: Client, address: str) -> bool:
    cookies = copy(client.cookies)
    with transaction.atomic():
        answers = [client.get(address), client.post(address)]
        transaction.set_rollback(True)
    client.cookies = cookies
    return all(answer.headers.get("Location") == "/admin/security/" for answer in answers)


# --- What the table may never say -------------------------------------------------------------------------


def rows(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def answers() -> Iterator[tuple[str, dict[str, tuple[int, int]]]]:
    """Each route with what a role gets, by GET and by POST."""
    for row in rows(TABLE):
        got, posted, route = row.split("  ", 2)
        pairs = zip(codes(got), codes(posted), strict=True)
        yield route, dict(zip(ROLES, pairs, strict=True))


def codes(cells: str) -> list[int]:
    *others, superuser = cells.split()
    return [*map(int, others), int(others[-1] if superuser == ALIKE else superuser)]


def test_nothing_fails() -> None:
    assert [route for route, row in answers() if max(map(max, row.values())) >= 500] == []


def test_strangers_find_nothing_of_the_desk_but_how_to_get_in() -> None:
    shut = {302, 403, 404, 405}
    seen = {
        route
        for route, row in answers()
        if route.startswith(DESK) and not shut.issuperset(row["陌生人"])
    }
    assert seen == OPEN


def test_what_is_not_public_is_nobodys_by_the_readers_address() -> None:
    hidden = [row for route, row in answers() if route.startswith("articles/<number:pk>/ ")]
    assert len(hidden) == 6
    assert {answer for row in hidden for answer, _ in row.values()} <= {404, 410}


def test_whoever_opens_a_form_or_a_list_has_the_right_to() -> None:
    """By the rights of the groups, which know nothing of the views."""
    verbs = {"add/": ("add",), "<path:object_id>/delete/": ("delete",)}
    seen = ("view", "change")
    known = {f"{DESK}{m._meta.app_label}/{m._meta.model_name}/": m for m in admin.site._registry}
    people = {role: make() for role, make in ROLES.items() if make}
    wrong = []
    for route, row in answers():
        model = next((m for before, m in known.items() if route.startswith(before)), None)
        rest = "/".join(route.split("/")[3:])
        if model is None or rest not in {"", "<path:object_id>/change/", *verbs}:
            continue
        app, name = model._meta.app_label, model._meta.model_name
        if not model._meta.default_permissions:
            continue  # what is seen of it depends on the item: of revisions, say
        for role, person in people.items():
            needed = [f"{app}.{verb}_{name}" for verb in verbs.get(rest, seen)]
            if 200 in row[role] and not any(map(person.has_perm, needed)):
                wrong.append((route, role))
    assert wrong == []


def test_accounts_are_for_those_who_manage_them() -> None:
    others = ("编辑", "业务", "主编")
    opened = [
        (route, role)
        for route, row in answers()
        for role in others
        if route.startswith((f"{DESK}cms/user/", f"{DESK}auth/group/")) and 200 in row[role]
    ]
    assert opened == []
