"""Rows of the database as lines of JSON, in Django's own serialisation, and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO, Final

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.serializers import python
from django.core.serializers.base import DeserializationError, DeserializedObject
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from portal.cms.engines import rootfiles
from portal.cms.engines.models import PublicAddress, Verification
from portal.cms.redirects.checking import check_words
from portal.cms.redirects.keys import digest
from portal.cms.redirects.models import Redirect
from portal.cms.revisions.models import AboutItem
from portal.cms.richtext.field import RichTextField
from portal.cms.site import Page
from portal.transfer.sources.records import SourceError
from portal.transfer.whole.carried import BEHIND, CARRIED, Model, label_of
from portal.transfer.whole.contents import check_plain, take_contents
from portal.transfer.whole.schema import LARGEST_ID, fields_of
from staffing.models import Hotline, PrivacyNotice

LONGEST: Final = 64 * 1024 * 1024  # bytes of a line
# What a draft may lack is no reason to refuse a row.
LACKING: Final = frozenset({"blank", "null"})
KINDS: Final = frozenset(label_of(model) for model in CARRIED)
# What Django raises where a value is of another kind than its field.
UNFIT: Final = (
    DeserializationError,
    FieldDoesNotExist,
    ValidationError,
    AttributeError,
    LookupError,
    OverflowError,  # a moment before the calendar begins
    OSError,  # a picture without its width, which Django looks for in the file
    TypeError,
    ValueError,
)


class Encoder(DjangoJSONEncoder):
    """As Django's, but for the microseconds, which it drops: lists are ordered by them."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Serializer(python.Serializer):
    """As Django's, but for what the rows point to."""

    _current: dict[str, Any]

    def handle_fk_field(self, obj: models.Model, field: Any) -> None:
        """Content types by their names, as their numbers differ; nothing for what stays behind."""
        if field.related_model in BEHIND:
            self._current[field.name] = None
        elif field.related_model is ContentType:
            number = getattr(obj, field.attname)
            kind = ContentType.objects.get_for_id(number) if number else None
            self._current[field.name] = kind and list(kind.natural_key())
        else:
            super().handle_fk_field(obj, field)


def line_of(row: models.Model) -> bytes:
    [found] = Serializer().serialize([row])
    text = json.dumps(found, cls=Encoder, ensure_ascii=False, separators=(",", ":"))
    # A title may hold half a character, which a browser sent: no UTF-8 for it.
    return f"{text}\n".encode("utf-8", "replace")


def is_carried(row: models.Model) -> bool:
    """Whether a row is about nothing that stays behind; no query but the first of a kind."""
    for field in row._meta.concrete_fields:
        if field.related_model is ContentType and (number := getattr(row, field.attname)):
            kind = ContentType.objects.get_for_id(number)
            return f"{kind.app_label}.{kind.model}" in KINDS
    return True


def read_rows(stream: BinaryIO, model: Model, part: str) -> Iterator[DeserializedObject]:
    """Yield the rows of a part, each checked by itself. Raises SourceError, which names the line."""
    number = 0
    while line := stream.readline(LONGEST + 1):
        number += 1
        try:
            yield row_of(line, model)
        except UNFIT as error:
            raise unfit(part, number, error) from error


def row_of(line: bytes, model: Model) -> DeserializedObject:
    if len(line) > LONGEST:
        raise ValueError("一行太长")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("不是 JSON") from error
    match found:
        case {"model": str(name), "pk": int(pk), "fields": dict(fields)} if len(found) == 3:
            pass
        case _:
            raise ValueError("不是一条数据")
    if name != label_of(model) or isinstance(pk, bool) or not 0 < pk <= LARGEST_ID:
        raise ValueError("类型或编号不对")
    known = {field.name: field for field in fields_of(model)}
    for name, value in fields.items():
        if name not in known:
            raise ValueError(f"没有字段 {name[:60]}")
        check_goal(known[name], value)
    row: DeserializedObject
    [row] = python.Deserializer([found])
    check(row.object)
    return row


def check_goal(field: Any, value: Any) -> None:
    """Refuse what points to what no export carries. Raises ValueError."""
    if not field.is_relation or field.many_to_many or value is None:
        return
    if field.related_model is ContentType:
        if not (isinstance(value, list) and ".".join(map(str, value)) in KINDS):
            raise ValueError(f"{field.name} 不是导出的内容")
    elif field.related_model in BEHIND or isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{field.name} 应为空或编号")


def check(row: models.Model) -> None:
    """Check what a form would. Raises ValidationError.

    Not the rich texts, which are cleaned on their way into the database; nor what rows point to, which
    may come later: the database looks at that when all are there.
    """
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        for one in value if isinstance(value, list) else [value]:
            check_plain(one)
        if field.is_relation or field.primary_key or isinstance(field, RichTextField):
            continue
        try:
            field.clean(value, row)
        except ValidationError as error:
            found = [one for one in error.error_list if one.code not in LACKING]
            if found:
                raise ValidationError(f"{field.name}：{found[0].messages[0]}") from error
    check_whole(row)


def check_whole(row: models.Model) -> None:
    """Check what the desk would beyond the fields, where the row alone says it; make its keys anew."""
    match row:
        case AboutItem():
            take_contents(row)
        case Redirect():
            if row.kind == Redirect.Kind.PATTERN:
                check_words(row)
            row.make_key()
        case PublicAddress():
            row.key = digest(row.path)
        case Verification(way=Verification.Way.FILE):
            rootfiles.check(row.name, row.content)
        case Page() | Hotline() | PrivacyNotice():
            row.clean()


def unfit(part: str, number: int, error: Exception) -> SourceError:
    """Return what is said of a line that cannot be used."""
    return SourceError(f"{part} 第 {number} 行不能用：{told(error)}。")


def told(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return error.messages[0].rstrip("。")
    if isinstance(error, OverflowError):
        return "数字或时间超出范围"
    return str(error).rstrip("。") or type(error).__name__
