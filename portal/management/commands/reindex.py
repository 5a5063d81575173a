"""`manage.py reindex`: write the search index anew, with no moment at which anything is missing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from portal.cms.pagecache.epochs import content_changed
from portal.cms.search import indexing
from portal.cms.search.register import searchables


class Command(BaseCommand):
    help = "重建搜索索引。重建期间网站照常搜索、照常编辑；可随时中断，再次运行即可。"

    def handle(self, **options: Any) -> None:
        for searchable in searchables():
            done = 0
            for count in indexing.reindex(searchable):
                done += count
                if options["verbosity"] > 1 or self.stdout.isatty():
                    self.stdout.write(f"\r{searchable.label}：{done}", ending="")
            self.stdout.write(f"\r{searchable.label}：共 {done} 条")
        content_changed()  # what is related to an article is found through the index
