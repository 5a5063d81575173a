"""To 百度普通收录 and IndexNow: which addresses have changed. One POST each, to hosts that are written here.

The answers are those that both publish; neither service was asked from here.
"""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as clock_time
from email.utils import parsedate_to_datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.utils import timezone

from portal.cms.delivery import robots
from portal.cms.delivery.fates import NotSentError, Taken, TargetError, TooManyError
from portal.cms.delivery.models import SECRETS, DeliveryTarget
from portal.cms.delivery.sending import channel_of
from portal.cms.delivery.topics import Message
from portal.cms.media.fetching import left
from portal.cms.site import absolute

# Until somebody may have put the key or the site right; the desk says what is wrong.
LATER: Final = timedelta(hours=1)
SHORTEST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(days=1)
# A new day of Baidu's begins at midnight in Beijing; its clock and ours may differ.
NEW_DAY: Final = clock_time(0, 5)
QUOTA_USED: Final = "今天的配额用完了，其余的明天继续推送。"


@dataclass(frozen=True)
class Engine:
    """Where an engine listens, what it is sent, and what its answers mean.

    `request` gets the target and the addresses; it returns the rest of the path, the kind of the body,
    and the body. `read` gets the answer, and the subjects by their addresses; it returns what was taken,
    or raises how it was refused.
    """

    host: str
    path: str
    is_secure: bool
    request: Callable[[DeliveryTarget, list[str]], tuple[str, str, str]]
    read: Callable[[robots.Answer, Mapping[str, str]], Taken]


def send(target: DeliveryTarget, message: Message, reference: str) -> Taken:
    """Tell an engine of the paths that are the lines of the message.

    Takes ten seconds at most. Raises what `fates` has, and never the token with it.
    """
    engine = ENGINES[target.kind]
    pattern, wanted = SECRETS[target.kind]
    if not pattern.fullmatch(target.secret):
        raise TargetError(wanted, timezone.now() + LATER)
    subjects = {absolute(path): path for path in message.lines}
    query, kind, text = engine.request(target, list(subjects))
    deadline = time.monotonic() + robots.SECONDS
    with closing(connect(engine, deadline)) as line:
        path = engine.path + query
        answer = robots.exchange(line, engine.host, path, kind, text, deadline)
    return engine.read(answer, subjects)


def connect(engine: Engine, deadline: float) -> socket.socket:
    """Return a line to an engine; nothing was sent yet. Raises NotSentError."""
    if engine.is_secure:
        return robots.connect(engine.host, deadline)
    try:
        return socket.create_connection((engine.host, 80), left(deadline))
    except OSError as error:
        raise NotSentError(f"连接不上 {engine.host}（{type(error).__name__}）。") from error


# --- 百度普通收录 ------------------------------------------------------------------------------------


def baidu_request(target: DeliveryTarget, addresses: list[str]) -> tuple[str, str, str]:
    query = urlencode({"site": target.address, "token": target.secret}, safe=":/")
    return f"?{query}", "text/plain", "\n".join(addresses)


def read_baidu(answer: robots.Answer, subjects: Mapping[str, str]) -> Taken:
    said = answer.json() or {}
    if answer.status == 200 and isinstance(said.get("success"), int):
        return _taken_by_baidu(said, subjects)
    problem = str(said.get("message", ""))
    if "quota" in problem:
        _fewer(subjects)
        raise TargetError(QUOTA_USED, tomorrow())
    if "only 2000" in problem:
        _fewer(subjects)
    if 300 <= answer.status < 500 and answer.status != 429:
        raise TargetError(BAIDU_SAYS.get(problem, _status("百度", answer)), timezone.now() + LATER)
    raise NotSentError(_status("百度", answer))


# What Baidu publishes of its refusals, in words that tell what to do.
BAIDU_SAYS: Final = {
    "site error": "百度没有这个站点：请核对“地址”与搜索资源平台里登记的是否一致。",
    "token is not valid": "百度说密钥不对：请到搜索资源平台复制新的密钥。",
    "not found": "百度的推送接口没有找到（404），请核对站点与密钥。",
}
NOT_OURS: Final = "百度说不是这个站点的网址。"
NOT_VALID: Final = "百度说网址不合法。"
NOT_COUNTED: Final = "百度没有收下这个网址，也没有说原因。"


