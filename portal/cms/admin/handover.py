"""移交草稿: a colleague leaves, another takes over what is not published yet, pages' changes included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse

from portal.cms.accounts import User
from portal.cms.admin.bulk import LISTED, action_context
from portal.cms.admin.desk import desk_page
from portal.cms.publishing import Publishable, Status
from portal.cms.review.waiting import drafts_of

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin


class ColleagueForm(forms.Form):
    """Who shall have the drafts."""

    colleague = forms.ModelChoiceField(
        label="移交给",
        queryset=User.objects.none(),
        empty_label="请选择同事",
        error_messages={"required": "请选择一位同事。", "invalid_choice": "请选择一位同事。"},
    )

    def __init__(self, colleagues: QuerySet[User], data: Any = None) -> None:
        super().__init__(data)
        self.fields["colleague"].queryset = colleagues  # type: ignore[attr-defined]


def colleagues_for(model_admin: PublishableAdmin) -> QuerySet[User]:
    """Return who may sign in and edit such items."""
    opts = model_admin.opts
    users = User.objects.with_perm(
        f"{opts.app_label}.change_{opts.model_name}",
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return users.filter(is_staff=True).order_by("name", "username")


@admin.action(description="移交给同事…", permissions=["publish"])
def hand_over_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> HttpResponse | None:
    """Ask for the colleague, then make them the creator of the ticked drafts.

    Of a published item that is its pending draft: it counts as begun by the colleague from here on.
    No text is touched, so a form somebody has open does not become stale.
    """
    drafts = with_something_unpublished(queryset)
    chosen = request.POST if "colleague" in request.POST else None
    form = ColleagueForm(colleagues_for(model_admin), chosen)
    if not form.is_valid():
        return _ask(model_admin, request, queryset, drafts, form)
    colleague = form.cleaned_data["colleague"]
    with transaction.atomic():
        items = list(light(model_admin, drafts).select_for_update(of=("self",)))
        hand_over(model_admin.model, items, colleague)
        for item in items:
            model_admin.log_change(request, item, f"移交给{colleague}")
    model_admin.message_user(
        request, f"已把 {len(items)} 条草稿移交给{colleague}。", messages.SUCCESS
    )
    return None


def with_something_unpublished(items: QuerySet[Publishable]) -> QuerySet[Publishable]:
    """Leave out what is published, unless there is a change to it that is not."""
    changed = drafts_of(items.model).values("object_id")
    return items.filter(~Q(status=Status.PUBLISHED) | Q(pk__in=changed))


def light(model_admin: PublishableAdmin, items: QuerySet[Publishable]) -> QuerySet[Publishable]:
    """Load no more than is shown: fifty bodies are megabytes."""
    return items.select_related(None).only("status", model_admin.title_field)


def hand_over(model: type[Publishable], items: list[Publishable], colleague: User) -> None:
    """Put a colleague's name to the drafts; two queries."""
    published = [item.pk for item in items if item.status == Status.PUBLISHED]
    others = [item.pk for item in items if item.status != Status.PUBLISHED]
    model._default_manager.filter(pk__in=others).update(created_by=colleague)
    pending = drafts_of(model).filter(object_id__in=published)
    pending.update(begun_by=colleague)  # who saved last stays a fact


def _ask(
    model_admin: PublishableAdmin,
    request: HttpRequest,
    queryset: QuerySet[Publishable],
    drafts: QuerySet[Publishable],
    form: ColleagueForm,
) -> HttpResponse:
    count = drafts.count()
    context = {
        **action_context(model_admin, request, hand_over_selected.__name__),
        "title": "移交草稿",
        "form": form,
        "drafts": light(model_admin, drafts)[:LISTED],
        "draft_count": count,
        "unlisted_count": max(count - LISTED, 0),
        "published_count": queryset.count() - count,
    }
    return desk_page(model_admin, request, "admin/cms/hand_over.html", context)
