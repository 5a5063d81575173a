"""Who may do what with something that is published; a part of `PublishableAdmin`."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from portal.cms.admin.desk import DeskAdmin
from portal.cms.admin.state import state_of
from portal.cms.admin.verbs import Verb
from portal.cms.publishing import Publishable
from portal.cms.review.rule import stands_under_review
from portal.cms.site import SiteProfile


class PublishingRights(DeskAdmin):
    """Rights beyond Django's: to publish, under the site's review rule; and what is locked."""

    @property
    def under_review(self) -> bool:
        """Whether the site's review rule holds for this model."""
        return stands_under_review(self.model)

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Whether this person may change what readers see. At most one query a request."""
        app, model = self.opts.app_label, self.opts.model_name
        if not self._is_publisher(request):
            return False
        if not self.under_review or request.user.has_perm(f"{app}.review_{model}"):
            return True
        if not hasattr(request, "review_required"):
            rule = SiteProfile.objects.filter(pk=1, review_required=True)
            request.review_required = rule.exists()  # type: ignore[attr-defined]
        return not request.review_required  # type: ignore[attr-defined]

    def _is_publisher(self, request: HttpRequest) -> bool:
        """Whether this person may publish as long as the site asks for no review."""
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def oversteps(self, request: HttpRequest) -> bool:
        """Whether the button that was pressed is for those who may publish, and this person may not.

        The site's rule, or their own rights, may have changed while they wrote. A bare 403 would lose
        the text, so it is saved like a draft (`verb`), and `why_not` says why that was all.
        """
        needs_publishing = Verb.of(request.POST).needs_publishing(state_of(request).state)
        return needs_publishing and not self.has_publish_permission(request)

    def why_not(self, request: HttpRequest) -> str:
        """Say what keeps this person from publishing."""
        if self._is_publisher(request):
            return "网站已改为先审后发"
        return "您的账号没有发布权限"

    def verb(self, request: HttpRequest) -> Verb:
        """Return what this request does: what the button says, or only saving where that oversteps.

        Whether 移入回收站 does is known once the item is, from `get_object` on.
        """
        return Verb.SAVE if self.oversteps(request) else Verb.of(request.POST)

    def lock_reason(self, request: HttpRequest, item: Publishable) -> str:
        """Say why this person may not change this item; empty when they may.

        One query at most, none for the item in the request's own form.
        """
        if item.deleted_at is not None:
            return "这条内容在回收站里，恢复后才能修改。"
        pending = state_of(request).pending_of(item)
        if pending and pending.is_scheduled and not self.has_publish_permission(request):
            return "这条内容的修改已经定时发布，生效之前只能由有发布权限的同事修改。"
        return ""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show what is locked as read-only.

        Not on POST: somebody may have published the draft this person was still writing, and a bare
        403 would lose the text. There `PublishableForm` refuses, and shows the text again.
        """
        if not super().has_change_permission(request, obj):
            return False
        return obj is None or request.method == "POST" or not self.lock_reason(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deletion for good: out of the bin, by a superuser. Everybody else moves things into it."""
        binned = obj is None or obj.deleted_at is not None
        return binned and bool(getattr(request.user, "is_superuser", False))
