"""Private files: CVs, originals of licences, proofs. Nothing here has an address of its own.

They lie outside `/media/`, under names that say nothing, and are had by a link that is good for five
minutes and for one person, who must hold the right to the file when it is followed, too. What that
right is, and who notes that a file was opened, says whoever keeps files for a use (`allow`).
"""

from __future__ import annotations

from portal.cms.private.keeping import admitted, keep
from portal.cms.private.links import url
from portal.cms.private.uses import allow

__all__ = ["admitted", "allow", "keep", "url"]
