"""Several nodes behind nginx: they agree within a second, and what goes away around them is survived.

Run by `make soak`, not by `make test`; a few minutes. ROUNDS is how often an editor
publishes.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.loopback import Mailbox, serving
from tests.soak.nodes import Cluster, Node, Readers, Visitor, until

ROUNDS = int(os.environ.get("ROUNDS", "100"))
PROMISE = 1.0  # second
TEAM = "zu@example.com"  # whom tests/soak/nodes.py has told of leads
# Pages of every kind that the demo has.
PAGES = ["/", "/articles/", "/services/", "/jobs/", "/faq/", "/licences/", "/tools/"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    made = Cluster(tmp_path_factory.mktemp("nodes"))
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture
def editor(cluster: Cluster) -> Visitor:
    visitor = Visitor(cluster.nodes[0].port)
    visitor.sign_in()
    return visitor


def publish(editor: Visitor, article: int, title: str) -> float:
    """Return the moment at which the editor was told that it is published."""
    path = f"/admin/articles/article/{article}/change/"
    answer = editor.send(path, title=title, _publish="confirmed")
    assert answer.status == 302, (answer.status, answer.body.decode()[:2000])
    return time.monotonic()


def last_old(port: int, path: str, title: str, told: threading.Event, times: list[float]) -> None:
    """Read a page every 25 ms until a second and a half after it was published; note old answers."""
    visitor = Visitor(port)
    end = float("inf")
    while (now := time.monotonic()) < end:
        if told.is_set() and end == float("inf"):
            end = now + 1.5 * PROMISE
        asked = time.monotonic()
        if title not in visitor.ask(path).body.decode():
            times.append(asked)
        time.sleep(0.025)


def test_one_of_two_that_prepare_at_once_does_and_the_other_finds_it_done(cluster: Cluster) -> None:
    logs = [node.log() for node in cluster.nodes[:2]]
    assert sum("管理员密码" in log for log in logs) == 1
    assert sum("正在装入演示内容" in log for log in logs) == 1
    assert all(Visitor(node.port).ask("/readyz").status == 200 for node in cluster.nodes)


def test_all_nodes_show_what_was_published_on_one_within_a_second(
    cluster: Cluster, editor: Visitor
) -> None:
    article = cluster.articles[0]
    ports = [*(node.port for node in cluster.nodes), cluster.front]
    latest: dict[int, list[float]] = {port: [] for port in ports}
    for n in range(ROUNDS):
        title, told = f"第{n + 1}版", threading.Event()
        editor.port = cluster.nodes[n % 3].port
        old: dict[int, list[float]] = {port: [] for port in ports}
        watching = [
            threading.Thread(
                target=last_old, args=(port, f"/articles/{article}/", title, told, old[port])
            )
            for port in ports
        ]
        for thread in watching:
            thread.start()
        at = publish(editor, article, title)
        told.set()
        for thread in watching:
            thread.join()
        for port in ports:
            latest[port].append(max([0.0, *(moment - at for moment in old[port])]))
    nodes = sorted(late for port in ports[:3] for late in latest[port])
    front = sorted(latest[cluster.front])
    print(
        f"\n{ROUNDS} publications: old on a node until {nodes[len(nodes) // 2]:.2f} s (median), {nodes[-1]:.2f} s (longest)"
    )
    print(
        f"  at nginx, with its own copy of a second: {front[len(front) // 2]:.2f} s, {front[-1]:.2f} s"
    )
    assert nodes[-1] <= PROMISE
    assert front[-1] <= PROMISE + 1


@pytest.mark.parametrize("which", [0, 1, 2])
def test_readers_do_not_notice_that_a_node_is_killed(cluster: Cluster, which: int) -> None:
    node = cluster.nodes[which]
    with Readers(cluster.front, PAGES).reading() as readers:
        time.sleep(2)
        node.kill()
        time.sleep(4)
        node.start()
        time.sleep(2)
    print(
        f"\nkill -9 of node {which}: {readers.answered} answers, {len(readers.failed)} errors, longest {readers.longest:.2f} s"
    )
    assert Counter(readers.failed) == {}
    assert readers.answered > 200


def pictures(node: Node) -> list[str]:
    """Return the addresses of two pictures of the front page."""
    body = Visitor(node.port).ask("/articles/").body.decode()
    found = [part.partition('"')[0] for part in body.split('src="/media/')[1:]]
    names = [f"/media/{name.split(' ')[0]}" for name in dict.fromkeys(found)]
    assert len(names) >= 2, body
    return names[:2]


def test_an_object_store_that_is_away_costs_pictures_nobody_has_seen_and_nothing_else(
    cluster: Cluster, editor: Visitor
) -> None:
    seen, unseen = pictures(cluster.nodes[0])
    front = Visitor(cluster.front)
    assert front.ask(seen).status == 200
    cluster.store.stop()
    with Readers(cluster.front, PAGES).reading() as readers:
        time.sleep(5)
        assert front.ask(seen).status == 200, "nginx has a copy"
        missing = front.ask(unseen)
        ready = Visitor(cluster.nodes[0].port).ask("/readyz")
        published = publish(editor, cluster.articles[1], "没有图片存储也能发布")
    cluster.store.start()
    back = until(lambda: front.ask(unseen).status == 200, "pictures did not come back")
    print(
        f"\nobject store away: {readers.answered} pages, {len(readers.failed)} errors; a picture nobody has seen {missing.status} after {missing.took:.2f} s; back {back:.2f} s after it"
    )
    assert Counter(readers.failed) == {}
    assert missing.status == 503
    assert missing.headers["Cache-Control"] == "no-store"
    assert ready.status == 200, "no node leaves"
    assert "✗ 图片与文件" in ready.body.decode()
    assert published


def test_postgresql_restarts_and_readers_read_on(cluster: Cluster, editor: Visitor) -> None:
    article = cluster.articles[0]
    path = f"/admin/articles/article/{article}/change/"
    editor.port = cluster.front
    pages = [*PAGES, f"/articles/{article}/"]
    # Into the page cache of every process: each node has two, who share the readers as it happens.
    for node in cluster.nodes:
        with Readers(node.port, pages).reading():
            time.sleep(4)
    # Pages that changed since anybody asked for them nobody has but nginx, as they were: as visitors ask,
    # none is missing; past the copies of nginx, those of the last epoch are there, which is counted.
    past = Readers(cluster.front, pages, 3)
    readers = Readers(cluster.front, pages, 3, past_copies=False)
    with readers.reading(), past.reading():
        time.sleep(1)
        cluster.postgres.stop()
        time.sleep(3)
        refused = editor.ask(path, {"title": "数据库停了"})
        ready = [Visitor(node.port).ask("/readyz").status for node in cluster.nodes]
        alive = [Visitor(node.port).ask("/healthz").status for node in cluster.nodes]
        time.sleep(3)
        cluster.postgres.start()
        written = until(
            lambda: editor.send(path, title="数据库回来了", _publish="confirmed").status == 302,
            "nobody can write",
        )
        shown = until(
            lambda: all(
                "数据库回来了" in Visitor(node.port).ask(f"/articles/{article}/").body.decode()
                for node in cluster.nodes
            ),
            "not all nodes show it",
        )
        healthy = until(
            lambda: all(Visitor(node.port).ask("/readyz").status == 200 for node in cluster.nodes),
            "a node is not ready",
        )
    print(
        f"\nPostgreSQL away for 6 s: {readers.answered} pages, {len(readers.failed)} errors, past nginx {past.answered} and {len(past.failed)}, longest {readers.longest:.2f} s; a writer got {refused.status} after {refused.took:.2f} s; back: written after {written:.2f} s, on all nodes {shown:.2f} s later, ready {healthy:.2f} s later"
    )
    assert Counter(readers.failed) == {}
    assert refused.status == 503
    assert "数据库" in refused.body.decode()
    assert ready == [503] * 3
    assert alive == [200] * 3
    assert written + shown + healthy < 10


def test_dead_mail_and_robots_hold_up_nothing(cluster: Cluster, editor: Visitor) -> None:
    visitor = Visitor(cluster.front)
    editor.port = cluster.nodes[1].port
    form = "/enquiry/call-back/"
    sent = visitor.send(form, phone="0755-8882 8155")
    assert sent.status in (302, 303), sent.body.decode()[:3000]
    with Readers(cluster.front, PAGES).reading() as readers:
        began = publish(editor, cluster.articles[1], "邮件不通也能发布")
        shown = until(
            lambda: all(
                "邮件不通也能发布"
                in Visitor(node.port).ask(f"/articles/{cluster.articles[1]}/").body.decode()
                for node in cluster.nodes
            ),
            "it is not shown",
        )
        time.sleep(5)
    print(
        f"\nmail and robots dead: {readers.answered} pages, {len(readers.failed)} errors; published and shown after {shown:.2f} s"
    )
    assert began
    assert Counter(readers.failed) == {}
    assert all(Visitor(node.port).ask("/readyz").status == 200 for node in cluster.nodes)


def test_mail_that_comes_back_brings_what_waited(cluster: Cluster) -> None:
    with serving(Mailbox(cluster.mail_port)) as mailbox:
        took = until(lambda: TEAM in mailbox.recipients, "the mail was lost", 300)
    print(f"\nthe mail that waited came {took:.0f} s after the mail server, without a restart")
    assert mailbox.recipients.count(TEAM) == 1
