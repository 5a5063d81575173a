"""Links to what every site has now: prices, questions, tools, complaint and takedown."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# label, address, order: after 资质公示 and before what editors write.
LINKS = (
    ("收费标准", "/prices/", 81),
    ("常见问题", "/faq/", 82),
    ("用工工具", "/tools/", 83),
    ("投诉举报", "/complaint/", 98),
    ("下架请求", "/takedown/", 99),
)


def make_links(apps: Any, schema_editor: Any) -> None:
    """Make the links, but no second one to where somebody leads already."""
    links = apps.get_model("cms", "SiteLink").objects.using(schema_editor.connection.alias)
    for label, url, order in LINKS:
        if not links.filter(url=url).exists():
            links.create(placement="company", label=label, url=url, order=order)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0010_page_rights"),
        ("cms", "0001_initial"),
    ]

    # Backwards they stay: by then they are the editors' own.
    operations = [migrations.RunPython(make_links, migrations.RunPython.noop)]
