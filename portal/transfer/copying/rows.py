"""Rows as they are: with their numbers, past the code that would clean texts, move files and set dates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, NoReturn

from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import DataError, IntegrityError, connections, models, transaction

from portal.cms.accounts import User
from portal.cms.seeing import slow
from portal.transfer.copying.databases import CopyError
from portal.transfer.copying.refused import problems
from portal.transfer.copying.sums import AT_ONCE, Total, names_of, total_of
from portal.transfer.copying.tables import Model, all_tables, copied, fields_of
from portal.transfer.whole.carried import OWN
from portal.transfer.whole.numbers import go_on_after, last_number
from portal.transfer.whole.snapshot import snapshot

Tell = Callable[[str], None]
Totals = dict[str, Total]

REFUSED: Final = (DataError, IntegrityError, ValueError)  # ValueError: what psycopg itself refuses


def is_empty(using: str) -> bool:
    """Whether a database is a new one: nobody's account, nobody's content."""
    somebodys: tuple[Model, ...] = (User, *OWN)
    return not any(model._base_manager.using(using).exists() for model in somebodys)


def copy(source: str, target: str, tell: Tell = lambda sentence: None) -> Totals:
    """Make the target hold what the source holds now, and nothing else; return what that comes to.

    Both have the schema of this code. All is read as of one moment, while others write; the target gets
    it in one transaction, read back and compared before that is committed. Memory: some hundred rows.
    Raises CopyError, and then the target is as it was.
    """
    try:
        with slow.unhurried(), snapshot(source), transaction.atomic(target):
            empty(target)
            totals = {}
            for model in copied():
                totals[model._meta.label] = copy_table(model, source, target)
                if totals[model._meta.label].rows:
                    tell(f"{model._meta.verbose_name}：{totals[model._meta.label].rows} 行")
            connections[target].check_constraints()
            tell("正在核对……")
            compare(totals, target)
    except REFUSED as error:
        explain(error, source, target)
    # Numbers of content types are those of the source now.
    ContentType.objects.clear_cache()
    return totals


def empty(using: str) -> None:
    """Take out what migrations made: the rows of the source come with numbers of their own."""
    connection = connections[using]
    tables = [model._meta.db_table for model in all_tables()]
    for statement in connection.ops.sql_flush(no_style(), tables):
        with connection.cursor() as cursor:
            cursor.execute(statement)


def copy_table(model: Model, source: str, target: str) -> Total:
    """Copy the rows of one table, and let it go on counting where the source does."""
    total = Total()
    rows = model._base_manager.using(source).order_by("pk")
    values = rows.values_list(*names_of(model), named=True).iterator(AT_ONCE)
    while some := list(islice(values, AT_ONCE)):
        for row in some:
            total = total.plus(row)
        write(model, some, target)
    if isinstance(model._meta.pk, models.AutoField | models.BigAutoField):
        go_on_after(model, last_number(model, source), target)
    return total


def write(model: Model, rows: list[Any], target: str) -> None:
    """Insert rows, which need be no instances: nothing but their attributes is read."""
    fields = fields_of(model)
    for lot in lots(rows, connections[target].ops.bulk_batch_size(fields, rows)):
        # raw: without `pre_save`, in which fields clean, move and set.
        model._base_manager.using(target)._insert(  # type: ignore[attr-defined]
            lot, fields=fields, using=target, raw=True
        )


def lots(rows: list[Any], size: int) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def compare(totals: Totals, target: str) -> None:
    """Read the target again. Raises CopyError where a table is not what was sent."""
    for model in copied():
        there, sent = total_of(model, target), totals[model._meta.label]
        if there != sent:
            raise CopyError(
                f"核对不符：{model._meta.verbose_name}应有 {sent.rows} 行，"
                f"目标库里有 {there.rows} 行，或内容不同。没有写入任何内容。"
            )


def explain(error: Exception, source: str, target: str) -> NoReturn:
    """Say which rows the target would not take. Raises CopyError."""
    found = problems(source, target) or [" ".join(str(error).split())]
    raise CopyError("目标数据库不接受下列内容，没有写入：\n" + "\n".join(found)) from error
