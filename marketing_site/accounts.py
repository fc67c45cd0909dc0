"""How people sign in: by e-mail address, with an account that an administrator made for them."""

from ipaddress import ip_address, ip_network
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class StaffAdapter(DefaultAccountAdapter):
    """Accounts without self sign-up; failures say in plain words what to do."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is switched off. Ask your administrator."),
        "email_password_mismatch": _(
            "The e-mail address and the password do not belong together. Check both, or reset the password."
        ),
        "too_many_login_attempts": _(
            "Too many sign-ins have failed. Wait five minutes, then try again, or reset the password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the caller's network (IPv4 /24, IPv6 /64): sign-ins are throttled per subnet."""
        caller = super().get_client_ip(request)
        prefix = 24 if ip_address(caller).version == 4 else 64
        return str(ip_network(f"{caller}/{prefix}", strict=False).network_address)

    def format_email_subject(self, subject: str) -> str:
        return f"Liftwright: {subject}"

    def add_message(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Say nothing on signing in and out: the page that follows shows it."""
        template = kwargs.get("message_template") or (args[1] if len(args) > 1 else "")
        if template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(request, *args, **kwargs)
