"""Measure words: 5 篇文章, 2 组同义词. Chinese counts nothing without one, and 个 does not suit all."""

from __future__ import annotations

from django.db.models.options import Options

# As `app_label.ModelName`. What is not named here is counted by USUAL.
MEASURES = {
    "articles.Article": "篇",
    "articles.Author": "位",
    "cms.Decision": "条",
    "cms.MediaFile": "份",
    "cms.MissedAddress": "条",
    "cms.Redirect": "条",
    "cms.Revision": "条",
    "cms.SearchedQuery": "条",
    "cms.SiteLink": "条",
    "cms.Synonyms": "组",
    "cms.WordList": "份",
    "staffing.Enquiry": "条",
    "staffing.Licence": "份",
    "staffing.PrivacyAct": "条",
    "staffing.Service": "项",
}
USUAL = "个"


def counted(count: int, opts: Options, *, is_cut: bool = False) -> str:  # type: ignore[type-arg]
    """Return a number of things in words; `is_cut` where there are more, which nobody has counted."""
    return f"{count}{'+' if is_cut else ''} {MEASURES.get(opts.label, USUAL)}{opts.verbose_name}"
