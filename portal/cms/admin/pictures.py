"""Pictures that come with the text of a form, before anything else is made of the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.http import HttpRequest
from django.utils.text import Truncator

from portal.cms.richtext.field import texts_of
from portal.cms.richtext.incoming import bring_in, has_foreign_pictures

if TYPE_CHECKING:
    from portal.cms.admin.publishable import PublishableAdmin

NAMED = 5


def take_in(model_admin: PublishableAdmin, request: HttpRequest) -> None:
    """Bring the pictures of the texts in `request.POST` into the library, and say which were not to be had.

    The editor's script does so while people paste; what arrives here was pasted without it. Whatever
    becomes of the form, its pictures are kept. To be called outside a transaction: it may take the
    better part of a minute, and nobody else could write meanwhile.
    """
    typed = request.POST
    names = [field.name for field in texts_of(model_admin.model)]
    names = [name for name in names if has_foreign_pictures(typed.get(name, ""))]
    if not names:
        return
    missing = []
    changed = typed.copy()
    for name in names:
        text = bring_in(typed[name])
        changed[name] = text.html
        missing += text.missing
    request.POST = changed  # type: ignore[assignment]
    if missing:
        listed = "；".join(
            f"{Truncator(one.address).chars(60)}（{one.reason.rstrip('。')}）"
            for one in missing[:NAMED]
        )
        more = f"；另有 {len(missing) - NAMED} 张" if len(missing) > NAMED else ""
        model_admin.message_user(
            request,
            f"有 {len(missing)} 张图片没有取回，正文里已在原处标出：{listed}{more}。"
            "请另存到电脑后用“插入图片”上传，或删去标记。",
            messages.WARNING,
        )
