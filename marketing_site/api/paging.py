"""How lists come: page by page after a key, so that page 5,000 costs what page 1 costs."""

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Oldest id first; `next` holds the whole address of the following page."""

    ordering = "pk"
    page_size = 100
    max_page_size = 1000
    page_size_query_param = "page_size"
