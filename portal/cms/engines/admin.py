"""网址推送状态, what search engines were told of each address; 站长验证, what proves to them whose site it is."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from portal.cms.admin.bulk import say_what_is_pushed
from portal.cms.admin.desk import DeskAdmin, ModelForm, RecordAdmin
from portal.cms.delivery.admin import warn_without_worker
from portal.cms.delivery.models import Delivery
from portal.cms.delivery.showing import delivery_badge
from portal.cms.engines import announcing, rootfiles
from portal.cms.engines.models import PublicAddress, Verification
from portal.cms.engines.proofs import META_NAMES
from portal.cms.site import absolute
from portal.cms.times import short

S = Delivery.State


# --- Told -------------------------------------------------------------------------------------------


class PushFilter(admin.SimpleListFilter):
    title = "推送"
    parameter_name = "push"
    # In the words of the desk, the states of a row of the outbox.
    STATES: Final = {
        "waiting": ("等待推送", (S.PENDING, S.SENDING)),
        "failed": ("没有送达", (S.FAILED, S.UNCLEAR)),
        "delivered": ("已送达", (S.DELIVERED,)),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, label) for key, (label, _) in self.STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.STATES:
            return queryset
        _, states = self.STATES[str(self.value())]
        kind = ContentType.objects.get_for_model(PublicAddress)
        rows = _told().filter(content_type=kind, object_id=OuterRef("pk"), state__in=states)
        return queryset.filter(Exists(rows))


@admin.register(PublicAddress)
class PublicAddressAdmin(RecordAdmin):
    """To be looked at, and to have engines told once more."""

    class Media:
        css = {"all": ["desk/delivery.css"]}

    list_display = ("address", "page", "engines", "problem", "changed")
    list_display_links = None
    list_filter = (PushFilter,)
    search_fields = ("path",)
    search_help_text = "网址里的任何一段，例如 /jobs/。"
    actions = ("push",)
    fields = readonly_fields = ("address", "page", "engines", "problem", "changed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        told = _told().select_related("target").order_by("-id")
        rows: QuerySet[Any] = super().get_queryset(request)
        return rows.prefetch_related(Prefetch("deliveries", told))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET":
            if announcing.push_targets():
                warn_without_worker(self, request)
            else:
                nobody = "还没有设置推送：请站长在“通知对象”里添加“百度普通收录”或“IndexNow”。"
                self.message_user(request, nobody, messages.WARNING)
        return super().changelist_view(request, extra_context)

    @admin.display(description="网址", ordering="path")
    def address(self, row: PublicAddress) -> SafeString:
        return format_html('<a href="{}">{}</a>', row.path, row.path)

    @admin.display(description="网页")
    def page(self, row: PublicAddress) -> str:
        if row.stamp == announcing.GONE:
            return "已下线或已搬走"
        return "公开" if row.stamp else "没有公开，或不让收录"

    @admin.display(description="推送")
    def engines(self, row: PublicAddress) -> SafeString | str:
        """What came of the latest that each engine was told of it, and of how many tries."""
        shown = (
            (delivery_badge(told), told.target, _tries(told), _when(told)) for told in _latest(row)
        )
        return format_html_join(SafeString("<br>"), "{} {}{} {}", shown) or "没有推送过"

    @admin.display(description="说明")
    def problem(self, row: PublicAddress) -> SafeString:
        problems = ((told.problem,) for told in _latest(row) if told.problem)
        return format_html_join(SafeString("<br>"), "{}", problems)

    @admin.display(description="最近变化", ordering="changed_at")
    def changed(self, row: PublicAddress) -> str:
        return short(row.changed_at)

    @admin.action(description="重新推送", permissions=["change"])
    def push(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Tell every engine once more: of those that there is something to tell of."""
        chosen = list(queryset.order_by().prefetch_related(None))
        say_what_is_pushed(self, request, announcing.push_again(chosen), len(chosen))


def _told() -> QuerySet[Delivery]:
    """All that was told or waits to be, but for what a page does by the clock, some day."""
    return Delivery.objects.exclude(state=S.PENDING, occasion__startswith=announcing.AT)


def _latest(row: PublicAddress) -> list[Delivery]:
    """Return what each engine was told last."""
    latest: dict[int, Delivery] = {}
    for told in row.deliveries.all():  # the newest first
        latest.setdefault(told.target_id, told)
    return sorted(latest.values(), key=lambda told: told.target.name)


def _when(told: Delivery) -> str:
    return short(told.sent_at or told.tried_from)


