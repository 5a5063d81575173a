"""Where counting.js tells that somebody taps on a number."""

from __future__ import annotations

from typing import Final

from django.db import OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.cms import limits
from portal.cms.locking import waiting_little
from portal.cms.visitors import address_of, is_crawler, is_from_our_pages
from staffing.hotlines.counting import count
from staffing.incoming.visit import kept_path

BRIEFLY: Final = 0.05  # seconds
AN_HOUR: Final = 30
A_DAY: Final = 100


@csrf_exempt  # pages are cached for everybody and carry no token; see `is_from_our_pages`
@require_POST
def called(request: HttpRequest) -> HttpResponse:
    """Count a tap on a telephone link: 204, whether it counts or not; 403 for another site's page.

    It counts for no crawler, for no page that cannot be one of ours, and so often an hour for one
    address. While a writer is in the way it is not counted either: a count is worth no waiting.
    """
    if not is_from_our_pages(request):
        return HttpResponse(status=403)
    page = kept_path(request.POST.get("page", ""))
    if page and not is_crawler(request.headers.get("User-Agent", "")):
        try:
            with waiting_little(BRIEFLY), transaction.atomic():
                if limits.take("calls", address_of(request), hour=AN_HOUR, day=A_DAY).allowed:
                    count(page)
        except OperationalError:
            pass
    return HttpResponse(status=204)
