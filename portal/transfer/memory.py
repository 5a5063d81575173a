"""What an old site has brought to this one, known by the addresses that lead to it.

Each is a redirect with the site as its origin: no second table says what came from where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db import models

from portal.cms import redirects
from portal.cms.media.models import MediaFile
from portal.cms.redirects.keys import LONGEST, digest, key_of
from portal.cms.redirects.models import Redirect
from portal.cms.redirects.remembering import Pair
from portal.transfer import fitting

LONGEST_ORIGIN: Final = 60

M = TypeVar("M", bound=models.Model)


class Memory:
    """What one site has brought, in this run and before; `stored` counts the files of this one."""

    def __init__(self, site: str) -> None:
        self.site = site
        self.origin = site[:LONGEST_ORIGIN]
        self.stored = 0

    def mark(self, kind: str, old_id: str) -> str:
        """Return an address that stands for a record, whether or not it had one, and for no other."""
        return f"/{self.site}?{kind}={re.sub('[&#]', '-', old_id)}"

    def remembered(self, model: type[M], *addresses: str) -> M | None:
        """Return the item that this site's addresses lead to; the first one counts. Two queries.

        To the letter: one that is written otherwise leads there, too, and may have been another's.
        """
        kind = ContentType.objects.get_for_model(model)
        keys = map(key_of, addresses)
        rows = Redirect.objects.filter(key__in=keys, content_type=kind, origin=self.origin)
        ids = dict(rows.values_list("old", "object_id"))
        wanted = [ids[old] for old in (a[:LONGEST] for a in addresses) if old in ids]
        found = model._base_manager.in_bulk(wanted)
        return next((found[pk] for pk in wanted if pk in found), None)

    def remember(self, pairs: Iterable[Pair]) -> list[str]:
        """Note where old addresses lead now; return those that lead elsewhere, and stay."""
        writable = (pair for pair in pairs if not fitting.UNWRITABLE.search(pair[0]))
        return redirects.remember(writable, self.origin)

    def recall(self, place: str) -> MediaFile | None:
        return self.remembered(MediaFile, place, self.beside(place))

    def remember_file(self, place: str, file: MediaFile) -> None:
        self.stored += 1
        self.remember([(place, file)])
        if self.recall(place) != file:
            # Another file had this address, of another site or in other letters: that one keeps it, and
            # this is still known.
            self.remember([(self.beside(place), file)])

    def beside(self, place: str) -> str:
        return self.mark("file", digest(place))
