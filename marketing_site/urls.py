"""Where every page lives."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from marketing_site import views
from marketing_site.api.router import files, router

# The admin has no sign-in page of its own: one door, one throttle.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Of django-allauth only what people with a given account need: no sign-up, no change of address.
account_patterns: list[URLPattern] = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/done/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
frame_patterns = [
    path("setup/", views.setup, name="setup"),
    path("search/", views.search, name="search"),
    path("theme/", views.theme, name="theme"),
    path("session/", views.session_check, name="session_check"),
]
api_patterns: list[URLPattern | URLResolver] = [
    path("v1/", include(([*router.urls, *files], "api"))),
    path("schema/", SpectacularAPIView.as_view(), name="api_schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api_schema"), name="api_docs"),
]
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("campaigns.urls")),
    path("", include("shop.urls")),
    path("", include("generation.urls")),
    *frame_patterns,
    path("accounts/", include(account_patterns)),
    path("language/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("api/", include(api_patterns)),
]

handler400 = "marketing_site.errors.bad_request"
handler403 = "marketing_site.errors.forbidden"
handler404 = "marketing_site.errors.not_found"
handler429 = "marketing_site.errors.too_many_requests"
handler500 = "marketing_site.errors.server_error"
