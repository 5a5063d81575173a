"""Which tables are copied: all, but for what is made anew or means nothing elsewhere."""

from __future__ import annotations

from typing import Any, Final, cast

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import models

from portal.cms.limits import Limit
from portal.cms.revisions.models import Presence
from portal.cms.search.models import IndexEntry

Model = type[models.Model]

# Who is signed in, who sits where, who has tried how often.
PASSING: Final[frozenset[Model]] = frozenset([Session, UserSession, Presence, Limit])
# Engines keep tokens each in their own way: `reindex` writes them, and entries without tokens are none.
MADE_ANEW: Final[frozenset[Model]] = frozenset([IndexEntry])


def all_tables() -> list[Model]:
    """Return a model for each table that migrations make, those of many-to-many fields too."""
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if not model._meta.proxy]


def copied() -> list[Model]:
    left = PASSING | MADE_ANEW
    return [model for model in all_tables() if model._meta.managed and model not in left]


def fields_of(model: Model) -> list[models.Field[Any, Any]]:
    """Return the columns whose values are ours to write."""
    fields = cast("list[models.Field[Any, Any]]", [*model._meta.concrete_fields])
    return [field for field in fields if not field.generated]
