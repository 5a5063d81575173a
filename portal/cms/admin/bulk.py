"""Actions on the items ticked in a list: publish, withdraw, bin, restore.

One item that cannot be done never stops the others, and the report names it with the reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from portal.cms.admin.desk import person
from portal.cms.publishing import Publishable, Status

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

# More names than this in one message help nobody.
NAMED = 10


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


def refuse_locked(model_admin: PublishableAdmin, request: HttpRequest, item: Publishable) -> None:
    """Raise ValidationError where this person may not change the item."""
    if reason := model_admin.lock_reason(request, item):
        raise ValidationError(reason)


@admin.action(description="发布", permissions=["publish"])
def publish_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def publish(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        if item.status == Status.PUBLISHED:
            raise ValidationError("已经是发布状态。")
        item.publish(person(request))

    each(model_admin, request, queryset, "发布", publish)


@admin.action(description="下线", permissions=["publish"])
def withdraw_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def withdraw(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        if item.status != Status.PUBLISHED:
            raise ValidationError("没有发布，不需要下线。")
        item.withdraw(person(request))

    each(model_admin, request, queryset, "下线", withdraw)


@admin.action(description="移入回收站", permissions=["change"])
def bin_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def put_into_bin(item: Publishable) -> None:
        refuse_locked(model_admin, request, item)
        item.bin(person(request))

    each(model_admin, request, queryset, "移入回收站", put_into_bin)


@admin.action(description="恢复", permissions=["change"])
def restore_selected(
    model_admin: PublishableAdmin, request: HttpRequest, queryset: QuerySet[Publishable]
) -> None:
    def restore(item: Publishable) -> None:
        if item.deleted_at is None:
            raise ValidationError("不在回收站里。")
        item.unbin(person(request))

    each(model_admin, request, queryset, "恢复", restore)
