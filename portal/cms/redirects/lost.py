"""What somebody may have been looking for at an address that leads nowhere.

Most of such addresses are old links and mistyped ones, whose words say what was meant. The others are
tried by robots looking for holes, all day long: those must cost next to nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings

from portal.cms.redirects.keys import decoded
from portal.cms.search.finding import LONGEST_QUERY, items, loosely, search

MOST = 5
# Of an address of kilobytes nobody typed more than the beginning.
LONGEST_PATH = 600
# A run of Chinese characters, or of letters; digits and signs part them, and are not looked for.
WORD = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]+|[^\W\d_\u3400-\u9fff]{3,}")
CHINESE = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
EXTENSION = re.compile(r"\.[a-z0-9]{1,6}(?=/|$)", re.IGNORECASE)
# Words of the machinery, in our addresses and in those of other systems: they say nothing.
SILENT = settings.PUBLIC_SEGMENTS | {
    *("archive", "archives", "article", "category", "column", "content", "detail", "district"),
    *("htm", "html", "http", "https", "index", "info", "item", "job", "kind", "list", "mobile"),
    *("news", "page", "plus", "post", "posts", "service", "show", "tag", "tags", "view", "www"),
}
# What robots ask for: other systems' scripts, backups, hidden files, control panels.
PROBE = re.compile(
    r"\.(?:php|phtml|aspx?|jspx?|cgi|pl|env|ini|ya?ml|json|xml|sql|bak|old|zip|gz|rar|7z|tar|log|exe|sh|dll)"
    r"[0-9]?(?=[/.;]|$)"
    r"|/\.|//|/wp-|/wp/|wordpress|phpmyadmin|cgi-bin|/vendor/|/actuator|/solr|/console|/manager/|admin"
    r"|\.\.|[<>{}$|\\\x00]",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Suggestion:
    """Something published that may have been meant."""

    label: str
    title: str
    url: str


def suggest(path: str) -> list[Suggestion]:
    """Return what the words of an address find, five at most; no query where it has none to look for.

    Never raises for an odd address; for a database that does not answer, what that raises.
    """
    query = " ".join(words_of(path))
    found = search(query, first=MOST)
    hits = found.hits or loosely(query, besides=found).hits
    return [
        Suggestion(hit.searchable.label, str(item), item.get_absolute_url())
        for hit, item in items(hits[:MOST])
    ]


def words_of(path: str) -> list[str]:
    """Return the words of an address that say what it is about, none if a robot made it up.

    Those of the last segment that has any: the ones before name sections, whose words stand in no
    title beside it. Chinese ones if there are any, for the same reason.
    """
    text = decoded(path[:LONGEST_PATH])
    if is_probe(text):
        return []
    segments = [
        [word for word in WORD.findall(segment) if word.lower() not in SILENT]
        for segment in EXTENSION.sub("", text)[-LONGEST_QUERY:].split("/")
    ]
    chinese = [[word for word in words if CHINESE.match(word)] for words in segments]
    saying = next(filter(None, [*reversed(chinese), *reversed(segments)]), [])
    return list(dict.fromkeys(saying))


def is_probe(text: str) -> bool:
    """Whether this is an address that only a robot asks for: it has no Chinese, and a tell-tale sign."""
    return not CHINESE.search(text) and PROBE.search(text) is not None
