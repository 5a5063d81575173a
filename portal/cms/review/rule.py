"""Who decides on what is submitted.

A model whose `Meta.permissions` name `review_<model>` stands under the site's review rule: while
`SiteProfile.review_required` is on, publishing takes that permission as well.
"""

from __future__ import annotations

from django.db.models import Model


def stands_under_review(model: type[Model]) -> bool:
    return f"review_{model._meta.model_name}" in dict(model._meta.permissions)


def deciding_permission(model: type[Model]) -> str:
    """Return the permission of those who are told, and see on their desk, that something waits."""
    verb = "review" if stands_under_review(model) else "publish"
    return f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
