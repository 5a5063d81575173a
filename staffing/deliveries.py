"""What the worker does for this app: messages to colleagues, and work that comes back."""

from __future__ import annotations

from portal.cms.delivery.due import periodic
from staffing.enquiries import deliveries as enquiries
from staffing.hotlines import calendar
from staffing.licences import alerts, originals
from staffing.privacy import erasing, files
from staffing.tickets import deliveries as tickets

__all__ = [
    "alerts",
    "enquiries",
    "erasing",
    "files",
    "originals",
    "tickets",
]  # imported so that they register what they do

periodic("calendar", "更新节假日与调休", calendar.refresh, every=calendar.EVERY)
