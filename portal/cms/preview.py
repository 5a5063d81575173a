"""A look at work nobody has published: who may look, until when, and what is seen then."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature, Signer
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from portal.cms.publishing import Publishable, Status
from portal.cms.revisions.content import Content, as_of
from portal.cms.revisions.models import AboutItem, AboutItemQuerySet

if TYPE_CHECKING:
    from portal.cms.accounts import User

# How long the author's own look lasts, and how long a link handed to others does.
OWN_LOOK = timedelta(hours=12)
SHARED_LOOK = timedelta(days=7)
# So many of one's own looks at one item are kept: for the tabs that are still open.
OWN_LOOKS = 5
SALT = "portal.cms.preview"
# The id of an item that has none yet: relations and addresses want a number, and no row has this one.
STAND_IN = 0


def in_a_while() -> datetime:
    return timezone.now() + OWN_LOOK


class PreviewQuerySet(AboutItemQuerySet):
    def open(self) -> Self:
        """Return those that have not expired."""
        return self.filter(expires_at__gt=timezone.now())

    def signed(self, token: str) -> Preview | None:
        """Return the open preview that a link names; None where it is forged or good no longer.

        One query, none for a forged one.
        """
        try:
            name = Signer(salt=SALT).unsign(token)
        except BadSignature:
            return None
        found: Preview | None = (
            self.open().select_related("content_type").filter(pk=name.partition(".")[0]).first()
        )
        return found if found is not None and found.name == name else None

    def keep(self, model: type[Publishable], pk: int | None, content: Content, by: User) -> Preview:
        """Store what `by` is about to look at; what has expired, and older looks of theirs, go.

        `pk` is None for an item not saved yet. Three queries while there is nothing to forget.
        """
        # Their content, which may be long, is not read to be deleted.
        self.filter(expires_at__lte=timezone.now()).defer("content").delete()
        about = {"content_type": ContentType.objects.get_for_model(model), "object_id": pk}
        made: Preview = self.create(**about, content=content, made_by=by)
        own = self.filter(**about, made_by=by, shared=False).order_by("-pk")
        old = list(own.values_list("pk", flat=True)[OWN_LOOKS:])
        if old:
            self.filter(pk__in=old).defer("content").delete()
        return made


def gone(request: HttpRequest) -> HttpResponse:
    """Answer for every link that is good no longer, without saying why."""
    return render(request, "preview_gone.html", status=404)


class Preview(AboutItem):
    """Content to be looked at in the real page. Deleting the row revokes every link to it."""

    # None: of an item not saved yet.
    object_id = models.PositiveBigIntegerField(null=True)  # type: ignore[assignment]
    content = models.JSONField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    made_at = models.DateTimeField("时间", default=timezone.now)
    expires_at = models.DateTimeField("失效时间", default=in_a_while)
    # Whether whoever has the link may look; else only the one who made it.
    shared = models.BooleanField("已分享", default=False)

    objects = PreviewQuerySet.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "预览"
        verbose_name_plural = "预览"
        default_permissions = ()
        indexes = [
            # The links to one item that are still good.
            models.Index(
                fields=["content_type", "object_id", "expires_at"], name="cms_preview_item"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.made_by} {timezone.localtime(self.made_at):%Y-%m-%d %H:%M}"

    @property
    def name(self) -> str:
        """What a link names: the id with its moment, as a restored database gives ids out again."""
        return f"{self.pk}.{self.made_at.timestamp():.0f}"

    @property
    def token(self) -> str:
        return Signer(salt=SALT).sign(self.name)

    def get_absolute_url(self) -> str:
        return reverse("preview", args=[self.token])

    def open_to(self, user: User | AnonymousUser) -> bool:
        """Whether this person may look: whoever has the link once it is shared, else its maker."""
        return self.shared or (user.is_staff and user.pk == self.made_by_id)

    def share(self, span: timedelta = SHARED_LOOK) -> None:
        """Let whoever has the link look, for so long from now on. One revoked meanwhile stays so."""
        shared = {"shared": True, "expires_at": timezone.now() + span}
        Preview.objects.filter(pk=self.pk).update(**shared)

    def look(self) -> Any:
        """Return the item as readers would find it with this content, in memory: never save it.

        Whatever its state, it stands there as published; its date is the one it has, or now. None
        where the item is gone. A query, and one for each relation.
        """
        model: Any = self.content_type.model_class()
        if self.object_id is None:
            item = model(pk=STAND_IN, created_at=self.made_at, updated_at=self.made_at)
        else:
            item = model._base_manager.filter(pk=self.object_id).first()
        if item is not None:
            as_of(item, self.content)
            item.status, item.deleted_at, item.expire_at = Status.PUBLISHED, None, None
            item.go_live_at = item.go_live_at or timezone.now()
            item.first_published_at = item.first_published_at or item.go_live_at
        return item
