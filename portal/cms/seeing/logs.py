"""How a line of the log is written: with the number of its request, without anybody's personal data.

Loaded with the settings: imports no models.
"""

from __future__ import annotations

import json
import logging
import re
import socket
from datetime import UTC, datetime
from typing import Any, Final

from portal.cms.seeing import requests

NODE: Final = socket.gethostname()
# What a message may hold by accident: of an exception, of the address that was asked for. Too much is
# better hidden than too little.
PERSONAL: Final = (
    # What PostgreSQL says of a row that it refuses: the values, or all of it.
    (re.compile(r"(?ms)Failing row contains \(.*?\)\.$"), "[内容]"),
    (re.compile(r"(?:DETAIL|描述|详细信息):.*"), "[内容]"),
    # A segment of an address that opens something: of a new password, of a preview.
    (re.compile(r"(?<=/)[\w:.=-]{24,}(?=[/\s?\"']|$)"), "[令牌]"),
    # Addresses of mail; and a name with a password in front of a host.
    (re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*"), "[邮箱]"),
    (re.compile(r"(?<!\d)\d{6}[ -]?\d{8}[ -]?\d{3}[\dXx](?![\dXx])"), "[证件号]"),
    (re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), "[电话]"),
    (re.compile(r"(?<![A-Za-z0-9-])0\d{2,3}[ -]?\d{7,8}(?!\d)"), "[电话]"),
)


def without_personal_data(text: str) -> str:
    for pattern, instead in PERSONAL:
        text = pattern.sub(instead, text)
    return text


class LineFormatter(logging.Formatter):
    """One line for people: moment, level, logger, number of the request, message; then the traceback."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}{number}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        number = requests.current()
        record.number = f" [{number}]" if number else ""
        record.message = without_personal_data(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return without_personal_data(super().formatException(ei))


class JsonFormatter(logging.Formatter):
    """One JSON object a line, for programs; `fields` of a record (`extra`) stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_personal_data(record.getMessage()),
            "id": requests.current(),
            "node": NODE,
        }
        for name, value in getattr(record, "fields", {}).items():
            line[name] = without_personal_data(value) if isinstance(value, str) else value
        if record.exc_info:
            line["error"] = without_personal_data(self.formatException(record.exc_info))
        # Whatever it is, the line is written.
        return json.dumps(line, ensure_ascii=False, default=str)
