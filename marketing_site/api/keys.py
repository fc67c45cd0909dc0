"""Who calls the API: a partner's key with its scopes, or a signed-in user with their permissions."""

from typing import Any, cast

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from shop.models import ApiKey

WORD = "Api-Key"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Api-Key <key>`. The caller is the key itself (request.auth), never a user."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, ApiKey] | None:
        word, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if word.lower() != WORD.lower():
            return None
        try:
            key = cast(ApiKey, ApiKey.objects.get_from_key(secret.strip()))
        except ApiKey.DoesNotExist as error:
            raise AuthenticationFailed(_("This API key is unknown, revoked or expired.")) from error
        if key.has_expired:
            raise AuthenticationFailed(_("This API key is unknown, revoked or expired."))
        return AnonymousUser(), key

    def authenticate_header(self, request: Request) -> str:
        return WORD


class KeyScheme(OpenApiAuthenticationExtension):
    """How the OpenAPI document names the key."""

    target_class = "marketing_site.api.keys.KeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": f"`{WORD} <key>`. Administrators create keys with the scopes that a tool needs.",
        }


class HasScope(BasePermission):
    """A key needs `<scope>:read` or `<scope>:write` of the view; a user the permission of its model.

    A view says `scope = "products"`, and `user_permissions = {"read": …, "write": …}`.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        act = "read" if request.method in SAFE_METHODS else "write"
        if isinstance(request.auth, ApiKey):
            return request.auth.may(f"{view.scope}:{act}")
        user = request.user
        return bool(user.is_authenticated and user.has_perm(view.user_permissions[act]))


class KeyThrottle(SimpleRateThrottle):
    """So many calls a minute for each key; users in the browser are not counted."""

    scope = "key"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        return f"api-throttle:{request.auth.pk}" if isinstance(request.auth, ApiKey) else None
