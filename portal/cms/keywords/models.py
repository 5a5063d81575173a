"""A word, and where it leads."""

from __future__ import annotations

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Lower

from portal.cms.site import URL_OR_PATH


class KeywordLink(models.Model):
    word = models.CharField(
        "关键词",
        max_length=30,
        validators=[MinLengthValidator(2)],
        help_text="正文里出现的原词，两个字以上，例如：劳务派遣。较长的词优先。",
    )
    url = models.CharField(
        "链接到",
        max_length=300,
        validators=[URL_OR_PATH],
        help_text="站内写路径，例如 /services/dispatch/；站外写完整网址。",
    )
    active = models.BooleanField("启用", default=True)

    class Meta:
        verbose_name = "关键词内链"
        verbose_name_plural = "关键词内链"
        ordering = ["word"]
        constraints = [
            # One word leads to one place, however its letters are written.
            models.UniqueConstraint(
                Lower("word"),
                name="cms_keywordlink_word",
                violation_error_message="这个关键词已经有链接了。",
            )
        ]

    def __str__(self) -> str:
        return self.word
