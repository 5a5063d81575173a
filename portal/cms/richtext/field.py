"""The rich-text model field: cleans on every way in, and records which files its text shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.widgets import AdminTextareaWidget
from django.core import checks
from django.db import models
from django.db.models import signals
from django_prose_editor.fields import ProseEditorField

from portal.cms.media import uses
from portal.cms.richtext.clean import Cleaned, clean
from portal.cms.richtext.config import EXTENSIONS
from portal.cms.richtext.library import pictures
from portal.cms.richtext.widgets import RichTextWidget

if TYPE_CHECKING:  # django-prose-editor publishes no types
    EditorField = models.TextField[str, str]
else:
    EditorField = ProseEditorField


class RichTextField(EditorField):
    """HTML of our allow-list; a plain text column to the database and to migrations.

    Saving cleans the text, whoever saves; `update()` and `bulk_update()` clean too, but only a save
    records the files that the text shows, so they are not for texts that gain or lose pictures.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs |= {"extensions": EXTENSIONS, "sanitize": clean}
        super().__init__(*args, **kwargs)

    def contribute_to_class(
        self, cls: type[models.Model], name: str, private_only: bool = False
    ) -> None:
        super().contribute_to_class(cls, name, private_only=private_only)
        if not cls._meta.abstract:
            # Once a model, however many such fields it has: the handlers look at all of them.
            key = f"richtext:{cls._meta.label}"
            signals.post_save.connect(record_uses, sender=cls, dispatch_uid=key)
            signals.post_delete.connect(release_uses, sender=cls, dispatch_uid=key)

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        return [*super().check(**kwargs), *self._check_primary_key()]

    def _check_primary_key(self) -> list[checks.CheckMessage]:
        """`MediaUse` points at the text by a number."""
        if isinstance(self.model._meta.pk, models.IntegerField):
            return []
        return [
            checks.Error(
                "A model with a RichTextField needs an integer primary key.",
                hint="MediaUse.object_id, which protects pictures in use, is a number.",
                obj=self,
                id="cms.E001",
            )
        ]

    def clean(self, value: Any, instance: models.Model | None) -> Any:
        """Clean before validating: a text that says nothing counts as empty."""
        return super().clean(clean(value) if isinstance(value, str) else value, instance)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = clean(value, pictures)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """The last door before the database, which `update()` and `bulk_update()` pass as well."""
        if isinstance(value, str):
            # A plain string: drivers look at the type, not at what it inherits from.
            value = str(value if isinstance(value, Cleaned) else clean(value))
        return super().get_db_prep_save(value, connection)

    def formfield(self, **kwargs: Any) -> Any:  # type: ignore[override]
        # The admin asks for its own text area.
        if kwargs.get("widget") in (None, AdminTextareaWidget):
            kwargs["widget"] = RichTextWidget
        return super().formfield(**{"sanitize": clean, **kwargs})


def texts_of(model: type[models.Model]) -> list[RichTextField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, RichTextField)]


def record_uses(
    sender: type[models.Model],
    instance: models.Model,
    raw: bool,
    using: str,
    update_fields: frozenset[str] | None,
    **kwargs: Any,
) -> None:
    """After a save: the files that the texts show are in use. Not for fixtures, which bring the rows."""
    fields = texts_of(sender)
    if raw or (update_fields is not None and update_fields.isdisjoint(f.name for f in fields)):
        return
    texts = [clean(getattr(instance, field.attname) or "") for field in fields]
    uses.record(instance, frozenset[int]().union(*(text.files for text in texts)), using)


def release_uses(
    sender: type[models.Model], instance: models.Model, using: str, **kwargs: Any
) -> None:
    """After a deletion for good; what lies in the recycle bin still uses its files."""
    uses.release(instance, using)
