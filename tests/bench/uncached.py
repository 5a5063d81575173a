"""The site without the page cache in front: what a page costs that has to be made."""

from __future__ import annotations

from portal.wsgi import application as site

# With DEBUG there is no cache to take off.
application = getattr(site, "application", site)
