"""Whole pages, kept in memory and answered in front of Django, to everybody who is not signed in.

A worker keeps what it has rendered as long as nothing on the site changes. That ends with an *epoch*:
when content is saved anywhere (`epochs.content_changed` counts that in the database, in the same
transaction; every worker looks twice a second), and when a moment comes at which pages change by the
clock (`epochs.upcoming`). No worker has to reach another, so one machine and ten agree alike.

A view joins by `cacheable` (`views`); `wsgi.PageCache` stands around the application in `portal.wsgi`.
"""

from __future__ import annotations
