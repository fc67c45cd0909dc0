"""Addresses that are never contacted again. A list adds to those; nothing takes one away."""

from django.utils.translation import gettext_lazy as _

from shop.importing.kinds import Column
from shop.importing.writing import Batch, TableHandler

# Everybody with such an address withdraws, in the same transaction: a new address does not bring them back.
PEOPLE = """
SELECT DISTINCT profile.customer_id, CASE WHEN lower(btrim(profile.email)) = w.address THEN 'email' ELSE
    'sms' END AS channel
FROM (SELECT lower(btrim(address)) AS address FROM import_stage JOIN import_work USING (row_no)
      WHERE act <> 'rejected') AS w
JOIN shop_customerprofile AS profile ON lower(btrim(profile.email)) = w.address OR profile.phone = w.address
"""
WITHDRAWN = """
INSERT INTO shop_consent (customer_id, purpose, channel, state, updated_at)
SELECT customer_id, 'marketing', channel, 'withdrawn', now() FROM import_people
UNION SELECT customer_id, 'marketing', channel, 'withdrawn', now() FROM shop_consent
      WHERE purpose = 'marketing' AND state = 'granted' AND customer_id IN (SELECT customer_id FROM
          import_people)
ON CONFLICT (customer_id, purpose, channel) DO UPDATE SET state = 'withdrawn', updated_at =
    excluded.updated_at
WHERE shop_consent.state <> 'withdrawn'
RETURNING id, customer_id, channel
"""


class Suppressions(TableHandler):
    """E-mail addresses and phone numbers, kept as keyed hashes; consent of who has one is withdrawn."""

    name = "suppressions"
    label = _("Suppression list")
    help = _("Addresses that are never contacted again. They are kept as hashes. This cannot be undone.")
    key = ("address",)
    hashed = {"address_hash": "address"}
    table = "shop_suppression"
    undoable = False
    corrects = False
    match = "known.address_hash = s.address_hash AND known.scope = coalesce(s.scope, 'marketing')"
    values = {
        "address_hash": "s.address_hash",
        "scope": "coalesce(s.scope, 'marketing')",
        "reason": "coalesce(s.reason, 'import')",
    }
    created = {"created_at": "now()"}
    checks = {"address:email": "s.address !~ '@' AND s.address !~ '^[+0-9 ()./-]{5,}$'"}
    columns = (
        Column(
            "address",
            _("E-mail or phone"),
            required=True,
            max_length=254,
            example="no-more@example.com",
            aliases=("email", "e_mail", "email_address", "phone", "mobile", "邮箱", "手机", "手机号", "地址"),
            help=_("An e-mail address or a phone number."),
        ),
        Column(
            "scope",
            _("Covers"),
            "choice",
            example="marketing",
            choices=(("marketing", "marketing"), ("all", "all")),
            aliases=("type", "范围"),
        ),
        Column(
            "reason",
            _("Reason"),
            max_length=200,
            example="Asked by phone",
            aliases=("note", "comment", "原因"),
        ),
    )

    def after(self, batch: Batch) -> None:
        batch.temporary("import_people", PEOPLE)
        batch.run(
            f"WITH withdrawn AS ({WITHDRAWN}) INSERT INTO shop_consentevent "
            "(customer_id, purpose, channel, state, source, text_version, at) "
            "SELECT customer_id, 'marketing', channel, 'withdrawn', 'suppression list', '', now() FROM "
            "withdrawn"
        )
