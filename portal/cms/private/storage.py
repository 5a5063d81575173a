"""Where private files lie: in a folder of DATA_DIR that only the site's own user can read."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.files.storage import FileSystemStorage, Storage, storages


class PrivateStorage(FileSystemStorage):
    """Files below PRIVATE_ROOT, without an address: Django's own class would give them one of /media/."""

    def __init__(self, **options: Any) -> None:
        super().__init__(file_permissions_mode=0o600, directory_permissions_mode=0o700, **options)

    @property
    def base_location(self) -> str:
        return os.fspath(settings.PRIVATE_ROOT)

    @property
    def location(self) -> str:
        return os.path.abspath(self.base_location)

    def url(self, name: str | None) -> str:
        raise ValueError("a private file has no address; see portal.cms.private.url")


def private_storage() -> Storage:
    """Return the storage of the settings: a callable, so that no migration names a folder."""
    return storages["private"]
