"""Which campaign each order's net revenue is credited to, and the daily figures that follow from it.

Coupon first, by strict lines: a redeemed coupon that names products claims the lines of those products that
were bought with a coupon; one that names none claims every line. What is left goes to the last click or
delivery within its channel's window, and then to no campaign. The credits of an order sum exactly to its
net revenue, so all campaigns and "no campaign" together are the shop's net revenue.
"""

from campaigns.attribution.checking import Difference, Disturbed, differences, rebuild_all
from campaigns.attribution.crediting import linked_redemptions
from campaigns.attribution.days import MODEL, refresh_spend
from campaigns.attribution.refreshing import drain_dirty_keys, rebuild, refresh

__all__ = [
    "MODEL",
    "Difference",
    "Disturbed",
    "differences",
    "drain_dirty_keys",
    "linked_redemptions",
    "rebuild",
    "rebuild_all",
    "refresh",
    "refresh_spend",
]
