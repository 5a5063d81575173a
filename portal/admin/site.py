"""The admin site: its names, its menu, its desk page and the pages that belong to no model."""

from __future__ import annotations

from collections.abc import Iterable
from functools import wraps
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth import views as auth_views
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.views.i18n import JavaScriptCatalog

from portal.admin import attention, calendar, demo, first_steps, menu, notices, security, status
from portal.admin.matters import MATTERS
from portal.admin.password_reset import AskView, ConfirmView
from portal.cms.accounts import User
from portal.cms.handing_back import Why, admin_of_form, hand_back, puts_back
from portal.cms.private import serving
from portal.cms.signing_in import second_factor
from portal.cms.site import SiteProfile
from portal.demo import loading

# What the desk shows of itself to those who must set up a second factor first.
OPEN_TO_THE_LOCKED = {"security", "logout", "password_change", "password_change_done", "jsi18n"}


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks, which can do nothing with a page."""
    asked = (request.headers.get("Accept", ""), request.content_type or "")
    return any(words.startswith("application/json") for words in asked)


class PortalAdminSite(admin.AdminSite):
    """The admin in the owner's words. Three queries a page besides its own: profile, demo, notices."""

    index_title = "工作台"

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: Any = None,
        **options: Any,
    ) -> None:
        """Register as Django does, and let the list be filtered by what waits for a person."""
        super().register(model_or_iterable, admin_class, **options)
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        for model in models:
            if any(matter.model is model for matter in MATTERS):
                model_admin = self.get_model_admin(model)
                filters = (attention.AttentionFilter, *model_admin.list_filter)
                model_admin.list_filter = filters  # type: ignore[misc]

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("calendar/", self.admin_view(self.calendar), name="calendar"),
            path("notices/", self.admin_view(self.notices), name="notices"),
            path("security/", self.admin_view(self.security), name="security"),
            path("status/", self.admin_view(self.status), name="status"),
            path("files/<token>/", self.admin_view(serving.serve), name="private_file"),
            path("demo/remove/", self.admin_view(self.demo_remove), name="demo_remove"),
            path("password_reset/", self.password_reset, name="password_reset"),
            path("password_reset/done/", self.password_reset_done, name="password_reset_done"),
            path("reset/<uidb64>/<token>/", self.reset_confirm, name="password_reset_confirm"),
            path("reset/done/", self.reset_complete, name="password_reset_complete"),
            *super().get_urls(),
        ]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        # Not `SiteProfile.load()`: looking at a page should not make a row.
        profiles = SiteProfile.objects.select_related("logo")
        profile = profiles.filter(pk=1).first() or SiteProfile(pk=1)
        context = super().each_context(request)
        return {
            **context,
            "profile": profile,
            "site_header": profile.name,
            "site_title": f"{profile.name}后台",
            "demo_loaded": context["has_permission"] and loading.is_loaded(),
            # Counted when the head is rendered: opening a form sees the notices about its item.
            "unseen": SimpleLazyObject(lambda: notices.unseen(cast("User", request.user))),
            "second_factor_due": context["has_permission"]
            and second_factor.due(cast("User", request.user)),
        }

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Hand back what was typed in a form that cannot be taken: no login, no right, no such item.

        What was handed back comes here again as a POST, to be put back into its form. Only pages with a
        form know that; any other would do what it says (`refusal`). Where nothing is, or nothing for this
        person, the desk says so in its own words: the site's own pages are written for readers.
        """
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            refusal = self.refusal(request)
            if refusal is not None:
                return refusal
            try:
                response: HttpResponse = guarded(request, *args, **kwargs)
            except Http404:
                return hand_back(request, Why.GONE) or self.missing(request)
            except PermissionDenied:
                return hand_back(request, Why.DENIED) or self.no_right(request)
            return response

        return answer

    def refusal(self, request: HttpRequest) -> HttpResponse | None:
        """Answer what no view of the desk should get to see; None: go on. Raises BadRequest."""
        if not self.has_permission(request):
            # A login that still holds is that of somebody who is not staff any more.
            why = Why.EXPIRED if request.user.is_anonymous else Why.DENIED
            return hand_back(request, why) if request.method == "POST" else None
        if self.is_locked(request):
            return hand_back(request, Why.FACTOR) or self.to_security(request)
        if puts_back(request) and admin_of_form(request) is None:
            raise BadRequest
        return None

    def is_locked(self, request: HttpRequest) -> bool:
        """Whether this person must set up a second factor before the desk opens any other page."""
        match = request.resolver_match
        if match is not None and match.url_name in OPEN_TO_THE_LOCKED:
            return False
        due = second_factor.due(cast("User", request.user))
        return due is not None and due <= timezone.now()

    def to_security(self, request: HttpRequest) -> HttpResponse:
        if wants_json(request):
            words = "请先设置两步验证，再继续使用后台。"
            return JsonResponse({"error": words}, status=403)
        return redirect("admin:security")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the menu; with a label, the groups that app takes part in."""
        groups = menu.grouped(self._build_app_dict(request))
        return groups if app_label is None else menu.of_app(groups, app_label)

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """The desk: what waits, what is still to set up, the menu, what was done last."""
        response = super().index(request, extra_context)
        shown: dict[str, Any] = response.context_data  # type: ignore[assignment]
        person: Any = request.user
        cards = attention.cards(person)
        shown["cards"] = [card for card in cards if not card.line]
        shown["lines"] = [card for card in cards if card.line]
        shown["steps"] = first_steps.steps(
            person, shown["profile"], demo_loaded=shown["demo_loaded"]
        )
        return response

    def missing(self, request: HttpRequest) -> HttpResponse:
        shown = {**self.each_context(request), "title": "没有找到这个页面"}
        return TemplateResponse(request, "admin/missing.html", shown, status=404)

    def no_right(self, request: HttpRequest) -> HttpResponse:
        """Say so within the desk: the site's own page would lead to its front."""
        shown = {**self.each_context(request), "title": "没有权限"}
        return TemplateResponse(request, "admin/no_right.html", shown, status=403)

    def calendar(self, request: HttpRequest) -> HttpResponse:
        return calendar.show(request, self.each_context(request))

    def notices(self, request: HttpRequest) -> HttpResponse:
        return notices.show(request, self.each_context(request))

    def security(self, request: HttpRequest) -> HttpResponse:
        return security.show(request, self.each_context(request))

    def status(self, request: HttpRequest) -> HttpResponse:
        return status.show(request, self.each_context(request))

    def demo_remove(self, request: HttpRequest) -> HttpResponse:
        return demo.remove(request, self.each_context(request))

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return security.change_password(request, super().password_change, extra_context)

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's catalogue for its scripts, and ours for the words it lacks in Chinese."""
        catalogue = JavaScriptCatalog.as_view(packages=["django.contrib.admin", "portal"])
        return cast("HttpResponse", catalogue(request))

    # --- 忘记密码: for people who are not signed in -------------------------------------------------

    def password_reset(self, request: HttpRequest) -> HttpResponseBase:
        context = self.each_context(request)
        return AskView.as_view(extra_context=context)(request)

    def password_reset_done(self, request: HttpRequest) -> HttpResponseBase:
        view = auth_views.PasswordResetDoneView
        return view.as_view(extra_context=self.each_context(request))(request)

    def reset_confirm(self, request: HttpRequest, uidb64: str, token: str) -> HttpResponseBase:
        view = ConfirmView.as_view(extra_context=self.each_context(request))
        return view(request, uidb64=uidb64, token=token)

    def reset_complete(self, request: HttpRequest) -> HttpResponseBase:
        view = auth_views.PasswordResetCompleteView
        return view.as_view(extra_context=self.each_context(request))(request)
