"""The door: one view for every public form. It answers with the form, or lets what is sent in.

Whatever is wrong, the page comes back with all that was typed: nobody types a thing twice. But for what
is too large: of that nothing is read (enquiry.js says so before it is sent).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, TypeVar
from urllib.parse import urlencode

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from portal.cms.deadlocks import again_if_deadlocked
from portal.cms.media.admission import UploadError
from portal.cms.outage import Outage, outage_of
from portal.cms.site import current_profile
from portal.cms.visitors import is_from_our_pages
from staffing.incoming import thanks
from staffing.incoming.forms import VisitorForm
from staffing.incoming.token import QUICK, Token
from staffing.incoming.turns import DoubtError, TooOftenError, count_try
from staffing.incoming.visit import Visit
from staffing.models import Form, FormPolicy, Hotline, PrivacyNotice

logger = logging.getLogger(__name__)

# A file of five, and the rest of the form. Looked at before anything of the body is read.
MOST_BYTES: Final = 6 * 1024 * 1024

F = TypeVar("F", bound=VisitorForm)


@dataclass
class Door(Generic[F]):
    """One request for one form.

    `receive` stores what was sent and returns its number; it may raise what `turns` does, and
    UploadError for the file in the box `file`. `options` are further ones of the form. `closed` says why
    nothing is taken any more: who has typed meanwhile is told so, and keeps what was typed.
    """

    request: HttpRequest
    make: type[F]
    receive: Callable[[F, Visit, FormPolicy], str]
    template: str
    initial: dict[str, Any] = field(default_factory=dict)
    context: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    file: str = ""
    closed: str = ""
    kind: Form = field(init=False)
    policy: FormPolicy = field(init=False)
    notices: dict[str, PrivacyNotice] = field(init=False)

    def __post_init__(self) -> None:
        """Two queries."""
        self.kind = self.make.kind
        self.policy = FormPolicy.of(self.kind)
        self.notices = notices_of(self.kind)

    def answer(self) -> HttpResponse:
        """Show the form, or take what was sent. One query to show it, with those of the chrome."""
        if PrivacyNotice.Purpose.HANDLING not in self.notices:
            # Nobody may be asked for anything without being told what for (PIPL §17).
            return self.page(None, 503, "暂时不能在网上提交。", show_phone=True)
        if self.request.method != "POST":
            return self.fresh()
        if int(self.request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
            return self.fresh(413, "文件太大，没有收到。请把文件压缩到 5 MB 以内，重新填写。")
        return self.posted()

    def form(self, *sent: MultiValueDict[str, Any]) -> F:
        return self.make(
            *sent,
            notices=self.notices,
            profile=current_profile(),
            hotline=Hotline.objects.first(),
            initial=self.initial,
            **self.options,
        )

    def fresh(self, status: int = 200, problem: str = "") -> HttpResponse:
        form = self.form()
        form.carry(Token.new(self.kind))
        return self.page(form, status, problem)

    def posted(self) -> HttpResponse:
        form = self.form(self.request.POST, self.request.FILES)
        token = Token.read(form.data.get("token", ""), self.kind)
        if self.closed:
            form.leave_unchecked()
            return self.page(form, 410, self.closed)
        if token is None or token.is_old:
            # Not as if it had been opened now: who presses again at once has read it all.
            form.carry(Token.new(self.kind, open_for=QUICK))
            words = "页面打开的时间太长，为了安全需要再提交一次；您填的内容都还在。"
            return self.page(form, 422, words)
        form.carry(token)
        if not form.is_valid():
            return self.page(form, 422)
        answered = token.is_answered_by(form.answered)
        if token.sums is not None and not answered:
            form.add_error("answer", "答案不对，请再答一次。")
            return self.ask(form, token, "")
        if not answered and (form.is_odd(token) or not is_from_our_pages(self.request)):
            return self.ask(form, token)
        return self.let_in(form, token, Visit.of(self.request, token, certain=answered))

    def let_in(self, form: F, token: Token, visit: Visit) -> HttpResponse:
        try:
            count_try(visit)
            number = again_if_deadlocked(partial(self.receive, form, visit, self.policy))
        except DoubtError:
            return self.ask(form, token)
        except TooOftenError as limited:
            return self.refuse(form, limited)
        except UploadError as error:
            form.add_error(self.file, error)
            return self.page(form, 422)
        except OperationalError as error:
            return self.busy(form, error)
        where = urlencode({"sent": thanks.sign(self.kind, number)})
        # 303: whatever was posted, what comes now is asked for with GET.
        return HttpResponseRedirect(f"{reverse('staffing:thanks')}?{where}", status=303)

    def busy(self, form: F, error: OperationalError) -> HttpResponse:
        """SQLite has one writer, which an import may keep; PostgreSQL may be full, or restarted.

        The token lets it be sent again without being stored twice.
        """
        logger.error("a form could not be stored: %s", error)
        connection.close_if_unusable_or_obsolete()  # the page needs one that works
        words = "网站正忙，还没有收到。您填的内容都在，请过一分钟再提交一次。"
        is_full = outage_of(error) is Outage.FULL
        if is_full:  # which takes longer than a minute, and somebody to clear up
            words = "网站暂时存不下，还没有收到。您填的内容都在，请晚些再提交，或者打电话给我们。"
        response = self.page(form, 503, words, show_phone=is_full)
        response["Retry-After"] = "60"
        return response

    def ask(
        self, form: F, token: Token, words: str = "再回答一个小问题就好，您填的内容都还在。"
    ) -> HttpResponse:
        form.carry(token.asking(), clear_answer=True)
        return self.page(form, 422, words)

    def refuse(self, form: F, limited: TooOftenError) -> HttpResponse:
        when = timezone.localtime(limited.again_at)
        words = f"{limited.words}，请在 {when:%-H:%M} 之后再试。"
        if when.date() != timezone.localdate():
            words = f"{limited.words}，请明天再试。"
        response = self.page(form, 429, words, show_phone=True)
        response["Retry-After"] = str(seconds_until(limited.again_at))
        return response

    def page(
        self, form: F | None, status: int = 200, problem: str = "", *, show_phone: bool = False
    ) -> HttpResponse:
        context = {
            **self.context,
            "form": form,
            "policy": self.policy,
            "problem": problem,
            "show_phone": show_phone,
            "closed": self.closed,
        }
        return render(self.request, self.template, context, status=status)


def notices_of(kind: str) -> dict[str, PrivacyNotice]:
    """Return the notices in force of a form, by purpose; one query."""
    latest: dict[str, PrivacyNotice] = {}
    for notice in PrivacyNotice.objects.in_force().filter(form=kind):
        latest.setdefault(notice.purpose, notice)
    return latest


def seconds_until(moment: datetime) -> int:
    return max(1, int((moment - timezone.now()).total_seconds()))
