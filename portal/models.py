"""Re-exports only, so that Django finds the models of each capability."""

from __future__ import annotations

from portal.demo.models import DemoItem
from portal.districts.models import DistrictPage

__all__ = ["DemoItem", "DistrictPage"]
