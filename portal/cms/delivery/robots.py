"""Group chat robots: 企业微信, 钉钉, 飞书. One POST of JSON each, to hosts that are written here.

The formats are written down as their makers published them and were not tried against the services
from here: the desk can send a test message to see.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException, HTTPMessage, HTTPResponse
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote_plus, urlsplit

from portal.cms.delivery.fates import NotSentError, UnclearError
from portal.cms.media.fetching import TimedLine, left

if TYPE_CHECKING:
    from portal.cms.delivery.models import DeliveryTarget
    from portal.cms.delivery.topics import Message

SECONDS = 10.0  # for one message, all in all
MOST_ANSWER = 64 * 1024
BUSY = frozenset({429, 503})

Json = dict[str, Any]


@dataclass(frozen=True)
class Robot:
    """Where a maker's robots listen, what they are sent, and the word for «taken» in their answer."""

    host: str
    path: str
    request: Callable[[str, str], tuple[str, Json]]  # text, secret → more of the address, body
    code: str

    @property
    def url(self) -> str:
        return f"https://{self.host}{self.path}"

    def accepts(self, address: str) -> bool:
        """Whether an address is that of one of these robots, and of nothing else."""
        plain = address.isascii() and address.isprintable() and " " not in address
        return plain and address.startswith(self.url) and len(address) > len(self.url)


def wecom(text: str, secret: str) -> tuple[str, Json]:
    return "", {"msgtype": "text", "text": {"content": text}}


def dingtalk(text: str, secret: str) -> tuple[str, Json]:
    body: Json = {"msgtype": "text", "text": {"content": text}}
    if not secret:
        return "", body
    stamp = str(round(time.time() * 1000))
    sign = signature(secret.encode(), f"{stamp}\n{secret}".encode())
    return f"&timestamp={stamp}&sign={quote_plus(sign)}", body


def feishu(text: str, secret: str) -> tuple[str, Json]:
    body: Json = {"msg_type": "text", "content": {"text": text}}
    if secret:
        stamp = str(round(time.time()))
        # Unlike 钉钉, what is signed is nothing, and the key is everything.
        body |= {"timestamp": stamp, "sign": signature(f"{stamp}\n{secret}".encode(), b"")}
    return "", body


def signature(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()


# By `DeliveryTarget.Kind`.
ROBOTS: dict[str, Robot] = {
    "wecom": Robot("qyapi.weixin.qq.com", "/cgi-bin/webhook/send?key=", wecom, "errcode"),
    "dingtalk": Robot("oapi.dingtalk.com", "/robot/send?access_token=", dingtalk, "errcode"),
    "feishu": Robot("open.feishu.cn", "/open-apis/bot/v2/hook/", feishu, "code"),
}


def send(target: DeliveryTarget, message: Message, reference: str) -> None:
    """Let the robot say it. Takes ten seconds at most. Raises NotSentError, UnclearError."""
    robot = ROBOTS[target.kind]
    address = target.address.strip()
    if not robot.accepts(address):
        raise NotSentError("机器人的网址不对，请在“通知对象”里重新粘贴。")
    more, body = robot.request(message.text(), target.secret)
    parts = urlsplit(address + more)
    deadline = time.monotonic() + SECONDS
    with closing(connect(robot.host, deadline)) as line:
        answer = post(line, robot.host, f"{parts.path}?{parts.query}".rstrip("?"), body, deadline)
    if robot.code not in answer:
        raise UnclearError(f"{robot.host} 的回答里没有 {robot.code}，看不懂。")
    if answer[robot.code] != 0:
        raise NotSentError(f"对方没有接收（{robot.code} {answer[robot.code]!s:.20}）。")


def connect(host: str, deadline: float) -> socket.socket:
    """Return a line to a host that has shown its certificate. Until then nothing was sent."""
    try:
        line = socket.create_connection(endpoint(host), left(deadline))
        try:
            line.settimeout(left(deadline))
            return tls().wrap_socket(line, server_hostname=host)
        except OSError:
            line.close()
            raise
    except OSError as error:  # names, time-outs and certificates too
        raise NotSentError(f"连接不上 {host}（{type(error).__name__}）。") from error


def endpoint(host: str) -> tuple[str, int]:
    return host, 443


@cache
def tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def post(line: socket.socket, host: str, path: str, body: Json, deadline: float) -> Json:
    """Post JSON, and return what the answer says."""
    text = json.dumps(body, ensure_ascii=False)
    answer = exchange(line, host, path, "application/json", text, deadline)
    if 300 <= answer.status < 500 or answer.status in BUSY:
        raise NotSentError(f"{host} 没有接收（状态码 {answer.status}）。")
    said = answer.json()
    if answer.status != 200 or said is None:
        raise UnclearError(f"{host} 的回答看不懂（状态码 {answer.status}）。")
    return said


class Answer(NamedTuple):
    """What was answered to a POST, as far as it is read."""

    status: int
    headers: HTTPMessage
    content: bytes

    def json(self) -> Json | None:
        """Return the object that it is; None where it is none."""
        try:
            said = json.loads(self.content)
        except (ValueError, RecursionError):
            return None
        return said if isinstance(said, dict) else None


def exchange(
    line: socket.socket, host: str, path: str, kind: str, text: str, deadline: float
) -> Answer:
    """Post a text, and return the answer; a redirect is one, too, and is not followed.

    From the first byte on, silence means that nobody knows: UnclearError.
    """
    connection = HTTPConnection(host)
    connection.sock = line
    headers = {"Content-Type": f"{kind}; charset=utf-8", "Connection": "close"}
    try:
        line.settimeout(left(deadline))
        connection.request("POST", path, text.encode(), headers)
        response = HTTPResponse(TimedLine(line, deadline), method="POST")  # type: ignore[arg-type]
        response.begin()
        content = bytearray()
        while len(content) < MOST_ANSWER and (chunk := response.read1(MOST_ANSWER)):
            content += chunk
    except (OSError, HTTPException) as error:
        raise UnclearError(f"{host} 没有回答（{type(error).__name__}）。") from error
    return Answer(response.status, response.headers, bytes(content))
