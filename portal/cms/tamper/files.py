"""Static files against the digest in their own names: nobody changes one without changing its name."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from hashlib import md5
from pathlib import Path
from typing import Any, Final

import brotli
from django.contrib.staticfiles.storage import staticfiles_storage

# As Django names them: twelve signs of the MD5 of the content, before the extension. Enough to notice a
# file that was changed in place. It would not stop somebody who computes one with the same digest.
HASHED: Final = re.compile(r"\.([0-9a-f]{12})(?:\.[^./]*)?")
# Copies that the web server hands out in place of the file, to browsers that unpack them.
PACKED: Final[tuple[tuple[str, Callable[[bytes], bytes]], ...]] = (
    (".gz", gzip.decompress),
    (".br", brotli.decompress),
)


def changed() -> Iterator[str]:
    """Yield the names of static files whose content is not what their name says; reads all of them.

    Nothing where names hold no digest (DEBUG). A file that is missing endangers nobody.
    """
    storage: Any = staticfiles_storage
    if not hasattr(storage, "load_manifest"):
        return
    # Read anew: a release may have come while this process ran.
    manifest: Any = storage.load_manifest()
    for name in sorted(set(manifest[0].values())):
        match = HASHED.search(name[name.rfind("/") + 1 :])
        path = Path(storage.path(name))
        if match is None or not path.is_file():
            continue
        content = path.read_bytes()
        if md5(content, usedforsecurity=False).hexdigest()[:12] != match[1]:
            yield name
        yield from (f"{name}{end}" for end in _differing(path, content))


def _differing(path: Path, content: bytes) -> Iterator[str]:
    for end, unpack in PACKED:
        packed = path.with_name(path.name + end)
        if not packed.is_file():
            continue
        try:
            same = unpack(packed.read_bytes()) == content
        except (OSError, EOFError, ValueError, brotli.error):
            same = False
        if not same:
            yield end
