"""What can be published: one abstract model, one visibility rule, and the verbs that change state.

Visibility is decided here and nowhere else, at query time: readers' code asks `.published()`, and
nothing has to run at the moment an item goes live or expires.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Func, Q
from django.db.models.expressions import RawSQL
from django.db.models.lookups import LessThanOrEqual
from django.http import Http404
from django.utils import timezone

if TYPE_CHECKING:
    from portal.cms.accounts import User


class Status(models.TextChoices):
    """What an editor decided. What a reader sees also depends on the clock: see `State`."""

    DRAFT = "draft", "草稿"
    IN_REVIEW = "in_review", "待审"
    PUBLISHED = "published", "已发布"
    WITHDRAWN = "withdrawn", "已下线"


class State(models.TextChoices):
    """The one word shown to editors, derived from status and clock; never stored."""

    DRAFT = "draft", "草稿"
    IN_REVIEW = "in_review", "待审"
    SCHEDULED = "scheduled", "定时待发"
    LIVE = "live", "已发布"
    EXPIRED = "expired", "已到期"
    WITHDRAWN = "withdrawn", "已下线"
    DELETED = "deleted", "回收站"


class Unindexed(Func):
    """A column that is compared row by row, not looked up.

    Nearly everything published has gone live, but SQLite takes any `<=` for a range worth an index, and
    sorts what it finds there; so the index of the order asked for goes unused. PostgreSQL knows better.
    """

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


# Spelt out: of a parameter SQLite does not know that an index of what is published will do, and reads
# each row besides.
PUBLISHED = RawSQL(f"'{Status.PUBLISHED}'", ())  # noqa: S611  ours


class PublishableQuerySet(models.QuerySet["Any"]):
    """Chains for readers (`published`) and for editors (`in_state`, `kept`, `binned`)."""

    def published(self, at: datetime | models.Expression | None = None) -> Self:
        """Return what a stranger may see at the instant `at` (default: now)."""
        return self.in_state(State.LIVE, at)

    def in_state(self, state: State, at: datetime | models.Expression | None = None) -> Self:
        """Return the items in one derived state; the states share out all items, with no overlap."""
        now = at or timezone.now()
        if state == State.DELETED:
            return self.binned()
        by_clock = {
            State.SCHEDULED: Q(go_live_at__gt=now),
            State.LIVE: Q(LessThanOrEqual(Unindexed("go_live_at"), now))
            & (Q(expire_at=None) | Q(expire_at__gt=now)),
            State.EXPIRED: Q(go_live_at__lte=now, expire_at__lte=now),
        }
        if state in by_clock:
            return self.kept().filter(by_clock[state], status=PUBLISHED)
        return self.kept().filter(status=state.value)

    def kept(self) -> Self:
        """Return what is not in the recycle bin."""
        return self.filter(deleted_at=None)

    def binned(self) -> Self:
        """Return what is in the recycle bin."""
        # Not `exclude`: SQLite does not see through its NOT to the index of the bin.
        return self.filter(deleted_at__isnull=False)

    def newest(self) -> Self:
        """Order as every public list does: latest go-live first, the id breaking ties."""
        return self.order_by("-go_live_at", "-pk")


class Publishable(models.Model):
    """An item with a life: written, perhaps reviewed, published (now or later), withdrawn, binned.

    A subclass names in `required_to_publish` the fields a draft may leave empty and a reader may not
    find empty, and may extend `publish_errors`; in `parts` it names the relations whose rows are part
    of its content. What is in `not_restored` is no part of what it says: an old version comes back
    without it, and a copy begins without.
    """

    required_to_publish: ClassVar[tuple[str, ...]] = ()
    parts: ClassVar[tuple[str, ...]] = ()
    not_restored: ClassVar[tuple[str, ...]] = ("go_live_at", "expire_at")

    status = models.CharField(
        "状态", max_length=10, choices=Status.choices, default=Status.DRAFT, editable=False
    )
    go_live_at = models.DateTimeField(
        "上线时间",
        null=True,
        blank=True,
        help_text="北京时间。留空表示点“发布”时立即上线；填将来的时间则到点自动上线。也是页面上显示的发表日期。",
    )
    expire_at = models.DateTimeField(
        "下线时间", null=True, blank=True, help_text="北京时间。到点自动下线；留空表示一直有效。"
    )
    first_published_at = models.DateTimeField("首次发布", null=True, editable=False)
    last_published_at = models.DateTimeField("最近发布", null=True, editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)
    updated_at = models.DateTimeField("修改时间", auto_now=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="创建人",
        null=True,
        on_delete=models.SET_NULL,
        editable=False,
        related_name="+",
    )
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="修改人",
        null=True,
        on_delete=models.SET_NULL,
        editable=False,
        related_name="+",
    )
    deleted_at = models.DateTimeField("删除时间", null=True, editable=False)
    edit_version = models.PositiveIntegerField("修改次数", default=0, editable=False)

    objects = PublishableQuerySet.as_manager()

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "delete", "view", "publish")
        indexes = [
            # Every public list and count: published, not binned, newest first.
            models.Index(
                F("go_live_at").desc(),
                F("id").desc(),
                name="%(app_label)s_%(class)s_live",
                condition=Q(status="published", deleted_at=None),
            ),
            # The desk's lists, latest touched first; with what the derived state is made of, so that
            # filtering and counting by it look at no row.
            models.Index(
                F("updated_at").desc(),
                F("id").desc(),
                "status",
                "go_live_at",
                "expire_at",
                name="%(app_label)s_%(class)s_desk",
                condition=Q(deleted_at=None),
            ),
            # Drafts and what waits for review are few among them. Each has its own: SQLite takes an
            # index on (status, …) for the public lists too, and then sorts. They come after the one
            # of all: of two that would do, SQLite takes the one made last.
            models.Index(
                F("updated_at").desc(),
                F("id").desc(),
                name="%(app_label)s_%(class)s_draft",
                condition=Q(status="draft", deleted_at=None),
            ),
            models.Index(
                F("updated_at").desc(),
                F("id").desc(),
                name="%(app_label)s_%(class)s_review",
                condition=Q(status="in_review", deleted_at=None),
            ),
            # The list of the recycle bin, in the same order.
            models.Index(
                F("updated_at").desc(),
                F("id").desc(),
                name="%(app_label)s_%(class)s_bin",
                condition=Q(deleted_at__isnull=False),
            ),
            # What expires today: few items have an end.
            models.Index(
                fields=["expire_at"],
                name="%(app_label)s_%(class)s_end",
                condition=Q(status="published", deleted_at=None, expire_at__isnull=False),
            ),
        ]
        constraints = [
            # The visibility rule compares dates: a published item without one would be in no state.
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_dated",
                condition=~Q(status="published")
                | Q(go_live_at__isnull=False, first_published_at__isnull=False),
                violation_error_message="已发布的内容必须有上线时间。",
            ),
            # An item that expires before it goes live would never be seen, surely a slip.
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_expires_after_live",
                condition=Q(expire_at=None) | Q(go_live_at=None) | Q(expire_at__gt=F("go_live_at")),
                violation_error_message="下线时间必须晚于上线时间。",
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_known_status",
                condition=Q(status__in=Status.values),
                violation_error_message="没有这种状态。",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save and count the save: `edit_version` is what tells a stale form from a fresh one."""
        self.count_save()
        if (named := kwargs.get("update_fields")) is not None:
            kwargs["update_fields"] = {*named, "edit_version", "first_published_at"}
        # One transaction with what a save entails, such as the record of the pictures in use.
        with transaction.atomic(savepoint=False):
            super().save(*args, **kwargs)

    def count_save(self) -> None:
        """Make this item, in memory, what a save makes of it; `bulk_create` needs it called before."""
        self.edit_version += 1
        self._date_first_publication()

    def _date_first_publication(self) -> None:
        """Move the first publication with the go-live time, until it has happened."""
        now = timezone.now()
        if self.status != Status.PUBLISHED or self.go_live_at is None:
            return
        if self.first_published_at is None or self.first_published_at > now:
            self.first_published_at = max(self.go_live_at, now)

    @property
    def state(self) -> State:
        """The derived state now; agrees with `.in_state()` for every combination (tested)."""
        if self.deleted_at is not None:
            return State.DELETED
        if self.status != Status.PUBLISHED or self.go_live_at is None:
            return State(self.status)
        now = timezone.now()
        if self.go_live_at > now:
            return State.SCHEDULED
        if self.expire_at is not None and self.expire_at <= now:
            return State.EXPIRED
        return State.LIVE

    @property
    def is_public(self) -> bool:
        """Whether a stranger may see this item now."""
        return self.state == State.LIVE

    def publish_errors(self) -> dict[str, str]:
        """Return, by field, what still keeps this item from being published; empty when nothing does."""
        return {
            name: f"发布前请填写“{self._meta.get_field(name).verbose_name}”。"  # type: ignore[union-attr]
            for name in self.required_to_publish
            if getattr(self, self._meta.get_field(name).attname) in (None, "", [])  # type: ignore[union-attr]
        }

    def publish(self, by: User | None = None) -> None:
        """Make the item public now, or at `go_live_at` where that lies ahead.

        A date in the past is kept: it is the date readers are shown, and imports carry theirs.
        Raises ValidationError with `publish_errors()`, and where the end has passed already.
        """
        now = timezone.now()
        errors = self.publish_errors()
        if self.expire_at is not None and self.expire_at <= now:
            errors["expire_at"] = "下线时间已过；请改为将来的时间，或清空。"
        if errors:
            raise ValidationError(errors)
        self.publish_as_is(by)

    def publish_as_is(self, by: User | None = None) -> None:
        """Make the item public whatever it lacks: for imports of what was public elsewhere.

        The importer reports what is missing; everybody else calls `publish`.
        """
        now = timezone.now()
        self.go_live_at = self.go_live_at or now
        # What first comes under a date of the past is as old as it says, until it is published anew.
        is_first = self.first_published_at is None
        self.last_published_at = min(self.go_live_at, now) if is_first else now
        self._change_status(Status.PUBLISHED, by)

    def submit(self, by: User | None = None) -> None:
        """Hand a draft to someone who may publish."""
        self._change_status(Status.IN_REVIEW, by)

    def send_back(self, by: User | None = None) -> None:
        """Give what was submitted back to its author."""
        self._change_status(Status.DRAFT, by)

    def withdraw(self, by: User | None = None) -> None:
        """Take the item off the site; its address answers 410 from now on.

        One that has not gone live yet is a draft again: nobody has seen it, so it cannot be gone.
        """
        if self.first_published_at is not None and self.first_published_at > timezone.now():
            self.first_published_at = None
            self._change_status(Status.DRAFT, by)
        else:
            self._change_status(Status.WITHDRAWN, by)

    def bin(self, by: User | None = None) -> None:
        """Put the item into the recycle bin; nothing of it is lost."""
        self.deleted_at = timezone.now()
        self.updated_by = by
        self.save()

    def unbin(self, by: User | None = None) -> None:
        """Bring the item back as a draft, so that nothing reappears on the site by accident."""
        self.deleted_at = None
        self._change_status(Status.DRAFT, by)

    def _change_status(self, status: Status, by: User | None) -> None:
        self.status = status
        self.updated_by = by
        self.save()


