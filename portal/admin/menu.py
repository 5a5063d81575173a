"""The menu of the admin: models in the groups and the order in which people think of them."""

from __future__ import annotations

from typing import Any

# Group → models, as `app_label.ModelName`. What no group names stands in a last one, 其他.
GROUPS: dict[str, tuple[str, ...]] = {
    "资讯": ("articles.Article", "articles.Category", "articles.Author", "taggit.Tag"),
    "线索": ("staffing.Enquiry", "staffing.Ticket"),
    "业务": (
        "staffing.Service",
        "staffing.Case",
        "staffing.Job",
        "staffing.Licence",
        "staffing.Hotline",
        "staffing.District",
        "portal.DistrictPage",
        "staffing.SpecialDay",
        "staffing.MinimumWage",
        "staffing.ContributionRate",
        "staffing.ComparisonRow",
    ),
    "网站": ("cms.Page", "cms.SiteLink", "cms.KeywordLink", "cms.SiteProfile", "cms.MediaFile"),
    "搜索": ("cms.SearchedQuery", "cms.Synonyms"),
    "搜索引擎": (
        "cms.Redirect",
        "cms.MissedAddress",
        "cms.CrawledPage",
        "cms.PublicAddress",
        "cms.Verification",
    ),
    "审校": ("cms.Revision", "cms.Decision", "cms.WordList"),
    "隐私与外发": (
        "staffing.PrivacyNotice",
        "staffing.FormPolicy",
        "staffing.PrivacyAct",
        "cms.Delivery",
        "cms.DeliveryTarget",
        "cms.DueTask",
    ),
    "安全与运行": ("cms.OutsideHost", "cms.BackupRun"),
    "账号": ("cms.User", "auth.Group"),
}
OTHER = "其他"


def grouped(apps: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Turn Django's dictionary of apps and their models into our groups, leaving out empty ones.

    Each group has the keys of one of Django's apps, so that Django's templates can show it.
    """
    entries = {
        entry["model"]._meta.label: entry for app in apps.values() for entry in app["models"]
    }
    groups = {
        name: [entries.pop(label) for label in labels if label in entries]
        for name, labels in GROUPS.items()
    }
    groups[OTHER] = list(entries.values())
    return [
        {**apps[models[0]["model"]._meta.app_label], "name": name, "models": models}
        for name, models in groups.items()
        if models
    ]


def of_app(groups: list[dict[str, Any]], app_label: str) -> list[dict[str, Any]]:
    """Return the groups an app takes part in: what a breadcrumb with its name leads to."""
    return [
        group
        for group in groups
        if any(entry["model"]._meta.app_label == app_label for entry in group["models"])
    ]
