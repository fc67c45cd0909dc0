"""What the demo data does not say and the demo assumes. Every page that shows it calls it an assumption."""

# Share of the price that is left after the cost of goods, by department of the source; cost follows from it.
MARGINS = {
    "COSMETICS": 0.40, "DELI": 0.45, "DRUG GM": 0.32, "FLORAL": 0.45, "GARDEN CENTER": 0.40, "GROCERY": 0.26,
    "MEAT": 0.24, "MEAT-PCKGD": 0.28, "NUTRITION": 0.34, "PASTRY": 0.50, "PRODUCE": 0.40, "SALAD BAR": 0.55,
    "SEAFOOD": 0.30, "SEAFOOD-PCKGD": 0.30, "SPIRITS": 0.25,
}  # fmt: skip
OTHER_MARGIN = 0.30

# A price is the median of the shelf prices in this many weeks up to the product's last sale.
PRICE_WEEKS = 26

# Bookkeeping rather than goods: their lines count as money, and no campaign offers them.
NOT_OFFERED_DEPARTMENTS = ("FUEL", "MISCELLANEOUS", "COUPON", "CHARITABLE CONT", "CNTRL/STORE SUP")
NOT_OFFERED_CATEGORIES = (
    "COUPON/MISC ITEMS",
    "COUPONS/STORE & MFG",
    "COUPON",
    "FUEL",
    "BOTTLE DEPOSITS",
    "TICKETS",
)

# A redeemed coupon whose line names no value costs what its code usually does, or else this.
COUPON_FACE_VALUE = 1.00

# The small demo takes the households whose number ends in 0, with all that they ever bought.
SMALL_SAMPLE = 10
