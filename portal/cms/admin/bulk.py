"""Actions on the items ticked in a list: publish, withdraw, push, bin, unbin.

One item that cannot be done never stops the others, and the report names it with the reason. Before
anything readers see goes into the bin, a page asks.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from portal.cms.admin.desk import ModelAdmin, desk_page, person
from portal.cms.compliance.decisions import clear
from portal.cms.engines import announcing
from portal.cms.publishing import Publishable, Status
from portal.cms.revisions import actions, drafts
from portal.cms.revisions.models import Event
from portal.cms.rows import without_texts

if TYPE_CHECKING:
    from portal.cms.admin.desk import DeskAdmin
    from portal.cms.admin.publishable import PublishableAdmin

# More names than this in one message, or in the list of a page that asks, help nobody.
NAMED = 10
LISTED = 50


def each(
    model_admin: PublishableAdmin,
    request: HttpRequest,
    queryset: QuerySet[Publishable],
    verb: str,
    change: Callable[[Publishable], None],
) -> None:
    """Apply `change` to every item, each read under a lock in a transaction of its own; report.

    `change` saves the item, or raises ValidationError saying why it cannot be done. `verb` is the
    word for it, in the report and in the item's history.
    """
    done, refused = 0, []
    for pk in list(queryset.values_list("pk", flat=True)):
        with transaction.atomic():
            rows = model_admin.model._default_manager.select_for_update()
            item = rows.filter(pk=pk).first()
            if item is None:
                continue
            try:
                with transaction.atomic():
                    change(item)
            except ValidationError as error:
                refused.append(f"“{item}”：{''.join(error.messages)}")
            else:
                model_admin.log_change(request, item, verb)
                done += 1
    if done:
        model_admin.message_user(request, f"{verb}：完成 {done} 条。", messages.SUCCESS)
    if refused:
        more = f" 另有 {len(refused) - NAMED} 条。" if len(refused) > NAMED else ""
        reasons = " ".join(refused[:NAMED])
        message = f"{verb}：{len(refused)} 条没有完成。{reasons}{more}"
        model_admin.message_user(request, message, messages.WARNING)


def change_each(
    model_admin: PublishableAdmin,
    request: HttpRequest,
    queryset: QuerySet[Publishable],
    verb: str,
    change: Callable[[Any], None],
) -> None:
    """Apply `change`, which sets fields and saves nothing, to every item; what is live changes at once."""

    def save(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        actions.remember_what_is_there(item)
        change(item)
        item.updated_by = person(request)
        item.save()
        actions.record(item, Event.CHANGED, person(request), note=verb)

    each(model_admin, request, queryset, verb, save)


def refuse_locked(model_admin: PublishableAdmin, request: HttpRequest, item: Publishable) -> None:
    """Raise ValidationError where this person may not change the item, or what readers see of it."""
    if reason := model_admin.lock_reason(request, item):
        raise ValidationError(reason)
    if item.status == Status.PUBLISHED and not model_admin.has_publish_permission(request):
        raise ValidationError("已发布的内容只能由有发布权限的同事这样处理。")


@admin.action(description="发布", permissions=["publish"])
def publish_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def publish(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        if item.status == Status.PUBLISHED and drafts.pending_of(item) is None:
            raise ValidationError("已经是发布状态。")
        clear(item, person(request))
        actions.publish(item, person(request))

    each(model_admin, request, queryset, "发布", publish)


@admin.action(description="下线", permissions=["publish"])
def withdraw_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def withdraw(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        if item.status != Status.PUBLISHED:
            raise ValidationError("没有发布，不需要下线。")
        actions.withdraw(item, person(request))

    each(model_admin, request, queryset, "下线", withdraw)


@admin.action(description="推送给搜索引擎", permissions=["push"])
def push_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    """Have engines told of what they were not: what was imported, or is older than the pushing."""
    chosen = queryset.order_by().count()
    if chosen > announcing.MOST:
        most = f"一次最多推送 {announcing.MOST} 条。"
        model_admin.message_user(request, most, messages.WARNING)
        return
    rows = announcing.addresses_to_push(without_texts(queryset))
    say_what_is_pushed(model_admin, request, announcing.push_again(rows), chosen)


def say_what_is_pushed(
    model_admin: DeskAdmin, request: HttpRequest, done: int, chosen: int
) -> None:
    """Say how many of those that were ticked will be told."""
    if done:
        model_admin.message_user(request, f"推送：{done} 个网址已排队。", messages.SUCCESS)
    if left := chosen - done:
        why = "没有公开、不让收录，或没有设置推送"
        model_admin.message_user(request, f"{left} 个没有推送：{why}。", messages.WARNING)


@admin.action(description="移入回收站", permissions=["change"])
def bin_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> HttpResponse | None:
    if (question := _ask_before_bin(model_admin, request, queryset)) is not None:
        return question

    def put_into_bin(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        actions.bin(item, person(request))

    each(model_admin, request, queryset, "移入回收站", put_into_bin)
    return None


def _ask_before_bin(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> HttpResponse | None:
    """Return the page that asks, where published items are among the ticked and it was not asked yet.

    The answer says how many were asked about: what a colleague has published since is asked about.
    """
    published = queryset.filter(status=Status.PUBLISHED)
    count = published.count() if model_admin.has_publish_permission(request) else 0
    if not count or request.POST.get("confirmed") == str(count):
        return None
    context = {
        **action_context(model_admin, request, bin_selected.__name__),
        "title": "移入回收站",
        "published": published[:LISTED],
        "published_count": count,
        "unlisted_count": max(count - LISTED, 0),
        "other_count": queryset.count() - count,
    }
    return desk_page(model_admin, request, "admin/cms/bin_selected.html", context)


def action_context(model_admin: ModelAdmin, request: HttpRequest, action: str) -> dict[str, Any]:
    """Return what a page needs that an action puts in between: its answer goes to the same action."""
    return {
        "media": model_admin.media,
        # What Django's list sends with an action.
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": ACTION_CHECKBOX_NAME,
        "action": action,
    }


@admin.action(description="恢复", permissions=["change"])
def unbin_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def unbin(item: Publishable) -> None:
        if item.deleted_at is None:
            raise ValidationError("不在回收站里。")
        actions.unbin(item, person(request))

    each(model_admin, request, queryset, "恢复", unbin)
