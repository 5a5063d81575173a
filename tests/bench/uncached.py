"""The site without the page cache in front: what a page costs that has to be made."""

from __future__ import annotations

from portal.wsgi import application_to_serve

application = application_to_serve(keeps_pages=False)
