"""Visitors who open a form, take their time, and send it: without cookies, without JavaScript."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import time_machine
from django.test import Client
from django.utils import timezone

from portal.cms.delivery.models import DeliveryTarget
from tests.desk.forms import FormReader

COMPANY = {"company": "深圳市示例电子有限公司", "name": "王女士", "phone": "138 1234 8155"}
CALL_BACK = {"phone": "0755-8882 8155"}
APPLICATION = {"name": "小刘", "phone": "13912345678", "birth_year": "1998"}
TICKET = {"statement": "这个岗位要交 200 元押金。", "phone": "13712345678"}


def opened(client: Client, address: str) -> dict[str, Any]:
    """Open the page of a form; return what the browser would send of it."""
    return typed_in(client.get(address).text)


def typed_in(html: str) -> dict[str, Any]:
    reader = FormReader()
    reader.feed(html)
    return {name: value for name, value in reader.data.items() if name != "q"}


def agreeing(html: str) -> dict[str, str]:
    """The consent that is asked for, given."""
    version = html.split('name="agree" value="')[1].split('"')[0]
    return {"agree": version}


def send(client: Client, address: str, typed: dict[str, Any], *, after: float = 20) -> Any:
    """Open a form, fill it in for so many seconds, and send it."""
    html = client.get(address).text
    data = {**typed_in(html), **agreeing(html), **typed}
    with time_machine.travel(timezone.now() + timedelta(seconds=after), tick=True):
        return client.post(address, data)


def somebody_to_tell(*topics: str) -> DeliveryTarget:
    fields: dict[str, Any] = {"topics": list(topics or ("enquiry", "ticket"))}
    return DeliveryTarget.objects.create(name="业务组", address="amin@example.com", **fields)
