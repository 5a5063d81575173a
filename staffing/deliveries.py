"""What the worker does for this app: messages to colleagues, and work that comes back."""

from __future__ import annotations

from portal.cms.delivery.due import periodic
from staffing.hotlines import calendar

periodic("calendar", "更新节假日与调休", calendar.refresh, every=calendar.EVERY)
