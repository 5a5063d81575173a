"""The admin site around the forms: its menu, the desk page, first steps, forgotten passwords.

Django's autodiscovery imports this package; `PortalAdminConfig` names the class.
"""

from __future__ import annotations

from portal.admin.site import PortalAdminSite

__all__ = ["PortalAdminSite"]
