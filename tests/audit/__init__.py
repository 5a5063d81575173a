"""`make audit`: the site in demo clothes, judged by the checkers that others would hold up to it.

vnu reads the HTML and the style sheets, axe looks at each page in light and dark on a phone and on a
desktop, Lighthouse loads the public ones on a slow phone. `make audit ONLY=vnu` runs one of the three.
"""

from __future__ import annotations
