"""Which models are checked, and what is looked at in each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core import checks as system_checks

from portal.cms.compliance.models import Place
from portal.cms.publishing import Publishable

if TYPE_CHECKING:
    from portal.cms.compliance.findings import Finding
    from portal.cms.compliance.reading import Manuscript

    Rule = Callable[[Manuscript], Iterator[Finding]]


@dataclass(frozen=True)
class Checks:
    """What is looked at in the items of one model.

    `texts` and, for the rows of a part, `parts` name the fields whose words are read, and the place
    they count as. `is_regulation` says whether an item is the text of a regulation.
    """

    texts: Mapping[str, Place]
    rules: tuple[Rule, ...]
    parts: Mapping[str, Mapping[str, Place]] = field(default_factory=dict)
    is_regulation: Callable[[Any], bool] = lambda item: False


_checks: dict[type[Publishable], Checks] = {}


def register(model: type[Publishable], checks: Checks) -> None:
    """Have the items of `model` checked. A field that the model lacks is an error at start."""
    for name in checks.texts:
        model._meta.get_field(name)
    for part, columns in checks.parts.items():
        related: Any = model._meta.get_field(part).related_model
        for name in columns:
            related._meta.get_field(name)
    _checks[model] = checks


def checks_of(model: type[Publishable]) -> Checks:
    return _checks[model]


@system_checks.register
def check_every_model_is_registered(
    app_configs: Sequence[Any] | None, **kwargs: Any
) -> list[system_checks.CheckMessage]:
    """Whoever adds something that is published decides what is read before that."""
    return [
        system_checks.Error(
            f"{model._meta.label} is publishable, but nothing of it is checked.",
            hint="Call compliance.register.register(model, Checks(…)) in the app's compliance.py.",
            obj=model,
            id="cms.E020",
        )
        for model in apps.get_models()
        if issubclass(model, Publishable) and model not in _checks
    ]
