"""What somebody is asked who complains, or wants something taken down."""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http.request import validate_host

from portal.cms.addresses import own_path
from portal.cms.phones import PhoneFormField
from staffing.incoming.forms import LineField, TextField, VisitorForm, name_field
from staffing.models import Form

NEITHER: Final = "电话和邮箱请至少填一个，我们好答复您。"
# A picture or a paper of the library: no page, and what people want taken down.
FILE: Final = re.compile(rf"{re.escape(settings.MEDIA_URL)}[\w./-]{{1,180}}", re.ASCII)


class PageField(LineField):
    """The address of one of our pages or files, as it stands in the browser, or its path alone."""

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        try:
            address = urlsplit(text if "//" in text or text.startswith("/") else f"//{text}")
            host = address.hostname
        except ValueError:
            host = "nobody's"
        if host is None or validate_host(host, settings.ALLOWED_HOSTS):
            path = address.path or "/"
            # `/media/../admin/` is no file.
            is_file = FILE.fullmatch(path) and ".." not in path
            found = path if is_file else own_path(path)
            if found:
                return found
        raise ValidationError("请填写本站页面的网址，可以从浏览器的地址栏复制。")


class TicketForm(VisitorForm):
    prose = ("statement",)

    page = PageField(
        label="哪个页面",
        max_length=1800,
        help_text="本站的网址，可以从浏览器的地址栏复制；图片也可以填图片的网址。",
        error_messages={"required": "请填写要处理的页面的网址。"},
    )
    statement = TextField(
        label="情况说明",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请说明是什么情况。"},
    )
    name = name_field(required=False)
    phone = PhoneFormField(
        label="联系电话",
        required=False,
        max_length=40,
        help_text="电话和邮箱至少填一个，用来答复您。",
    )
    email = forms.EmailField(
        label="邮箱",
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "请填写完整的邮箱地址，例如 name@example.com。"},
    )
    proof = forms.FileField(
        label="证明材料",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".pdf,.doc,.docx,.jpg,.jpeg,.png"}),
        help_text="PDF、Word 或照片，5 MB 以内。请遮住身份证号等无关信息。",
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        boxes = ("phone", "email")
        if not any(cleaned.get(name) or name in self.errors for name in boxes):
            self.add_error("phone", NEITHER)
        return cleaned


class ComplaintForm(TicketForm):
    """Something on the site, or of the agency's work, is wrong."""

    kind = Form.COMPLAINT
    first = ("statement", "page", "phone", "email", "name", "proof")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["page"].required = False


class TakedownForm(TicketForm):
    """Somebody whose right a page violates wants it taken down."""

    kind = Form.TAKEDOWN
    first = ("page", "right", "statement", "name", "organisation", "phone", "email", "proof")

    name = name_field()
    organisation = LineField(
        label="单位",
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    right = LineField(
        label="您的权利",
        max_length=200,
        help_text="例如：我是这篇文章的作者；照片里的人是我。",
        error_messages={"required": "请说明您对这个内容有什么权利。"},
    )
