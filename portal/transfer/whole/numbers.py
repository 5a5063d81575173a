"""The last number each table has given: a row that is made later never gets the address of one that is gone."""

from __future__ import annotations

from django.db import DEFAULT_DB_ALIAS, connections

from portal.transfer.whole.carried import Model


def last_number(model: Model, using: str = DEFAULT_DB_ALIAS) -> int:
    """Return the highest number that was ever given to a row of a table; one query."""
    meta, connection = model._meta, connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [meta.db_table])
        else:
            cursor.execute(
                "SELECT last_value FROM pg_sequences WHERE schemaname || '.' || sequencename ="
                " pg_get_serial_sequence(%s, %s)",
                [connection.ops.quote_name(meta.db_table), meta.pk.column],
            )
        row = cursor.fetchone()
    return int(row[0] or 0) if row else 0


def go_on_after(model: Model, number: int, using: str = DEFAULT_DB_ALIAS) -> None:
    """Let new rows of a table have numbers above this one, and above all that are there."""
    rows = model._base_manager.using(using)
    highest = rows.order_by("-pk").values_list("pk", flat=True).first() or 0
    number = max(number, highest)
    if not number:
        return
    meta, connection = model._meta, connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [meta.db_table])
            cursor.execute(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [meta.db_table, number]
            )
        else:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, %s), %s)",
                [connection.ops.quote_name(meta.db_table), meta.pk.column, number],
            )
