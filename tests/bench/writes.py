"""What editors and imports cost: rates of writing, on a copy of a site. Runs within the site."""

from __future__ import annotations

import csv
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from django.core.management import call_command
from django.db import connection, transaction

from articles.models import Article, Author, Category, Ranking
from portal.cms.accounts import User
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of
from portal.cms.search import indexing
from portal.cms.search.register import searchable_of
from tests.bench import texts

PUBLISHED = 40
REINDEXED = 500
LENGTH = 1_500


def rates(rows: int) -> dict[str, float]:
    """Return how many a second: articles published by an editor, edits of one, `reindex`, `import_site`.

    Publishing is what the desk does: the draft is saved, tagged, and published by somebody. While the
    import runs, somebody else saves.
    """
    dice = Random(7)  # noqa: S311  no secret
    bodies = texts.Bodies(dice, LENGTH)
    editor = User.objects.order_by("pk")[0]
    category, author = Category.objects.order_by("pk")[0], Author.objects.order_by("pk")[0]

    def publish() -> None:
        with transaction.atomic():
            article = Article.objects.create(
                title=texts.title(dice), category=category, author=author, body=bodies.one()
            )
            article.tags.add(*dice.sample(texts.TAGS, 3))
        actions.publish(article, editor)

    article = Article.objects.published().newest()[0]

    def edit() -> None:
        content = content_of(article) | {"title": texts.title(dice)}
        actions.save(article, content, editor)
        actions.publish(article, editor)

    found = {
        **rate("published", PUBLISHED, lambda: repeat(publish)),
        **rate("edited and published", PUBLISHED, lambda: repeat(edit)),
        **rate("reindexed", REINDEXED, reindex),
    }
    with Editor(article) as waiting:
        found |= rate("imported", rows, lambda: import_rows(rows, dice, bodies))
    began = time.perf_counter()
    Ranking.refresh()
    return found | {
        "seconds an editor waited meanwhile, at most": max(waiting.seconds),
        "seconds for the ranking": time.perf_counter() - began,
    }


def rate(what: str, count: int, work: Callable[[], object]) -> dict[str, float]:
    """Return how many a second, by the clock and by the CPU of this process: that of others is not ours."""
    clock, cpu = time.perf_counter(), time.process_time()
    work()
    return {
        f"{what} a second": count / (time.perf_counter() - clock),
        f"{what} a second of CPU": count / (time.process_time() - cpu),
    }


class Editor(threading.Thread):
    """Somebody who saves an article again and again, and how long each took."""

    EVERY = 0.25

    def __init__(self, article: Article) -> None:
        super().__init__()
        self.article = article
        self.over = threading.Event()
        self.seconds: list[float] = []

    def __enter__(self) -> Editor:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.over.set()
        self.join()

    def run(self) -> None:
        while not self.over.wait(self.EVERY):
            began = time.perf_counter()
            self.article.save(update_fields=["summary"])
            self.seconds.append(time.perf_counter() - began)
        connection.close()


def repeat(work: Callable[[], None]) -> None:
    for _ in range(PUBLISHED):
        work()


def reindex() -> None:
    """Index the newest articles anew, in the batches of `manage.py reindex`."""
    done = 0
    for count in indexing.reindex(searchable_of(Article)):
        done += count
        if done >= REINDEXED:
            return


def import_rows(rows: int, dice: Random, bodies: texts.Bodies) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "articles.csv"
        with file.open("w", encoding="utf-8", newline="") as output:
            sheet = csv.writer(output)
            sheet.writerow(["编号", "标题", "栏目", "作者", "发布日期", "正文", "标签", "状态"])
            for number in range(rows):
                date = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
                tags = "、".join(dice.sample(texts.TAGS, 3))
                start = [f"bench-{number}", texts.title(dice), "用工政策", "编辑部", date]
                sheet.writerow([*start, bodies.one(), tags, "已发布"])
        with (Path(folder) / "said").open("w") as said:
            call_command("import_site", "csv", file, stdout=said, stderr=said)
