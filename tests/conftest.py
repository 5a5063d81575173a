"""What every test stands on: fast passwords, an own media folder, a real database, a browser.

The environment (keys, folders, addresses) is set earlier, in `tests.environment`.
"""

from __future__ import annotations

import gc
import os
import shutil
import threading
from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.template import Context, RequestContext, Template
from django.test import TransactionTestCase, override_settings
from imagefield.fields import ImageFieldFile
from playwright.sync_api import Browser, BrowserContext
from pytest_django import DjangoDbBlocker, Settings
from pytest_django.live_server_helper import LiveServer

from tests import pristine
from tests.environment import DATA_DIR

# A slow machine is no bug: hypothesis must not fail a test for the time an example took. A third of its usual
# examples, and other ones each time; `make soak` tries 500.
hypothesis.settings.register_profile(
    "portal",
    max_examples=int(os.environ.get("EXAMPLES", "30")),
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("portal")

# --- Django ----------------------------------------------------------------------------------------

# One connection a thread, come what may: once Playwright's event loop runs in this thread, Django's
# own store would hand out a second one, which knows nothing of the test database's first rows.
connections._connections = threading.local()  # type: ignore[attr-defined]


@pytest.fixture(scope="session", autouse=True)
def quick_settings() -> Iterator[None]:
    """Weak password hashes, and static files by their plain names, without collectstatic first."""
    staticfiles = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with override_settings(
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        STORAGES={**django_settings.STORAGES, "staticfiles": staticfiles},
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def contexts_of_pages_alone(django_test_environment: None) -> None:
    """Let `response.context` be that of the page.

    Django copies the context of each part as well, of each widget of each field: a tenth of what a
    form of the desk costs.
    """
    noted = Template._render  # type: ignore[attr-defined]

    def render(template: Template, context: Context) -> str:
        if isinstance(context, RequestContext) and context.template is template:
            return str(noted(template, context))
        return template.nodelist.render(context)

    Template._render = render  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def media_root(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Path]:
    """Give each test an empty folder for uploads, and return it.

    Whoever stores a file makes it: most tests store none, and to make and remove a folder for each of
    them takes as long as the test.
    """
    asked = "tmp_path" in request.fixturenames
    folder = request.getfixturevalue("tmp_path") if asked else DATA_DIR / f"files-{next(NUMBERS)}"
    settings.MEDIA_ROOT = folder / "media"
    settings.PRIVATE_ROOT = folder / "private"
    yield folder / "media"
    if not asked and folder.exists():
        shutil.rmtree(folder)


NUMBERS = count(1)


@pytest.fixture
def without_sizes_of_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no sizes of pictures: nine tenths of what it takes to load the demo."""
    monkeypatch.setattr(ImageFieldFile, "process", lambda *_, **__: None)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep the SQLite test database in a file.

    In memory, Django lends one connection to all threads: WAL, locks and transactions, which are
    what a live server and tests of concurrency are about, would be those of no real site. But no
    commit waits for the disk: nothing here has to survive a power cut.
    """
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(DATA_DIR / "test.sqlite3")
        connection.settings_dict["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> None:
    """Begin with the rows that migrations made, and have every test begin with them."""
    with django_db_blocker.unblock():
        pristine.make()
    TransactionTestCase._fixture_teardown = lambda _: pristine.restore()  # type: ignore[attr-defined]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None]:
    """Run on PostgreSQL what can differ there, and journeys among the other tests.

    pytest-django refuses the database to a test that does not ask for it: what that one proves on
    SQLite it would only prove again. A journey often waits, for a page or a clock: one by one among
    tests that only calculate, it leaves the processor to them.
    """
    yield
    if connection.vendor != "sqlite":
        config.hook.pytest_deselected(items=[item for item in items if not differs(item)])
        items[:] = filter(differs, items)
    journeys = [item for item in items if item.get_closest_marker("browser")]
    others = [item for item in items if not item.get_closest_marker("browser")]
    step = len(others) // (len(journeys) + 1)
    for number, journey in enumerate(journeys):
        others.insert(number * (step + 1), journey)
    items[:] = others


def differs(item: pytest.Item) -> bool:
    """Whether a test asks the database for what a database may do in a way of its own.

    Commits, locks and threads always may; the rest says so (`both_databases`). `make soak` (EVERYTHING=1)
    proves on PostgreSQL whatever asks it for anything.
    """
    asks = item.get_closest_marker("django_db")
    if asks is None and "db" not in fixtures_of(item):
        return False
    commits = asks is not None and asks.kwargs.get("transaction", False)
    marked = item.get_closest_marker("both_databases") is not None
    return commits or marked or "EVERYTHING" in os.environ


def fixtures_of(item: pytest.Item) -> tuple[str, ...]:
    return tuple(getattr(item, "fixturenames", ()))


@pytest.fixture(autouse=True)
def nothing_kept_from_another_test() -> None:
    """Forget what was kept for an epoch, as after a flush the next test's may have the same number; and
    visits and searches that were not written down.
    """
    from portal.cms import limits  # Django is not set up any earlier
    from portal.cms.pagecache.epochs import clock
    from portal.cms.redirects import counting

    clock.reset()
    counting.reset()
    limits.forget()


def pytest_collection(session: pytest.Session) -> None:
    """Begin to import elsewhere than the other processes of this run.

    Where no test is compiled yet, as in a clean clone, each finds compiled what the others have imported.
    """
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    if worker is not None:
        root = session.config.rootpath
        files = [
            path for place in session.config.args for path in (root / place).rglob("test_*.py")
        ]
        own = int(worker["workerid"].removeprefix("gw")) * len(files) // worker["workercount"]
        for path in (*files[own:], *files[:own]):
            with suppress(Exception):  # it is told when the file is collected
                import_module(".".join(path.relative_to(root).with_suffix("").parts))


def pytest_collection_finish() -> None:
    """What is there by now stays: the collector of garbage need not look at it again and again."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are processors: in journeys all wait for a browser, or for a clock."""
    return len(os.sched_getaffinity(0)) + 1


# --- Browser ---------------------------------------------------------------------------------------


# What Chromium must not do. The first two are pages of the window that nobody sees, loaded once more
# for every context: half of what a context costs. The others are Playwright's own, which a second
# --disable-features takes the place of (chromiumSwitches.ts).
DISABLED_FEATURES = [
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the system's Chromium (Playwright's own is not downloaded), with no way out."""
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("缺少 chromium，请先运行 tests/bin/system-packages。", pytrace=False)
    return {
        **browser_type_launch_args,
        "executable_path": path,
        "args": [
            "--disable-gpu",
            "--disable-quic",
            f"--disable-features={','.join(DISABLED_FEATURES)}",
            # A page that asks another host for anything gets nothing, as in a closed network.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
        ],
    }


@pytest.fixture(scope="session")
def base_url(live_server: LiveServer) -> str:
    """Let `page.goto("/articles/")` mean the live server, which every browser test gets."""
    return live_server.url


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Browse as our readers do."""
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture(autouse=True)
def nothing_against_the_policy(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail where a page wants what its Content-Security-Policy forbids it.

    But styles that are in no page: those of a text that is pasted, while it is read.
    """
    if "context" not in request.fixturenames:
        yield
        return
    found: list[str] = []
    context: BrowserContext = request.getfixturevalue("context")
    context.expose_binding("forbidden", lambda source, words: found.append(words))
    context.add_init_script(NOTE_VIOLATIONS)
    yield
    assert found == []


NOTE_VIOLATIONS = """document.addEventListener("securitypolicyviolation", (event) => {
  const { effectiveDirective, blockedURI, documentURI, target } = event
  if (target === document && effectiveDirective.startsWith("style-src")) return
  window.forbidden(`${documentURI}: ${effectiveDirective}: ${blockedURI} ${target.outerHTML ?? ""}`)
})"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """When a journey fails, keep every open page: as a picture, and its HTML.

    The plugin's own `--screenshot=only-on-failure` takes a picture after every journey.
    """
    report = yield
    if report.when == "call" and report.failed and (contexts := contexts_of(item)):
        folder = Path(item._request.getfixturevalue("output_path"))  # type: ignore[attr-defined]
        folder.mkdir(parents=True, exist_ok=True)
        pages = [page for context in contexts for page in context.pages]
        for number, page in enumerate(pages, start=1):
            (folder / f"page-{number}.html").write_text(page.content(), encoding="utf-8")
            page.screenshot(path=folder / f"page-{number}.png", full_page=True)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None]:
    """Close every page, and wait for what it has asked the server.

    One left open would go on asking: while the database is put back, and that of the next tests. A
    server that plays the world is not waited for: it may hold the line until its fixture ends.
    """
    for context in contexts_of(item):
        context.close()
    for thread in threading.enumerate() if "live_server" in fixtures_of(item) else ():
        if thread.name.endswith("(process_request_thread)"):
            thread.join(timeout=10)
    yield


def contexts_of(item: pytest.Item) -> list[BrowserContext]:
    """Return the contexts that are open, if this is a test with a browser."""
    browser: Browser | None = getattr(item, "funcargs", {}).get("browser")
    return [*browser.contexts] if browser else []
