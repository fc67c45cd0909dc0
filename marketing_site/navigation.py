"""Which pages the frame links to: those that exist and that this person may open."""

from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Page:
    """A page of the navigation, in the order of the work."""

    name: str
    label: Promise
    icon: str
    permission: str
    keys: str = ""
    # A view that answers with a bare number, shown beside the link.
    count: str = ""
    phone: bool = False


@dataclass(frozen=True)
class Link:
    """A page as one person sees it on one address."""

    label: Promise
    icon: str
    url: str
    keys: str
    count_url: str
    current: bool
    phone: bool


PAGES = (
    Page("campaigns:home", _("Home"), "layout-dashboard", "campaigns.view_campaign", "g h", phone=True),
    Page(
        "campaigns:campaign_list", _("Campaigns"), "megaphone", "campaigns.view_campaign", "g c",
        phone=True,
    ),
    Page(
        "generation:review_list", _("Review"), "list-checks", "generation.view_variant", "g r",
        count="generation:review_count", phone=True,
    ),
    Page("generation:run_list", _("Generation"), "sparkles", "generation.view_run", "g w"),
    Page("generation:learning_sets", _("Learning"), "graduation-cap", "generation.view_dataset"),
    Page("campaigns:segment_list", _("Segments"), "users", "campaigns.view_segment", "g s"),
    Page("shop:product_list", _("Products"), "package", "shop.view_product", "g p", phone=True),
    Page("shop:customer_list", _("Customers"), "contact", "shop.view_customer"),
    Page("campaigns:retention", _("Reports"), "chart-line", "shop.view_order", "g e"),
    Page("campaigns:spend_list", _("Spend"), "receipt", "campaigns.view_spend"),
    Page("shop:import_list", _("Data"), "upload", "shop.view_importfile", "g d"),
    Page("campaigns:brand_voice_list", _("Brand voices"), "quote", "campaigns.view_brandvoice"),
    Page("shop:demo", _("About the demo data"), "database", "shop.view_product"),
)  # fmt: skip
SETTINGS = (Page("admin:index", _("Settings"), "settings", ""),)
# Reached through the palette alone.
REMOTE = (
    Page("account_change_password", _("Change password"), "key-round", ""),
    Page("api_docs", _("API documentation"), "braces", ""),
)


class Navigation:
    """The links of one request; each list is worked out when a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request

    @cached_property
    def pages(self) -> list[Link]:
        user = self.request.user
        return self._links([page for page in PAGES if user.has_perm(page.permission)])

    @cached_property
    def settings(self) -> list[Link]:
        return self._links(SETTINGS) if self.request.user.is_staff else []

    @property
    def phone(self) -> list[Link]:
        return [link for link in self.pages if link.phone]

    @property
    def everything(self) -> list[Link]:
        return self.pages + self.settings + self._links(REMOTE)

    def _links(self, pages: "list[Page] | tuple[Page, ...]") -> list[Link]:
        found = []
        for page in pages:
            if url := address(page.name):
                current = self._is_current(url)
                count_url = address(page.count) if page.count else ""
                found.append(Link(page.label, page.icon, url, page.keys, count_url, current, page.phone))
        return found

    def _is_current(self, url: str) -> bool:
        path = self.request.path
        return path == url or (url != "/" and path.startswith(url))


def address(name: str) -> str:
    """Return the address of a page, or "" where it does not exist."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
