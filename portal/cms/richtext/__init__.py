"""Rich text: one field, one allow-list for editor and sanitiser, one renderer.

The only place of the project that marks HTML as safe.
"""

from __future__ import annotations

from portal.cms.richtext.field import RichTextField

__all__ = ["RichTextField"]