_rehearsing: ContextVar[bool] = ContextVar("rehearsing", default=False)


@contextmanager
def rehearsal() -> Iterator[None]:
    """Within, things are saved to see what comes of it; then all of it is undone.

    What follows from a save, and is read by others only, such as the search index, is not written.
    """
    with transaction.atomic():
        token = _rehearsing.set(True)
        try:
            yield
        finally:
            _rehearsing.reset(token)
        transaction.set_rollback(True)


def is_rehearsal() -> bool:
    return _rehearsing.get()


class Gone(Http404):
    """The address was public and was withdrawn: the 404 handler answers 410 for it."""


P = TypeVar("P", bound=Publishable)


def get_published_or_404(objects: models.QuerySet[P] | models.Manager[P], **lookup: Any) -> P:
    """Return the published item that `lookup` names: one query, two where it cannot be shown.

    Raises what `missing` returns.
    """
    published: models.QuerySet[P] = objects.published()  # type: ignore[union-attr]
    item = published.filter(**lookup).first()
    if item is None:
        raise missing(objects, **lookup)
    return item


def missing(objects: models.QuerySet[P] | models.Manager[P], **lookup: Any) -> Http404:
    """Return why nothing published is there: Gone where it was and has been withdrawn; one query."""
    withdrawn = objects.model._default_manager.filter(
        **lookup, status=Status.WITHDRAWN, first_published_at__lte=timezone.now()
    )
    return Gone() if withdrawn.exists() else Http404()
