"""Pages of a list, asked for by `?page=`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.core.paginator import EmptyPage, Page, Paginator
from django.http import Http404, HttpRequest

# int() would also read ` 1`, `1_0` and `１`, and each would be one more address of the same page.
NUMBER = re.compile(r"[1-9][0-9]{0,6}", re.ASCII)


class ListPage(Page):  # type: ignore[type-arg]
    """A page that knows which page numbers to offer around its own."""

    @property
    def numbers(self) -> Iterator[int | str]:
        """Page numbers, and `Paginator.ELLIPSIS` where some are left out."""
        return self.paginator.get_elided_page_range(self.number, on_each_side=1, on_ends=1)


class ListPaginator(Paginator):  # type: ignore[type-arg]
    """A paginator of `ListPage`."""

    def _get_page(self, *args: Any, **kwargs: Any) -> ListPage:
        return ListPage(*args, **kwargs)


def page_or_404(request: HttpRequest, items: Any, size: int) -> ListPage:
    """Return the page of `items` that the request asks for; one query that counts, one that reads.

    Raises Http404 for a page there is not, and for what is no number.
    """
    asked = request.GET.get("page") or "1"
    if not NUMBER.fullmatch(asked):
        raise Http404
    try:
        page: ListPage = ListPaginator(items, size).page(int(asked))  # type: ignore[assignment]
    except EmptyPage as error:
        raise Http404 from error
    return page
