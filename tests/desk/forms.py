"""Forms of the admin, filled in and sent as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any, TypeVar

from django.db.models import Model
from django.test import Client
from django.urls import reverse

from portal.cms.admin.verbs import CONFIRMED

M = TypeVar("M", bound=Model)


class FormReader(HTMLParser):
    """Collects the values of all controls of the page, but no buttons and no unticked boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Any] = {}
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "textarea":
            self.area = name
            self.data[name] = ""
        elif tag == "select":
            self.select = name
            self.data.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self.data[self.select] = given.get("value") or ""
        elif tag == "input" and name:
            self.read_input(name, given)

    def read_input(self, name: str, given: dict[str, str | None]) -> None:
        kind = given.get("type", "text")
        value = given.get("value") or ""
        if kind == "checkbox":
            if "checked" in given:
                self.data.setdefault(name, []).append(value or "on")
        elif kind == "radio":
            if "checked" in given:
                self.data[name] = value
        elif kind not in {"submit", "button", "file"}:
            self.data[name] = value

    def handle_data(self, data: str) -> None:
        if self.area:
            self.data[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.data[self.area] = self.data[self.area].removeprefix("\n")
            self.area = ""


def values(response: Any) -> dict[str, Any]:
    """Return what the form on this page would send as it stands."""
    reader = FormReader()
    reader.feed(response.content.decode())
    return {name: value for name, value in reader.data.items() if name != "csrfmiddlewaretoken"}


def url(model: str, view: str, *args: Any) -> str:
    return reverse(f"admin:{model}_{view}", args=args)


def form_of(item: Model) -> str:
    return url(item._meta.label_lower.replace(".", "_"), "change", item.pk)


def fresh(item: M) -> M:
    """Return the item as the database has it now."""
    return type(item)._default_manager.get(pk=item.pk)


def press(client: Client, address: str, button: str, **changes: Any) -> Any:
    """Open the form at `address`, change some of its values, and press a button."""
    data = {**values(client.get(address)), button: "1", **changes}
    return client.post(address, {name: value for name, value in data.items() if value is not None})


def agree(client: Client, address: str, button: str, **changes: Any) -> Any:
    """Press a button that asks first, and say yes, as a browser with JavaScript does."""
    return press(client, address, button, **changes, **{button: CONFIRMED})


def say_yes(client: Client, question: str) -> Any:
    """Answer the page that asks where there is no JavaScript."""
    return client.post(question, values(client.get(question)))


def act(client: Client, address: str, action: str, *items: Any, **more: Any) -> Any:
    """Tick items of a list and run an action on them."""
    ticked = {"action": action, "_selected_action": [item.pk for item in items], "index": 0}
    return client.post(address, {**ticked, **more}, follow=True)


def said(response: Any) -> str:
    """Return the messages shown on the page that a redirect led to."""
    return " ".join(str(message) for message in response.context["messages"])
