"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from staffing.models.hotline import Hotline, HotlineHours
from staffing.models.job import District, Job
from staffing.models.licence import Licence
from staffing.models.service import Faq, Service

__all__ = ["District", "Faq", "Hotline", "HotlineHours", "Job", "Licence", "Service"]
