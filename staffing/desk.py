"""Links into the desk, for messages to colleagues."""

from __future__ import annotations

from django.db import models
from django.urls import reverse


def desk_link(subject: models.Model | type[models.Model]) -> str:
    """Return the address at the desk of a row, or of the list of its kind."""
    name = f"admin:{subject._meta.app_label}_{subject._meta.model_name}"
    if isinstance(subject, models.Model):
        return reverse(f"{name}_change", args=[subject.pk])
    return reverse(f"{name}_changelist")
