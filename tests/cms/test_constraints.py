"""What the database itself holds to, whoever writes past forms and models: each rule is broken once.

The rules are read off the models: a new one without a way to break it here fails.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Values = dict[str, Any]

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
DAY = date(2026, 11, 24)
PHONE = {"phone": "+8613800138000"}

VALUES: dict[type[models.Field[Any, Any]], Callable[[int], Any]] = {
    models.ForeignKey: int,
    models.IntegerField: int,
    models.DecimalField: int,
    models.DateTimeField: lambda number: NOW + timedelta(days=number),
    models.DateField: lambda number: DAY + timedelta(days=number),
    models.UUIDField: lambda number: UUID(int=number),
    models.JSONField: lambda number: {},
    models.BooleanField: lambda number: False,
}
# What a row needs besides what its columns ask for (see `row`).
WHOLE: dict[str, Values] = {
    "articles.ranking": {"pk": 1},
    "cms.mediafile": {"download_file": "2026/a.pdf"},
    "cms.redirect": {"target": "/articles/"},
    "cms.siteprofile": {"pk": 1},
    "staffing.enquiry": {"kind": "call_back", **PHONE},
    "staffing.hotline": {"number": "+8613800138000"},
    "staffing.hotlinehours": {"opens": time(9), "closes": time(18)},
    "staffing.ticket": PHONE,
}

# A rule by its name, or by the end of it where many models have it → what breaks it.
BREAKS: dict[str, Values] = {
    "_dated": {"status": "published"},
    "_expires_after_live": {"go_live_at": NOW, "expire_at": NOW},
    "_known_status": {"status": "else"},
    "_single": {"pk": 2},
    "_item_whole": {"content_type_id": 1, "object_id": None},
    "cms_delivery_lease": {"state": "sending"},
    "cms_delivery_sent": {"state": "delivered"},
    "cms_delivery_state": {"state": "else"},
    "cms_mediafile_one_file": {"download_file": ""},
    "cms_pendingdraft_scheduled_dated": {"status": "scheduled"},
    "cms_redirect_goal": {"target": ""},
    "staffing_consent_order": {"given_at": NOW, "withdrawn_at": NOW - timedelta(days=1)},
    "staffing_contributionrate_base": {"base_min": 2, "base_max": 1},
    "staffing_contributionrate_kind": {"kind": "else"},
    "staffing_contributionrate_percent": {"employer_percent": 101},
    "staffing_enquiry_age": {"kind": "application"},
    "staffing_enquiry_closed": {"status": "won"},
    "staffing_enquiry_erased": {"erased_at": NOW},
    "staffing_enquiry_kind": {"kind": "else"},
    "staffing_enquiry_phone": {"phone": ""},
    "staffing_enquiry_status": {"status": "else"},
    "staffing_formpolicy_known": {"form": "else"},
    "staffing_formpolicy_retention": {"retention_days": 0},
    "staffing_hotlinehours_day": {"opens": time(9), "closes": time(9)},
    "staffing_hotlinehours_span": {"first_day": 5, "last_day": 2},
    "staffing_job_age": {"age_min": 15},
    "staffing_job_hourly": {"hourly_min": 0},
    "staffing_job_known": {"employer_type": "else"},
    "staffing_job_pay": {"pay_min": 2, "pay_max": 1},
    "staffing_licence_kind": {"kind": "else"},
    "staffing_licence_term": {"valid_from": DAY, "valid_to": DAY},
    "staffing_minimumwage_positive": {"monthly": 0},
    "staffing_privacynotice_purpose": {"purpose": "forwarding"},
    "staffing_service_price_positive": {"price_from": 0},
    "staffing_specialday_kind": {"kind": "else"},
    "staffing_ticket_contact": {"phone": ""},
    "staffing_ticket_decided": {"status": "closed"},
    "staffing_ticket_erased": {"erased_at": NOW},
    "staffing_ticket_kind": {"kind": "else"},
    "staffing_ticket_status": {"status": "else", "decision": "reject"},
    "staffing_ticket_whole": {"content_type_id": 1},
}
# Where a row that breaks the one breaks the other as well.
ALSO = {"staffing_enquiry_status": "staffing_enquiry_closed"}

# What two rows have in common that may not, besides the columns the rule names.
TWICE: dict[str, Values] = {
    "articles_article_legacy_id": {"legacy_id": "1"},
    "cms_keywordlink_word": {"word": "用工"},
    "cms_verification_file_once": {"way": "file"},
    "cms_verification_tag_once": {"way": "meta"},
    "staffing_hotline_primary": {"primary": True},
    "staffing_job_external_id": {"external_id": "A1"},
}

OURS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith(("portal.", "articles.", "staffing."))
]


def constraints(kind: type[models.BaseConstraint]) -> list[Any]:
    return [
        pytest.param(model, constraint, id=constraint.name)
        for model in OURS
        for constraint in model._meta.constraints
        if isinstance(constraint, kind)
    ]


def row(model: type[models.Model], number: int, /, **values: Any) -> models.Model:
    """A row that lacks nothing; one of another number differs in all that may differ.

    What it points at need not be there: that is asked at the end of a transaction, which never comes.
    """
    filled = {
        field.attname: value_of(field, number)
        for field in model._meta.concrete_fields
        if not isinstance(field, models.AutoField)
    }
    return model(**{**filled, **WHOLE.get(model._meta.label_lower, {}), **values})


def value_of(field: Any, number: int) -> Any:
    if field.has_default() or field.null:
        return field.get_default()
    if field.choices and not field.blank:
        return field.flatchoices[0][0]
    for kind, value in VALUES.items():
        if isinstance(field, kind):
            return value(number)
    return "" if field.blank else f"{number}甲"


@pytest.fixture(autouse=True)
def nothing_stays() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def write(*rows: models.Model) -> None:
    """Write rows as code does that is in a hurry: past `save` and `full_clean`."""
    with transaction.atomic():
        type(rows[0])._base_manager.bulk_create(rows)


def alone(model: type[models.Model]) -> None:
    """Take away what a new site begins with."""
    model._base_manager.all()._raw_delete(connection.alias)


@pytest.mark.parametrize(("model", "rule"), constraints(models.CheckConstraint))
def test_a_row_that_breaks_a_rule_is_refused(
    model: type[models.Model], rule: models.CheckConstraint
) -> None:
    broken = BREAKS[max(filter(rule.name.endswith, BREAKS), key=len)]
    alone(model)
    write(row(model, 1))
    alone(model)

    with pytest.raises(IntegrityError) as refused:
        write(row(model, 1, **broken))

    assert {rule.name, ALSO.get(rule.name, rule.name)} & set(words_of(refused.value))


@pytest.mark.parametrize(("model", "rule"), constraints(models.UniqueConstraint))
def test_what_is_there_once_is_refused_a_second_time(
    model: type[models.Model], rule: models.UniqueConstraint
) -> None:
    fields = [model._meta.get_field(name) for name in rule.fields]
    named = {field.attname: value_of(field, 1) for field in fields}  # type: ignore[union-attr]
    same = named | TWICE.get(rule.name, {})
    alone(model)
    write(row(model, 1, **same))

    with pytest.raises(IntegrityError) as refused:
        write(row(model, 2, **same))

    columns = {f"{model._meta.db_table}.{field.column}" for field in fields}  # type: ignore[union-attr]
    words = set(words_of(refused.value))
    assert rule.name in words or (columns and columns <= words)


def test_no_way_to_break_a_rule_is_left_of_one_that_is_gone() -> None:
    names = [rule.name for model in OURS for rule in model._meta.constraints]

    assert all(any(name.endswith(ending) for name in names) for ending in BREAKS)
    assert set(TWICE) <= set(names)


def words_of(error: Exception) -> list[str]:
    """Return the names in what an engine says: SQLite tells the columns of what must be unique."""
    return str(error).replace('"', " ").replace("'", " ").replace(",", " ").split()
