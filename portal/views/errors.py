"""Answers to what went wrong: each says what happened, and how to go on."""

from __future__ import annotations

import logging
import sys
from datetime import datetime
from math import ceil
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import Error
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponsePermanentRedirect,
)
from django.shortcuts import render
from django.urls import Resolver404
from django.utils import timezone

from portal import desk
from portal.cms.addresses import FILES
from portal.cms.engines.looking import OWN_REQUEST
from portal.cms.handing_back import Why, hand_back
from portal.cms.outage import Outage, outage_of
from portal.cms.publishing import Gone
from portal.cms.redirects import counting
from portal.cms.redirects.finding import Answer, answer_for
from portal.cms.redirects.keys import with_campaign
from portal.cms.redirects.lost import suggest, words_of
from portal.cms.seeing import requests
from portal.views.pages import is_address_of_page

logger = logging.getLogger(__name__)


# What is said while something outside of our code is in the way: the words, and when to try again.
OUTAGES = {
    Outage.BUSY: (
        "网站正忙，还没有保存",
        "网站正在写入大量内容，例如导入旧文章。请过一分钟再提交一次。",
        60,
    ),
    Outage.FULL: (
        "磁盘已满，没有保存",
        "服务器的磁盘没有空间了，已有的内容都在。请联系站长清理磁盘，然后再提交一次。",
        60,
    ),
    Outage.AWAY: (
        "数据库暂时连不上",
        "刚才的操作没有完成。数据库恢复后网站会自动恢复，请过半分钟再试。",
        30,
    ),
    Outage.FILES: (
        "图片和文件的存储暂时连不上",
        "刚才的操作没有完成。存储恢复后网站会自动恢复，请过半分钟再试。",
        30,
    ),
}


def bare(template: str, status: int, **context: Any) -> HttpResponse:
    """Return a page that needs neither the database nor the request: whatever broke may be broken here.

    It shows the number under which the log has the request, and nothing of what went wrong.
    """
    context["number"] = requests.current()
    response = render(None, template, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400, also for bodies over the limit."""
    return bare("400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return bare("403.html", 403)


def stale_form(request: HttpRequest) -> HttpResponse:
    """403 for a form without its token, or without a login where its size needs one."""
    return bare("403.html", 403, stale_form=True)


def too_large(request: HttpRequest) -> HttpResponse:
    """413. The body stays unread."""
    return bare("413.html", 413)


def too_many(request: HttpRequest, again_at: datetime | None = None) -> HttpResponse:
    """429 for who has done something too often; where it is known, with when it may be done again."""
    wait = max(1, round((again_at - timezone.now()).total_seconds())) if again_at else 60
    response = bare("429.html", 429, minutes=ceil(wait / 60))
    response["Retry-After"] = str(wait)
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form of the desk without its token: an old tab, or cookies switched off.

    It gets back what was typed: its token is void after every login. Not where another site has sent
    it: that text would stand there as the visitor's own, one click from their form. 405 for all other
    pages, which only show something: the token is looked for before the view could say so.
    """
    if not desk.is_asked_for(request):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    sender = sender_of(request)
    is_ours = sender in (settings.SITE_URL, f"{request.scheme}://{request.get_host()}")
    if is_ours or not sender:
        handed_back = hand_back(request, Why.EXPIRED, is_ours=is_ours)
        if handed_back is not None:
            return handed_back
    return stale_form(request)


def sender_of(request: HttpRequest) -> str:
    """Return the origin of the page that sent a form; "" where the browser says nothing of it.

    No page can have a browser say something else. `null` is one that is not to be told, not ours.
    """
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site"):
        return "null"
    if "Origin" in request.headers:
        return request.headers["Origin"]
    try:
        page = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return "null"
    return f"{page.scheme}://{page.netloc}" if page.netloc else ""


def not_found(request: HttpRequest, exception: Http404) -> HttpResponse:
    """301 for an old address that leads somewhere. Else 404; 410 where what was there is gone.

    Without the database: a bare page. The address of a page without its slash leads to the page. Costs a
    few queries for the redirect, those of the chrome, and those of a search where the address has words
    to look for; one more for a single word without a slash. For a file, whose answer no reader sees, the
    redirect's alone.
    """
    gone = isinstance(exception, Gone)
    path = request.path_info
    is_file = path.startswith((settings.MEDIA_URL, settings.STATIC_URL))
    # A list that has no such page: its address is right, and there is nothing to look for.
    match = request.resolver_match
    listing = bool(
        match and match.view_name not in FILES and {"page", "before"} & request.GET.keys()
    )
    try:
        if isinstance(exception, Resolver404) and is_address_of_page(f"{path}/"):
            return HttpResponsePermanentRedirect(request.get_full_path(force_append_slash=True))
        if (answer := old_address(request)) is not None:
            if answer.location:
                return moved(answer.location, request.META.get("QUERY_STRING", ""))
            gone = True
        elif not gone and not listing and not is_file:
            note_missed(request)
        if is_file:
            return missing_file(gone=gone)
        suggestions = [] if listing else suggest(path)
        context = {
            "gone": gone,
            "listing": listing,
            # Words that have just found nothing are no help in the field.
            "query": " ".join(words_of(path)) if suggestions else "",
            "suggestions": suggestions,
            "number": requests.current(),
        }
        return render(request, "404.html", context, status=410 if gone else 404)
    except Error:
        if is_file:
            return missing_file(gone=gone)
        logger.warning("a missing page, and no database to help on with", exc_info=True)
        status = 410 if gone else 404
        return bare("404_bare.html", status, gone=gone, code=status)


def missing_file(*, gone: bool) -> HttpResponse:
    return HttpResponse("没有这个文件。", "text/plain; charset=utf-8", 410 if gone else 404)


def old_address(request: HttpRequest) -> Answer | None:
    """Return what is answered in place of 404, and count it; None for the desk, and for what is sent."""
    if request.method not in ("GET", "HEAD") or is_closed(request):
        return None
    answer = answer_for(request.path_info, request.META.get("QUERY_STRING", ""))
    if answer is not None and answer.row is not None:
        counting.hit(answer.row)
    return answer


def moved(location: str, query: str) -> HttpResponse:
    """301, asked for again after an hour: people change their minds, and browsers would never ask.

    To a page of ours with the campaign that was paid for; what another site makes of it nobody knows.
    """
    if location.startswith("/"):
        location = with_campaign(location, query)
    response = HttpResponsePermanentRedirect(location)
    # Not for proxies: they would count no visit.
    response["Cache-Control"] = "private, max-age=3600"
    return response


def note_missed(request: HttpRequest) -> None:
    if request.method in ("GET", "HEAD") and not is_closed(request):
        query = request.META.get("QUERY_STRING", "")
        counting.miss(request.path_info, query, request.headers.get("Referer", ""))


def is_closed(request: HttpRequest) -> bool:
    """Whether nobody is led on here, and nobody counted: at the desk, at a preview, for the nightly look."""
    is_preview = f"{request.path_info}/".startswith("/preview/")
    return desk.leads_there(request) or is_preview or OWN_REQUEST in request.META


def unavailable(outage: Outage) -> HttpResponse:
    """503 while the database or the files are in no state to answer: to be tried again."""
    title, words, wait = OUTAGES[outage]
    response = bare("503.html", 503, title=title, words=words)
    response["Retry-After"] = str(wait)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500; 503 where the fault is not ours.

    Errors outside of views come here alone: of a session, of a middleware, of what all pages show.
    """
    outage = outage_of(sys.exc_info()[1])
    return unavailable(outage) if outage else bare("500.html", 500)
