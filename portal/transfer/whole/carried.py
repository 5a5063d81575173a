"""What an export carries, and what stays behind, each with its reason: every model is in one of both."""

from __future__ import annotations

from typing import Final

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cabinet.models import Folder
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import models
from taggit.models import Tag, TaggedItem

from articles.models import Article, Author, Category, DailyReads, Month, Ranking, TagEntry, TagUse
from articles.models.ranking import RankedArticle
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
from portal.demo.models import DemoItem
from portal.districts.models import DistrictPage
from staffing.models import (
    Case,
    ComparisonRow,
    Consent,
    ContributionRate,
    DailyCalls,
    District,
    Enquiry,
    EnquiryEvent,
    Faq,
    FormPolicy,
    Forwarding,
    Hotline,
    HotlineHours,
    Job,
    Licence,
    LicenceAlert,
    MinimumWage,
    PrivacyAct,
    PrivacyNotice,
    Service,
    SpecialDay,
    Ticket,
    TicketEntry,
)

Model = type[models.Model]

# Rows that others point to stand before them.
CARRIED: Final[tuple[Model, ...]] = (
    # The library.
    Folder,
    MediaFile,
    # What pages are made of.
    SiteProfile,
    HomeFact,
    SiteLink,
    Page,
    Category,
    Author,
    Tag,
    Article,
    TaggedItem,
    DailyReads,
    District,
    DistrictPage,
    Licence,
    Service,
    Faq,
    Case,
    ComparisonRow,
    Job,
    Hotline,
    HotlineHours,
    SpecialDay,
    PrivacyNotice,
    FormPolicy,
    ContributionRate,
    MinimumWage,
    # How texts are written, found and checked.
    KeywordLink,
    Synonyms,
    WordList,
    # Where addresses lead, and what engines know.
    Redirect,
    PublicAddress,
    Verification,
    # What is about those rows.
    MediaUse,
    PendingDraft,
    Revision,
    DailyCalls,
    DemoItem,
)

PEOPLE = "账号、权限和只属于某个账号的内容：新网站的人由站长另行建立。"
PERSONAL = "求职者、企业与投诉人的个人信息，只应出现在备份里，不应随内容流转。"
DERIVED = "由其他内容算出，导入后重新生成。"
PASSING = "运行中的临时记录，离开这台服务器就没有意义。"
KEYS = "含有密钥：推送目标请在新网站重新填写。"

LEFT: Final[dict[Model, str]] = {
    **dict.fromkeys(
        (
            User, Group, Permission, LogEntry, Comment, Notice, Decision, Autosave, Preview,
            KnownDevice, Authenticator, UserSession, EmailAddress, EmailConfirmation,
        ),
        PEOPLE,
    ),
    **dict.fromkeys(
        (
            Enquiry, EnquiryEvent, Consent, Forwarding, Ticket, TicketEntry, PrivacyAct, PrivateFile,
        ),
        PERSONAL,
    ),
    **dict.fromkeys(
        (
            TagEntry, TagUse, Month, Ranking, RankedArticle, IndexEntry, Titles, Texts, ContentType,
            CrawledPage, OutsideHost,
        ),
        DERIVED,
    ),
    **dict.fromkeys(
        (
            Session, Changes, Presence, Limit, Delivery, DueTask, LicenceAlert, MissedAddress,
            SearchedQuery, BackupRun,
        ),
        PASSING,
    ),
    DeliveryTarget: KEYS,
}  # fmt: skip

# Fields that point to what stays behind are empty in an export.
BEHIND: Final = frozenset(LEFT) - {ContentType}

# A site that has rows of these is somebody's: a new one, its demo content removed, has none. What else is
# carried, an import replaces.
OWN: Final[tuple[Model, ...]] = (
    Article,
    Page,
    Service,
    Job,
    Case,
    DistrictPage,
    Hotline,
    Licence,
    Category,
    Author,
    MediaFile,
    District,
    SpecialDay,
    ContributionRate,
    Folder,
    KeywordLink,
    Synonyms,
    Redirect,
    Verification,
    Enquiry,
    Ticket,
    DemoItem,
)


def label_of(model: Model) -> str:
    """Return the name of a model in an export, as Django writes it: `articles.article`."""
    return str(model._meta)
