"""The originals of licences: private files, for those who keep the licences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import signals
from django.dispatch import receiver

from portal.cms import private
from portal.cms.admin.desk import ModelForm
from portal.cms.private.models import PrivateFile
from staffing.models import Licence

if TYPE_CHECKING:
    from portal.cms.accounts import User

USE: Final = "licence"


def may_open(user: User, file: PrivateFile) -> bool:
    """Without the watermark of the public picture, it is for those who work on it."""
    return (
        user.has_perm("staffing.change_licence") and Licence.objects.filter(original=file).exists()
    )


private.allow(USE, may_open)


class LicenceForm(ModelForm):
    new_original = forms.FileField(
        label="上传原件",
        required=False,
        help_text="PDF、Word、JPG 或 PNG，5 MB 以内。仅内部查看，不会出现在网站上；上传新的会替换旧的。",
    )
    no_original = forms.BooleanField(label="删除现有原件", required=False)
    replaced: PrivateFile | None = None

    def _post_clean(self) -> None:
        """Keep the file last, when nothing else is wrong: one that is refused leaves no row behind."""
        super()._post_clean()  # type: ignore[misc]
        sent = self.cleaned_data.get("new_original")
        if self.errors or not (sent or self.cleaned_data.get("no_original")):
            return
        before = self.instance.original
        try:
            self.instance.original = private.keep(sent, USE) if sent else None
        except ValidationError as error:
            self.add_error("new_original", error)
        else:
            self.replaced = before


@receiver(signals.post_delete, sender=Licence)
def delete_original(instance: Licence, **kwargs: Any) -> None:
    """Nobody could open it any more."""
    if instance.original_id is not None:
        PrivateFile.objects.filter(pk=instance.original_id).delete()
