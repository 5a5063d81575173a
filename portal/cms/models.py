"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from portal.cms.accounts import User
from portal.cms.media.models import MediaFile, MediaUse
from portal.cms.site import HomeFact, Page, SiteLink, SiteProfile

__all__ = ["HomeFact", "MediaFile", "MediaUse", "Page", "SiteLink", "SiteProfile", "User"]
