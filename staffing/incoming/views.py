"""What the views of all public forms have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from portal.cms.addresses import own_path

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def form_view(view: View[P]) -> View[P]:
    """Make a view that of a form for strangers: kept nowhere, named in no report of an error.

    And without Django's CSRF token, which needs a cookie: the form has a signed one of its own, and
    nobody's session is looked at.
    """
    guarded = require_http_methods(["GET", "HEAD", "POST"])(view)
    guarded = sensitive_post_parameters()(guarded)
    result: View[P] = csrf_exempt(never_cache(guarded))
    return result


def came_from(request: HttpRequest) -> str:
    """The page that led here, as `?from=` names it."""
    return own_path(request.GET.get("from", ""))
