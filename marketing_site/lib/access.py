"""Who may open a view: signed in, and holding the permission its action needs."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase

from marketing_site.lib.htmx import Request

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]


def allowed(permission: str) -> Callable[[View[P]], View[P]]:
    """Send strangers to the login page and refuse (403) users who lack `permission`."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.has_perm(permission):
                raise PermissionDenied(permission)
            return view(request, *args, **kwargs)

        return login_required(guarded)

    return decorate
