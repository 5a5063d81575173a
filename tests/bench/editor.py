"""An editor at work: for each line that comes, one article gets another title. Runs within the site.

Answers each line with the moment at which the change was committed, on the clock of the machine.
"""

from __future__ import annotations

import sys
import time

from articles.models import Article
from portal.cms.accounts import User
from portal.cms.revisions import actions
from portal.cms.revisions.content import content_of


def work(pk: int) -> None:
    editor = User.objects.order_by("pk")[0]
    article = Article.objects.get(pk=pk)
    for title in sys.stdin:
        content = content_of(article) | {"title": title.strip()}
        actions.save(article, content, editor)
        actions.publish(article, editor)
        sys.stdout.write(f"{time.time()}\n")
        sys.stdout.flush()
