"""How the desk shows what became of a message."""

from __future__ import annotations

from typing import Final

from django.utils.safestring import SafeString

from portal.cms.admin.lists import badge
from portal.cms.delivery.models import Delivery

# By state, the tone of its word.
TONES: Final = {
    Delivery.State.PENDING: "scheduled",
    Delivery.State.SENDING: "scheduled",
    Delivery.State.DELIVERED: "live",
    Delivery.State.UNCLEAR: "in_review",
    Delivery.State.FAILED: "expired",
    Delivery.State.DROPPED: "draft",
}


def delivery_badge(delivery: Delivery) -> SafeString:
    return badge(delivery.get_state_display(), TONES[Delivery.State(delivery.state)])
