"""The first links of menu and footer: those that lead somewhere on any site, however empty."""

from __future__ import annotations

from typing import Any

from django.db import migrations

# placement, label, address, order. The gaps are for pages editors write, such as 关于我们.
LINKS = (
    ("menu", "服务", "/services/", 10),
    ("menu", "招工信息", "/jobs/", 20),
    ("menu", "资讯", "/articles/", 30),
    ("menu", "资质公示", "/licences/", 40),
    ("menu", "联系我们", "/contact/", 60),
    ("company", "人力资讯TOP500", "/articles/top/", 30),
    ("company", "网站地图", "/sitemap/", 40),
    ("company", "临时工招聘信息", "/jobs/kind/temporary/", 50),
    ("company", "兼职招聘信息", "/jobs/kind/part-time/", 60),
    ("company", "联系我们", "/contact/", 70),
    ("company", "资质公示", "/licences/", 80),
)


def make_links(apps: Any, schema_editor: Any) -> None:
    """Make the links, unless somebody has made some already."""
    links = apps.get_model("cms", "SiteLink").objects.using(schema_editor.connection.alias)
    if links.exists():
        return
    for placement, label, url, order in LINKS:
        links.create(placement=placement, label=label, url=url, order=order)


class Migration(migrations.Migration):
    dependencies = [
        ("portal", "0002_groups"),
        ("cms", "0001_initial"),
    ]

    # Backwards they stay: by then they are the editors' own.
    operations = [migrations.RunPython(make_links, migrations.RunPython.noop)]
