"""Walking the public site as a reader would, from link to link."""

from __future__ import annotations

import re

from django.test import Client


def without_dead_ends(client: Client) -> set[str]:
    """Follow every internal link of every page that is reached from the home page; return them."""
    seen: set[str] = set()
    queue = ["/"]
    while queue:
        url = queue.pop()
        if url in seen or url.startswith(("/media/", "/static/")):
            continue
        seen.add(url)
        response = client.get(url)
        assert response.status_code == 200, f"{url}: {response.status_code}"
        queue += re.findall(r'href="(/[^"#?]*)', response.content.decode())
    return seen
