"""Accounts and groups: who may sign in, and what they may do."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from cabinet.models import Folder
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, UserCreationForm, UsernameField
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.cms.accounts import User
from portal.cms.admin.desk import DeskAdmin, ModelForm, desk_page, person
from portal.cms.review.models import Notice
from portal.cms.signing_in import second_factor, sessions

# --- Accounts --------------------------------------------------------------------------------------


class PersonForm(ModelForm):
    """An account as a colleague of its owner may change it. `editor` is that colleague."""

    editor: ClassVar[User]

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "username",
            "name",
            "email",
            "groups",
            "is_active",
            "is_superuser",
        )
        field_classes = {"username": UsernameField}
        labels = {"is_active": "可以登录", "is_superuser": "超级管理员"}
        help_texts = {
            "email": "忘记密码时用来收邮件。",
            "groups": "编辑写稿；主编审核、发布；业务管理服务、岗位与证照；站长管理全站与账号。可以多选。",
            "is_active": "取消勾选即停用：不能再登录，写过的内容都保留。账号不删除，只停用。",
            "is_superuser": "拥有全部权限，不受权限组限制。通常只有一位。",
        }

    def clean_email(self) -> str:
        """Refuse an address of another account: a mail for a new password would name two."""
        email: str = self.cleaned_data["email"]
        others = User.objects.exclude(pk=self.instance.pk)
        if email and (other := others.filter(email__iexact=email).first()):
            raise ValidationError(f"这个邮箱已登记在账号“{other}”里。")
        return email

    def clean_is_active(self) -> bool:
        return self._keep_for_oneself("is_active", "不能停用自己的账号。")

    def clean_is_superuser(self) -> bool:
        return self._keep_for_oneself("is_superuser", "不能取消自己的超级管理员身份。")

    def _keep_for_oneself(self, field: str, refusal: str) -> bool:
        """Let nobody lock themselves out; so one superuser who can sign in always stays."""
        value: bool = self.cleaned_data[field]
        if not value and self.instance.pk == self.editor.pk:
            raise ValidationError(refusal)
        return value


class NewPersonForm(PersonForm, UserCreationForm):  # type: ignore[type-arg]
    """A new account, with its first password."""

    class Meta(PersonForm.Meta):
        fields = ("username", "name", "email", "groups")


class NewPasswordForm(AdminPasswordChangeForm):  # type: ignore[type-arg]
    """A new password for somebody else; there is no signing in without one on this site."""

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.fields.pop("usable_password", None)


@admin.register(User)
class PersonAdmin(DeskAdmin, DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted: what they wrote keeps its writer.

    Whoever is no superuser can neither make one nor change one, by any of the forms.
    """

    form = PersonForm
    add_form = NewPersonForm
    add_form_template = None
    change_password_form = NewPasswordForm
    change_user_password_template = "admin/cms/user/change_password.html"  # noqa: S105 - a path
    list_display = ("username", "name", "group_names", "email", "is_active", "last_login")
    list_filter = ("is_active", "groups")
    search_fields = ("username", "name", "email")
    search_help_text = "按用户名、姓名或邮箱搜索"
    readonly_fields = (
        "password_state",
        "factor_state",
        "factor_removal",
        "last_login",
        "date_joined",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "username",
                    "password_state",
                    "factor_state",
                    "factor_removal",
                    "name",
                    "email",
                )
            },
        ),
        ("权限", {"fields": ("groups", "is_active", "is_superuser")}),
        ("记录", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "name", "email", "groups", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description="权限组")
    def group_names(self, user: User) -> str:
        names = [group.name for group in user.groups.all()]
        return "、".join(["超级管理员", *names] if user.is_superuser else names) or "无"

    @admin.display(description="密码")
    def password_state(self, user: User) -> SafeString:
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        state = "已设置" if user.has_usable_password() else "没有密码，不能登录"
        return format_html('{} <a href="{}" class="button">重设密码</a>', state, url)

    @admin.display(description="两步验证")
    def factor_state(self, user: User) -> str:
        if second_factor.has_factor(user):
            return "已启用"
        return "未设置，必须设置" if second_factor.is_required(user) else "未设置"

    @admin.display(description="手机和恢复码都丢了")
    def factor_removal(self, user: User) -> SafeString:
        url = reverse("admin:cms_user_second_factor", args=[user.pk])
        return format_html('<a href="{}" class="button">移除两步验证</a>', url)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.second_factor_view)
        own = path("<int:pk>/second-factor/", view, name="cms_user_second_factor")
        return [own, *super().get_urls()]

    def second_factor_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask (GET), then take the second factor off an account (POST): somebody has lost their phone."""
        user: User = get_object_or_404(User, pk=pk)
        if not self.may_remove_factor(request, user):
            raise PermissionDenied
        if request.method == "POST":
            second_factor.remove(user)
            self.log_change(request, user, "移除了两步验证。")
            told = f"{person(request)}移除了您的两步验证，您在各处的登录也已退出。请重新设置。"
            Notice.objects.create(to=user, item=user, text=told)
            messages.success(request, f"已移除“{user}”的两步验证，并退出了各处的登录。")
            return redirect("admin:cms_user_change", user.pk)
        shown = {"title": "移除两步验证", "original": user}
        return desk_page(self, request, "admin/cms/user/second_factor.html", shown)

    # --- Rights ------------------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        out_of_reach = obj is not None and obj.is_superuser and not person(request).is_superuser
        return not out_of_reach and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def may_remove_factor(self, request: HttpRequest, user: User) -> bool:
        """For superusers, and not of their own account: what takes a code there must not go without."""
        others = person(request).is_superuser and user != person(request)
        return others and second_factor.has_factor(user)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Show the superuser's tick to superusers; a field not shown is not read from a POST."""
        hidden = set() if person(request).is_superuser else {"is_superuser"}
        if obj is not None and not self.has_change_permission(request, obj):
            hidden |= {"password_state", "factor_state"}
        if obj is not None and not self.may_remove_factor(request, obj):
            hidden.add("factor_removal")
        return [
            (name, {**options, "fields": [f for f in options["fields"] if f not in hidden]})
            for name, options in super().get_fieldsets(request, obj)
        ]

    # --- The form ----------------------------------------------------------------------------------

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[Any]]:
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.editor = person(request)
        return form  # type: ignore[no-any-return]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Groups are few: boxes to tick, without Django's signs for making and changing groups."""
        if db_field.name == "groups":
            return db_field.formfield(**{**kwargs, "widget": forms.CheckboxSelectMultiple})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        obj.is_staff = True  # there are no other accounts than those of the desk
        super().save_model(request, obj, form, change)
        if not obj.is_active:
            # They hold no more from now on anyway; so they do not when the account is switched on again.
            sessions.end_all(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Ask somebody who is at work already, and now may change accounts, for a second factor."""
        super().save_related(request, form, formsets, change)
        user = User.objects.get(pk=form.instance.pk)  # anew: its rights were those of before
        if user.last_login is not None:
            second_factor.begin_grace(user)


# --- Groups ----------------------------------------------------------------------------------------

# Django's own admin of groups lists «Can add …»; allauth's show superusers seeds, in English.
admin.site.unregister([Group, Authenticator, EmailAddress, UserSession])

VERBS = {
    "view": "查看",
    "add": "新增",
    "change": "修改",
    "delete": "删除",
    "publish": "发布",
    "review": "审核",
}


def permission_label(permission: Permission) -> str:
    """Return what a permission allows, in Chinese: `文章：发布`. The content type is cached."""
    verb, _, model_name = permission.codename.partition("_")
    kind = permission.content_type
    if kind.model != model_name or verb not in VERBS:
        return f"{kind.name}：{permission.name}"
    return f"{kind.name}：{VERBS[verb]}"


class PermissionsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Permissions by their Chinese labels."""

    def label_from_instance(self, obj: Model) -> str:
        assert isinstance(obj, Permission)  # noqa: S101 - for the type checker
        return permission_label(obj)


@admin.register(Group)
class GroupAdmin(DeskAdmin):
    """Groups and what each may do; only what the desk asks for is offered."""

    list_display = ("name", "members")
    ordering = ("pk",)
    filter_horizontal = ("permissions",)
    readonly_fields = ("permission_labels",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        groups: QuerySet[Any] = super().get_queryset(request)
        counted: QuerySet[Any] = groups.annotate(member_count=Count("user"))
        return counted

    @admin.display(description="人数", ordering="member_count")
    def members(self, group: Any) -> int:
        return int(group.member_count)

    @admin.display(description="权限")
    def permission_labels(self, group: Group) -> str:
        return "；".join(map(permission_label, group.permissions.select_related("content_type")))

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        """Who may only look sees our labels; Django would list the names «Can add …»."""
        may_change = self.has_change_permission(request, obj)
        return ("name", "permissions" if may_change else "permission_labels")

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Ask everybody at work who may now change accounts for a second factor."""
        super().save_related(request, form, formsets, change)
        for user in form.instance.user_set.exclude(last_login=None):
            second_factor.begin_grace(user)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "permissions":
            kwargs |= {"form_class": PermissionsField, "queryset": self.offered(), "help_text": ""}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def offered(self) -> QuerySet[Permission]:
        """Return the permissions some form or list of this admin asks for, and what groups have.

        A group with a right that is not offered could not be saved at all.
        """
        models = {
            Folder._meta.label_lower,
            *(m._meta.label_lower for m in self.admin_site._registry),
        }
        rows = Permission.objects.select_related("content_type")
        known = [row.pk for row in rows if ".".join(row.content_type.natural_key()) in models]
        return rows.filter(Q(pk__in=known) | Q(group__isnull=False)).distinct()

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """A group is deleted empty or not at all: people would lose their rights unawares."""
        if obj is None or obj.user_set.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A group takes only its own list of permissions along; no need to name each row of it."""
        return [str(group) for group in objs], {}, set(), []