def _tries(told: Delivery) -> str:
    return f"，试过 {told.attempts} 次" if told.attempts > 1 else ""


# --- Proved -----------------------------------------------------------------------------------------

# By the name of the tag or the beginning of that of the file, who asks for it.
ASKED_BY: Final = {
    "baidu": Verification.Engine.BAIDU,
    "msvalidate": Verification.Engine.BING,
    "BingSiteAuth": Verification.Engine.BING,
    "360": Verification.Engine.SO360,
    "sogou": Verification.Engine.SOGOU,
    "byte": Verification.Engine.TOUTIAO,
    "Byte": Verification.Engine.TOUTIAO,
    "MP_verify": Verification.Engine.WECHAT,
    "WW_verify": Verification.Engine.WECHAT,
    "shenma": Verification.Engine.SHENMA,
    "google": Verification.Engine.GOOGLE,
}
# Of a value that stands in a tag, and proves something: letters, digits, and what base64 has.
VALUE: Final = re.compile(r"[A-Za-z0-9+/=_.:-]{4,200}")


class Tag(HTMLParser):
    """Reads the tag that an engine has somebody copy."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta" and not self.found and given.get("name"):
            self.found = {"name": given["name"], "content": given.get("content", "")}


class VerificationForm(ModelForm):
    """Takes what an engine gives, as it gives it: its file, its tag, or name and content of either."""

    file = forms.FileField(
        label="平台给的文件",
        required=False,
        help_text="下载后直接在这里选择，下面的名称和内容就不用填了。",
    )

    class Meta:
        help_texts = {
            "content": "也可以把平台给的整个标签粘贴在这里，名称会自动填好。",
        }
        widgets = {"content": forms.Textarea({"rows": 3, "class": "vLargeTextField"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("engine", "name", "content"):
            if name in self.fields:
                self.fields[name].required = False
        if "engine" in self.fields:
            engines: Any = self.fields["engine"]
            engines.choices = [("", "按名称判断"), *Verification.Engine.choices]

    def clean_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data.get("file")
        if file and (file.size or 0) > rootfiles.MOST_BYTES:
            raise ValidationError("验证文件最大 4 KB。")
        return file

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "file" in self.errors:
            return cleaned
        self._take(cleaned)
        name, content = (str(cleaned.get(key) or "").strip() for key in ("name", "content"))
        cleaned["name"] = name
        for key, value in {"name": name, "content": content}.items():
            if not value:
                raise ValidationError({key: "请填写，或选择平台给的文件。"})
        if cleaned.get("way") == Verification.Way.FILE:
            rootfiles.check(name, content)
        else:
            cleaned["content"] = content
            _check_tag(name, content)
        if not cleaned.get("engine"):
            asked = (engine for start, engine in ASKED_BY.items() if name.startswith(start))
            cleaned["engine"] = next(asked, Verification.Engine.OTHER)
        return cleaned

    def _take(self, cleaned: dict[str, Any]) -> None:
        """Fill in what the file or the tag says."""
        if file := cleaned.get("file"):
            content = file.read().decode("utf-8-sig", "replace")
            # PostgreSQL takes no NUL, and UTF-16 has some.
            if {"\0", "\ufffd"}.intersection(content):
                raise ValidationError({"file": "不是文字文件，请重新下载。"})
            cleaned |= {"way": Verification.Way.FILE, "name": file.name, "content": content}
        elif tag := Tag(str(cleaned.get("content") or "")).found:
            cleaned |= {"way": Verification.Way.META, **tag}


def _check_tag(name: str, content: str) -> None:
    if name not in META_NAMES:
        raise ValidationError(
            {"name": f"不认识这个标签。可以用的有：{'、'.join(sorted(META_NAMES))}。"}
        )
    if not VALUE.fullmatch(content):
        raise ValidationError({"content": "标签的内容只有字母、数字和少数符号，请按平台给的粘贴。"})


@admin.register(Verification)
class VerificationAdmin(DeskAdmin):
    form = VerificationForm
    list_display = ("engine", "way", "name", "where")
    list_display_links = ("engine", "name")
    actions = ("delete_selected",)
    fields = ("file", "engine", "way", "name", "content")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Who may only look has no file to choose."""
        return self.fields if self.has_change_permission(request, obj) else self.fields[1:]

    @admin.display(description="在哪里")
    def where(self, row: Verification) -> SafeString:
        path = f"/{row.name}" if row.way == Verification.Way.FILE else "/"
        return format_html('<a href="{}">{}</a>', path, absolute(path))
