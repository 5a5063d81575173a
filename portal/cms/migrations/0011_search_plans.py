"""Has PostgreSQL look up every word in the index, and never read the texts themselves."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# The planner counts a table's own pages. A text's tokens lie beside it, compressed: to see whether one
# holds a word takes fifty times as long as it thinks. By what it knows of the commonest words it would
# read one text after the other in hope of meeting them. So it is to know nothing of them (a word that it
# knows nothing of is a rare one), and to see as many pages as there is to unpack. TYPE, which stays the
# same, forgets what has been gathered.
#
# What is new, GIN keeps in a list at first, and reads all of it for each search. Of four megabytes, as
# is usual, the planner would rather read the texts; and every hundredth save waits for a second.
COMMANDS = (
    "ALTER TABLE cms_titles ALTER tokens SET STATISTICS 0, ALTER tokens TYPE tsvector",
    "ALTER TABLE cms_texts ALTER tokens SET STATISTICS 0, ALTER tokens TYPE tsvector,"
    " SET (fillfactor = 10)",
    "ALTER INDEX cms_titles_tokens SET (gin_pending_list_limit = 256)",
    "ALTER INDEX cms_texts_tokens SET (gin_pending_list_limit = 256)",
)
BACK = (
    "ALTER TABLE cms_titles ALTER tokens SET STATISTICS -1",
    "ALTER TABLE cms_texts ALTER tokens SET STATISTICS -1, RESET (fillfactor)",
    "ALTER INDEX cms_titles_tokens RESET (gin_pending_list_limit)",
    "ALTER INDEX cms_texts_tokens RESET (gin_pending_list_limit)",
)


def look_up(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, COMMANDS)


def guess(apps: Any, schema_editor: Any) -> None:
    run(schema_editor, BACK)


def run(schema_editor: Any, commands: tuple[str, ...]) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for command in commands:
            schema_editor.execute(command)


class Migration(migrations.Migration):
    dependencies = [
        ("cms", "0010_bin"),
    ]

    operations = [
        migrations.RunPython(look_up, guess),
    ]
