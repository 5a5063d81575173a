"""What a migration may do to the rows of a site that is at work (docs/decisions/0045)."""

from __future__ import annotations

from typing import Any, Final

from django.core.management.base import CommandError
from django.db import migrations
from django.db.models import Q

NAMED: Final = 20  # rows that a sentence names


def demand(app: str, model: str, rule: Q, problem: str) -> migrations.RunPython:
    """Return the operation that goes before a new constraint: it stops where rows break the rule.

    It names them by their numbers, and changes nothing: what is to become of somebody's words, a migration
    does not know. `rule` is that of the constraint, on columns that are never null; `problem` is what is
    wrong with those rows, for a sentence.
    """

    def look(apps: Any, schema_editor: Any) -> None:
        rows = apps.get_model(app, model)
        broken = rows._base_manager.using(schema_editor.connection.alias).filter(~rule)
        keys = list(broken.order_by("pk").values_list("pk", flat=True)[: NAMED + 1])
        if keys:
            numbers = "、".join(str(key) for key in keys[:NAMED])
            more = "等" if len(keys) > NAMED else ""
            name = rows._meta.verbose_name
            raise CommandError(
                f"升级停在这里，没有改动任何数据：{name}第 {numbers} 号{more}{problem}。"
                "请退回升级前的版本，在后台改正或删除这些记录，再升级一次。"
            )

    return migrations.RunPython(look, migrations.RunPython.noop)
