"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from portal.cms.accounts import KnownDevice, User
from portal.cms.compliance.models import Decision, WordList
from portal.cms.delivery.models import Delivery, DeliveryTarget, DueTask
from portal.cms.engines.models import CrawledPage, PublicAddress, Verification
from portal.cms.keywords.models import KeywordLink
from portal.cms.limits import Limit
from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.pagecache.models import Changes
from portal.cms.preview import Preview
from portal.cms.private.models import PrivateFile
from portal.cms.redirects.models import MissedAddress, Redirect
from portal.cms.review.models import Comment, Notice
from portal.cms.revisions.models import Autosave, PendingDraft, Presence, Revision
from portal.cms.search.models import IndexEntry, SearchedQuery, Synonyms, Texts, Titles
from portal.cms.seeing.models import BackupRun
from portal.cms.site import HomeFact, Page, SiteLink, SiteProfile
from portal.cms.tamper.models import OutsideHost

__all__ = [
    "Autosave",
    "BackupRun",
    "Changes",
    "Comment",
    "CrawledPage",
    "Decision",
    "Delivery",
    "DeliveryTarget",
    "DueTask",
    "HomeFact",
    "IndexEntry",
    "KeywordLink",
    "KnownDevice",
    "Limit",
    "MediaFile",
    "MediaUse",
    "MissedAddress",
    "Notice",
    "OutsideHost",
    "Page",
    "PendingDraft",
    "Presence",
    "Preview",
    "PrivateFile",
    "PublicAddress",
    "Redirect",
    "Revision",
    "SearchedQuery",
    "SiteLink",
    "SiteProfile",
    "Synonyms",
    "Texts",
    "Titles",
    "User",
    "Verification",
    "WordList",
]