def _taken_by_baidu(said: dict[str, Any], subjects: Mapping[str, str]) -> Taken:
    others = [address for address in _listed(said, "not_same_site") if address in subjects]
    if others and len(others) == len(subjects):
        raise TargetError(f"{NOT_OURS}请核对“地址”。", timezone.now() + LATER)
    refused = {subjects[address]: NOT_OURS for address in others}
    for address in _listed(said, "not_valid"):
        if address in subjects:
            refused[subjects[address]] = NOT_VALID
    if said["success"] + len(refused) < len(subjects):
        # It does not say which: those that it has taken are told once more.
        _fewer(subjects)
        raise NotSentError(NOT_COUNTED)
    remaining = said.get("remain")
    if not isinstance(remaining, int):
        return Taken(refused)
    # A number of the database's, whatever it says.
    remaining = min(max(remaining, 0), 2**31 - 1)
    if remaining:
        return Taken(refused, remaining)
    return Taken(refused, 0, tomorrow(), QUOTA_USED)


def _listed(said: dict[str, Any], name: str) -> list[str]:
    listed = said.get(name)
    return [str(each) for each in listed] if isinstance(listed, list) else []


def tomorrow() -> datetime:
    day = timezone.localdate() + timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, NEW_DAY))


# --- IndexNow ---------------------------------------------------------------------------------------


def indexnow_request(target: DeliveryTarget, addresses: list[str]) -> tuple[str, str, str]:
    body = {
        "host": urlsplit(settings.SITE_URL).netloc,
        "key": target.secret,
        "keyLocation": absolute(f"/{target.secret}.txt"),
        "urlList": addresses,
    }
    return "", "application/json", json.dumps(body)


def read_indexnow(answer: robots.Answer, subjects: Mapping[str, str]) -> Taken:
    if answer.status in (200, 202):
        return Taken()
    if answer.status == 400:
        _fewer(subjects)
        return Taken(dict.fromkeys(subjects.values(), "IndexNow 说网址不合法（400）。"))
    if answer.status == 429:
        raise TargetError("IndexNow 说推送太频繁，稍后继续。", retry_at(answer))
    if 300 <= answer.status < 500:
        problem = INDEXNOW_SAYS.get(answer.status, _status("IndexNow", answer))
        raise TargetError(problem, timezone.now() + LATER)
    raise NotSentError(_status("IndexNow", answer))


INDEXNOW_SAYS: Final = {
    403: "IndexNow 没有认出密钥：请确认网站能从外网打开，密钥文件在根目录。",
    422: "IndexNow 说网址不属于这个网站，或密钥不符：请核对网站的网址。",
}


def retry_at(answer: robots.Answer) -> datetime:
    """Return when an engine wants to hear from us again: as it says, but today or tomorrow."""
    now, said = timezone.now(), answer.headers.get("Retry-After", "").strip()
    wait = LATER
    if re.fullmatch(r"[0-9]{1,9}", said):
        wait = timedelta(seconds=int(said))
    elif said:
        try:
            at = parsedate_to_datetime(said)
        except ValueError:
            pass
        else:
            wait = (at if timezone.is_aware(at) else timezone.make_aware(at)) - now
    return now + min(max(wait, SHORTEST_PAUSE), LONGEST_PAUSE)


# --- Both -------------------------------------------------------------------------------------------


def _fewer(subjects: Mapping[str, str]) -> None:
    """Raise TooManyError unless there is but one."""
    if len(subjects) > 1:
        raise TooManyError(len(subjects) // 2)


def _status(name: str, answer: robots.Answer) -> str:
    return f"{name}没有接收（状态码 {answer.status}）。"


# By `DeliveryTarget.Kind`.
ENGINES: Final = {
    "baidu": Engine("data.zz.baidu.com", "/urls", False, baidu_request, read_baidu),
    "indexnow": Engine("api.indexnow.org", "/indexnow", True, indexnow_request, read_indexnow),
}
for kind in ENGINES:
    channel_of(kind, send)
