"""通知对象, whom colleagues' messages go to; 外发记录, what became of each; 定期任务."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from portal.cms.admin.bulk import LISTED, action_context
from portal.cms.admin.deleting import KeptWhileUsed
from portal.cms.admin.desk import DeskAdmin, ModelForm, RecordAdmin, desk_page, person
from portal.cms.delivery import due, outbox
from portal.cms.delivery.models import SECRETS, Delivery, DeliveryTarget, DueTask
from portal.cms.delivery.robots import ROBOTS
from portal.cms.delivery.showing import delivery_badge
from portal.cms.delivery.topics import (
    TEST,
    Message,
    all_topics,
    subscribed_topics,
    topic,
    topic_of,
)
from portal.cms.site import absolute
from portal.cms.times import short

NO_WORKER = "后台任务程序没有在运行，待发送的消息不会发出。请让技术人员重新启动网站。"


def warn_without_worker(model_admin: DeskAdmin, request: HttpRequest) -> None:
    """Say so on the page if nobody would send anything; one query."""
    if not due.worker_is_alive():
        model_admin.message_user(request, NO_WORKER, messages.WARNING)


# --- Whom -------------------------------------------------------------------------------------------


def render_test(targets: list[Any]) -> Message:
    return Message("测试消息", ["收到这条消息，说明通知可以送达。"], reverse("admin:index"))


topic(TEST, "测试消息", render_test, repeatable=True, batch=1, subscribed=False)


class TargetForm(ModelForm):
    """An address that is a key to a group chat is typed and never shown again; so is its secret."""

    topics = forms.MultipleChoiceField(
        label="接收哪些消息",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="搜索引擎只接收网址推送，不用选。",
    )

    class Meta:
        widgets = {"secret": forms.PasswordInput({"autocomplete": "off", "class": "vTextField"})}
        labels = {"secret": "密钥"}
        help_texts = {
            "address": "邮件：收件地址，每行一个。群机器人：添加机器人后复制的整条网址。"
            "搜索引擎：网站在该平台登记的网址，留空则用本站网址；百度也可以粘贴整条接口调用地址。",
            "secret": "钉钉、飞书机器人：安全设置选了“加签”（“签名校验”）才需要。"
            "百度：推送接口地址里的密钥。IndexNow：留空则自动生成。",
            "active": "停用后不再向它发送；停用前还没有发出的，重新启用后再发。"
            "搜索引擎：停用期间的变化不补推，由站点地图发现，也可以在列表里选中再推送。",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = (self.instance.kind, self.instance.address, self.instance.secret)
        if "address" in self.fields:
            self.fields["address"].required = False
        if "topics" not in self.fields:  # for somebody who may only look
            return
        choices: Any = self.fields["topics"]
        choices.choices = [(row.key, row.label) for row in subscribed_topics()]
        if self.instance.pk:
            self._hide()

    def _hide(self) -> None:
        if self.instance.kind in ROBOTS:
            self.initial["address"] = ""
            self.fields["address"].help_text = "已填写，不再显示；要换就粘贴新的，留空则不变。"
        if self.instance.secret:
            self.fields["secret"].help_text = "已填写，不再显示；要换就填新的，留空则不变。"

    def clean(self) -> dict[str, Any] | None:
        """Fill in what was left empty because it is not shown: only for the kind it was given for."""
        cleaned = super().clean() or self.cleaned_data
        kind, address, secret = self.kept
        if self.instance.pk and cleaned.get("kind") == kind:
            cleaned["address"] = cleaned.get("address") or address
            cleaned["secret"] = cleaned.get("secret") or secret
        elif cleaned.get("kind") in SECRETS:
            cleaned["address"] = cleaned.get("address") or settings.SITE_URL
        if cleaned.get("kind") == DeliveryTarget.Kind.INDEXNOW:
            cleaned["secret"] = cleaned.get("secret") or secrets.token_hex(16)
        if "address" in cleaned and not cleaned["address"]:
            missing = "换了方式，请填写新的地址。" if self.instance.pk else "请填写地址。"
            raise ValidationError({"address": missing})
        return cleaned


@admin.register(DeliveryTarget)
class DeliveryTargetAdmin(KeptWhileUsed, DeskAdmin):
    form = TargetForm
    change_form_template = "admin/cms/target_change_form.html"
    list_display = ("name", "kind", "topic_labels", "active", "condition")
    list_filter = ("active", "kind")
    actions = ("delete_selected",)
    fields = ("name", "kind", "address", "secret", "topics", "active")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look sees where to, and none of the keys."""
        if self.has_change_permission(request, obj) or obj is None:
            return self.fields
        return ("name", "kind", "topic_labels", "active", "condition")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("topic_labels", "condition")

    def save_model(
        self, request: HttpRequest, obj: DeliveryTarget, form: Any, change: bool
    ) -> None:
        """What could not be sent to the old address need not wait for the end of its back-off."""
        super().save_model(request, obj, form, change)
        if change and {"kind", "address", "secret", "active"}.intersection(form.changed_data):
            outbox.hurry(obj)
        if obj.kind == DeliveryTarget.Kind.INDEXNOW and obj.active:
            file = absolute(f"/{obj.secret}.txt")
            self.message_user(request, format_html('密钥文件：<a href="{}">{}</a>', file, file))

    @admin.display(description="接收哪些消息")
    def topic_labels(self, target: DeliveryTarget) -> str:
        if target.is_engine:
            return "网址推送"
        rows = (topic_of(key) for key in target.topics)
        return "、".join(row.label for row in rows if row) or "没有选择"

    @admin.display(description="情况")
    def condition(self, target: DeliveryTarget) -> str:
        if target.paused_until and target.paused_until > timezone.now():
            return f"{target.note or '连续失败，'}暂停到 {short(target.paused_until)}"
        if target.failures:
            return f"最近失败 {target.failures} 次"
        return "正常" if target.remaining is None else f"正常，还能推送 {target.remaining} 条"

    def reasons_to_keep(self, rows: Any) -> list[str]:
        used = set(
            Delivery.objects.filter(target__in=[row.pk for row in rows]).values_list(
                "target", flat=True
            )
        )
        return [
            f"“{row}”有外发记录，不能删除；不再需要时请取消“启用”。"
            for row in rows
            if row.pk in used
        ]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.test_view))
        return [path("<int:pk>/test/", view, name="cms_deliverytarget_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put a test message for one target into the outbox: the way there is part of the test."""
        target = get_object_or_404(DeliveryTarget, pk=pk)
        if not self.has_change_permission(request, target):
            raise PermissionDenied
        if target.is_engine:
            text = "搜索引擎没有测试消息：发布或修改一篇内容，再到“网址推送状态”里看结果。"
            self.message_user(request, text, messages.WARNING)
        elif target.active:
            now = timezone.now()
            with transaction.atomic():
                outbox.put(TEST, target, [target], occasion=now.isoformat(timespec="milliseconds"))
            text = format_html(
                '测试消息已排队，几秒后在<a href="{}?target__id__exact={}">外发记录</a>里看结果。',
                reverse("admin:cms_delivery_changelist"),
                target.pk,
            )
            self.message_user(request, text, messages.SUCCESS)
            warn_without_worker(self, request)
        else:
            self.message_user(request, "没有发送：请先启用并保存。", messages.WARNING)
        return redirect("admin:cms_deliverytarget_change", pk)


# --- What -------------------------------------------------------------------------------------------


class TopicFilter(admin.SimpleListFilter):
    title = "消息"
    parameter_name = "topic"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(row.key, row.label) for row in all_topics()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(topic=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    """To be looked at; and to decide on what got stuck. Nothing is put in or taken out by hand."""

    class Media:
        css = {"all": ["desk/delivery.css"]}

    change_list_template = "admin/cms/delivery_list.html"
    list_display = (
        "state_word", "topic_label", "about", "target", "attempts", "when", "problem"
    )  # fmt: skip
    list_display_links = None
    list_filter = ("state", TopicFilter, "target")
    list_select_related = ("target",)
    actions = ("send_again", "take_for_delivered")
    fields = readonly_fields = (
        "state_word", "topic_label", "about", "target", "attempts", "problem", "created_at", "when"
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related("subject")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET":
            warn_without_worker(self, request)
        return super().changelist_view(request, extra_context)

    @admin.display(description="状态", ordering="state")
    def state_word(self, delivery: Delivery) -> SafeString:
        return delivery_badge(delivery)

    @admin.display(description="消息", ordering="topic")
    def topic_label(self, delivery: Delivery) -> str:
        row = topic_of(delivery.topic)
        return row.label if row else delivery.topic

    @admin.display(description="关于")
    def about(self, delivery: Delivery) -> SafeString | str:
        """What it is about, and where that is on the desk, which asks for rights of its own."""
        subject: Model | None = delivery.subject
        if subject is None:
            return "已删除"
        opts = subject._meta
        try:
            address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[subject.pk])
        except NoReverseMatch:
            return str(subject)
        return format_html('<a href="{}">{}</a>', address, subject)

    @admin.display(description="时间")
    def when(self, delivery: Delivery) -> str:
        if delivery.state == Delivery.State.PENDING:
            later = delivery.tried_from > timezone.now()
            return f"{short(delivery.tried_from)} 起发送" if later else "马上发送"
        if delivery.sent_at is not None:
            return f"{short(delivery.sent_at)} 送达"
        return f"{short(delivery.created_at)} 产生"

    # --- Deciding ----------------------------------------------------------------------------------

    @admin.action(description="重新发送…", permissions=["change"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        unclear = queryset.filter(state=Delivery.State.UNCLEAR)
        if request.POST.get("confirmed") != "1":
            context = {
                **action_context(self, request, "send_again"),
                "title": "重新发送",
                "unclear": unclear[:LISTED],
                "unclear_count": unclear.count(),
                "failed_count": queryset.filter(state=Delivery.State.FAILED).count(),
            }
            return desk_page(self, request, "admin/cms/send_again.html", context)
        self._report(request, "重新发送", queryset, outbox.send_again(queryset.order_by()))
        warn_without_worker(self, request)
        return None

    @admin.action(description="标为已送达", permissions=["change"])
    def take_for_delivered(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        note = f"{person(request)}确认已送达。"
        done = outbox.take_for_delivered(queryset.order_by(), note)
        self._report(request, "标为已送达", queryset, done)

    def _report(self, request: HttpRequest, verb: str, queryset: QuerySet[Any], done: int) -> None:
        if done:
            self.message_user(request, f"{verb}：{done} 条。", messages.SUCCESS)
        else:
            nothing = f"{verb}：没有改动。只有“不确定”和“失败”的可以这样处理。"
            self.message_user(request, nothing, messages.WARNING)


# --- When -------------------------------------------------------------------------------------------


@admin.register(DueTask)
class DueTaskAdmin(DeskAdmin):
    """What the worker does by the clock, and whether it went well."""

    list_display = ("label", "finished", "problem", "next")
    list_display_links = None
    fields = readonly_fields = ("label", "finished", "problem", "next")

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        warn_without_worker(self, request)
        return super().changelist_view(request, extra_context)

    @admin.display(description="任务", ordering="name")
    def label(self, task: DueTask) -> str:
        return due.label_of(task.name)

    @admin.display(description="最近完成", ordering="finished_at")
    def finished(self, task: DueTask) -> str:
        return short(task.finished_at) or "还没有"

    @admin.display(description="下次", ordering="due_at")
    def next(self, task: DueTask) -> str:
        return "正在进行" if task.lease_until else short(task.due_at)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
