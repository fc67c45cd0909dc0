"""Customers with their addresses and consent. Consent is never raised against what a person said."""

from django.utils.translation import gettext_lazy as _

from shop.importing.handlers.columns import CUSTOMER, EXTERNAL_ID_ALIASES
from shop.importing.kinds import Column
from shop.importing.writing import Batch, Busy, TableHandler
from shop.models import Suppression
from shop.models.people import address_hash

GIVEN = tuple(
    (word, state)
    for state, words in {
        "granted": ("yes", "y", "true", "1", "granted", "subscribed", "opt_in", "opt-in", "on", "是", "同意"),
        "withdrawn": (
            "no",
            "n",
            "false",
            "0",
            "withdrawn",
            "unsubscribed",
            "opt_out",
            "opt-out",
            "off",
            "否",
            "拒绝",
        ),
    }.items()
    for word in words
)
# {field: (purpose, channel)}
CONSENTS = {
    "consent_email": ("marketing", "email"),
    "consent_sms": ("marketing", "sms"),
    "consent_mail": ("marketing", "mail"),
    "consent_any": ("marketing", "any"),
    "consent_profiling": ("profiling", "any"),
}
VALUES = {
    "external_id": "s.external_id",
    "locale": "coalesce(s.language, known.locale, 'en')",
    "time_zone": "coalesce(s.time_zone, known.time_zone, '')",
    "name": "coalesce(s.name, profile.name, '')",
    "email": "coalesce(s.email, profile.email, '')",
    "phone": "coalesce(s.phone, profile.phone, '')",
}
KNOWN = {
    name: f"{'known' if name in ('external_id', 'locale', 'time_zone') else 'profile'}.{name}"
    for name in VALUES
}

ASKED = """
SELECT s.row_no, asked.field, asked.purpose, asked.channel, asked.state, known.id AS known_id, now.state
    AS was,
       asked.state = 'granted' AND (
           EXISTS (SELECT FROM shop_consent AS one WHERE one.customer_id = known.id AND one.purpose =
               asked.purpose
                   AND one.state = 'withdrawn' AND (one.channel IN (asked.channel, 'any') OR asked.channel
                       = 'any'))
           OR EXISTS (SELECT FROM shop_suppression WHERE address_hash IN (s.email_hash, s.phone_hash))
           OR s.row_no = ANY(%(suppressed)s)
       ) AS refused
FROM import_stage AS s
CROSS JOIN LATERAL (VALUES {fields}) AS asked (field, purpose, channel, state)
LEFT JOIN shop_customer AS known ON known.external_id = s.external_id
LEFT JOIN shop_consent AS now ON now.customer_id = known.id AND now.purpose = asked.purpose
      AND now.channel = asked.channel
WHERE asked.state IS NOT NULL
"""
WORK = """
SELECT *, CASE WHEN faults <> '{{}}' THEN 'rejected' WHEN known_id IS NULL THEN 'new'
               WHEN NOT ({same}) OR consents THEN 'changed' ELSE 'unchanged' END AS act
FROM (
    SELECT s.row_no, known.id AS known_id, {columns}, coalesce(asked.consents, false) AS consents,
           coalesce(asked.k_consent, '{{}}') AS k_consent, coalesce(asked.v_consent, '{{}}') AS v_consent,
               s.consent_at,
           coalesce(asked.refused, '{{}}') || CASE WHEN known.erased_at IS NOT NULL
               THEN ARRAY['external_id:unknown_customer'] ELSE '{{}}'::text[] END AS faults
    FROM import_stage AS s
    LEFT JOIN shop_customer AS known ON known.external_id = s.external_id
    LEFT JOIN shop_customerprofile AS profile ON profile.customer_id = known.id
    LEFT JOIN (
        SELECT row_no, bool_or(was IS DISTINCT FROM state) AS consents,
               jsonb_object_agg(field, was) FILTER (WHERE was IS NOT NULL) AS k_consent,
               jsonb_object_agg(field, state) AS v_consent,
               array_agg(field || ':suppressed') FILTER (WHERE refused) AS refused
        FROM import_asked GROUP BY row_no
    ) AS asked USING (row_no)
) AS found
"""
NEW = """
INSERT INTO shop_customer (external_id, locale, time_zone, attributes, created_at)
SELECT v_external_id, v_locale, v_time_zone, '{}', now() FROM import_work WHERE act = 'new' ORDER BY row_no
ON CONFLICT DO NOTHING
"""
PROFILES = """
INSERT INTO shop_customerprofile (customer_id, name, email, phone, synthetic)
SELECT who.id, w.v_name, w.v_email, w.v_phone, false
FROM import_work AS w JOIN shop_customer AS who ON who.external_id = w.v_external_id
LEFT JOIN shop_customerprofile AS there ON there.customer_id = who.id
WHERE w.act IN ('new', 'changed') AND there.customer_id IS NULL
"""
CHANGED_PROFILES = """
SELECT profile.customer_id FROM import_work AS w JOIN shop_customerprofile AS profile ON
    profile.customer_id = w.known_id
WHERE w.act = 'changed' AND (profile.name, profile.email, profile.phone) IS DISTINCT FROM (w.v_name,
    w.v_email, w.v_phone)
"""
CHANGED = """
SELECT known.id FROM import_work AS w JOIN shop_customer AS known ON known.id = w.known_id
WHERE w.act = 'changed' AND (known.locale, known.time_zone) IS DISTINCT FROM (w.v_locale, w.v_time_zone)
"""
# What differs from what is known now, with the customers that were just made.
CONSENT_CHANGES = """
SELECT who.id AS customer_id, asked.purpose, asked.channel, asked.state, coalesce(w.consent_at, now()) AS at
FROM import_asked AS asked JOIN import_work AS w USING (row_no)
JOIN shop_customer AS who ON who.external_id = w.v_external_id
WHERE w.act IN ('new', 'changed') AND asked.was IS DISTINCT FROM asked.state
"""


class Customers(TableHandler):
    """People, their addresses and what they agreed to. An empty cell leaves what is known as it is."""

    name = "customers"
    label = _("Customers with consent")
    help = _(
        "An empty cell leaves what is known as it is. Consent is never given for somebody who withdrew it "
        "or whose address is suppressed."
    )
    key = ("external_id",)
    hashed = {"email_hash": "email", "phone_hash": "phone"}
    table = "shop_customer"
    tables = {
        "shop_consentevent": "id",
        "shop_consent": "id",
        "shop_customerprofile": "customer_id",
        "shop_customer": "id",
    }
    columns = (
        Column(
            "external_id",
            _("Customer"),
            required=True,
            max_length=64,
            example="C-1001",
            aliases=("customer", *CUSTOMER.aliases, *EXTERNAL_ID_ALIASES),
            help=_("The customer's external id."),
        ),
        Column(
            "name",
            _("Name"),
            max_length=200,
            example="Ada Example",
            aliases=("full_name", "customer_name", "姓名", "名字", "客户姓名"),
        ),
        Column(
            "email",
            _("E-mail"),
            "email",
            max_length=254,
            example="ada@example.com",
            aliases=("e_mail", "email_address", "mail", "邮箱", "电子邮件"),
        ),
        Column(
            "phone",
            _("Phone"),
            max_length=32,
            example="+1 555 0100",
            aliases=("telephone", "mobile", "手机", "手机号", "电话"),
        ),
        Column("language", _("Language"), max_length=12, example="en", aliases=("locale", "lang", "语言")),
        Column(
            "time_zone",
            _("Time zone"),
            max_length=64,
            example="America/New_York",
            aliases=("timezone", "tz", "时区"),
        ),
        Column(
            "consent_email",
            _("Consent to e-mail"),
            "choice",
            choices=GIVEN,
            example="yes",
            aliases=(
                "email_consent",
                "email_opt_in",
                "accepts_marketing",
                "newsletter",
                "subscribed",
                "邮件同意",
            ),
        ),
        Column(
            "consent_sms",
            _("Consent to SMS"),
            "choice",
            choices=GIVEN,
            example="",
            aliases=("sms_consent", "sms_opt_in", "短信同意"),
        ),
        Column(
            "consent_mail",
            _("Consent to post"),
            "choice",
            choices=GIVEN,
            example="",
            aliases=("mail_consent", "post_consent", "postal_consent"),
        ),
        Column(
            "consent_any",
            _("Consent to any channel"),
            "choice",
            choices=GIVEN,
            example="",
            aliases=("consent", "marketing_consent", "opt_in", "营销同意"),
        ),
        Column(
            "consent_profiling",
            _("Consent to profiling"),
            "choice",
            choices=GIVEN,
            example="",
            aliases=("profiling_consent", "profiling"),
        ),
        Column(
            "consent_at",
            _("Consent given at"),
            "time",
            example="2026-01-15T09:00:00Z",
            aliases=("consent_time", "consent_date", "opt_in_at", "同意时间"),
        ),
    )

    def resolve(self, batch: Batch) -> None:
        fields = ", ".join(
            f"('{field}', '{purpose}', '{channel}', s.{field})"
            for field, (purpose, channel) in CONSENTS.items()
        )
        batch.looked_up("import_asked", ASKED.format(fields=fields), suppressed=self._suppressed(batch))
        columns = [f"{value} AS v_{name}" for name, value in VALUES.items()]
        columns += [f"{value} AS k_{name}" for name, value in KNOWN.items()]
        same = " AND ".join(f"coalesce(k_{name}, '') = v_{name}" for name in VALUES)
        batch.looked_up("import_work", WORK.format(same=same, columns=", ".join(columns)))

    def _suppressed(self, batch: Batch) -> list[int]:
        """Return the rows that ask for consent of somebody whose stored address is suppressed."""
        if not Suppression.objects.exists() or not batch.mapped & CONSENTS.keys():
            return []
        hashes = set(Suppression.objects.values_list("address_hash", flat=True))
        wanted = " OR ".join(f"s.{field} = 'granted'" for field in CONSENTS)
        rows = batch.rows(
            "SELECT s.row_no, profile.email, profile.phone FROM import_stage AS s "
            "JOIN shop_customer AS known ON known.external_id = s.external_id "
            f"JOIN shop_customerprofile AS profile ON profile.customer_id = known.id WHERE {wanted}"
        )
        return [row for row, *found in rows if {address_hash(one) for one in found if one} & hashes]

    def write(self, batch: Batch) -> None:
        [(expected,)] = batch.rows("SELECT count(*) FROM import_work WHERE act = 'new'")
        if batch.keep_created("shop_customer", NEW) != expected:
            raise Busy
        batch.keep_before("shop_customer", CHANGED)
        batch.run(
            "UPDATE shop_customer AS t SET locale = w.v_locale, time_zone = w.v_time_zone FROM "
            "import_work AS w "
            f"WHERE t.id = w.known_id AND t.id IN ({CHANGED})"
        )
        batch.keep_before("shop_customerprofile", CHANGED_PROFILES, "customer_id")
        batch.run(
            "UPDATE shop_customerprofile AS t SET name = w.v_name, email = w.v_email, phone = w.v_phone "
            "FROM import_work AS w WHERE t.customer_id = w.known_id AND t.customer_id IN "
            f"({CHANGED_PROFILES})"
        )
        batch.keep_created("shop_customerprofile", PROFILES, "customer_id")
        if batch.mapped & CONSENTS.keys():
            self._consents(batch)

    def _consents(self, batch: Batch) -> None:
        batch.temporary("import_consent", CONSENT_CHANGES)
        batch.keep_before(
            "shop_consent",
            "SELECT one.id FROM shop_consent AS one JOIN import_consent USING (customer_id, purpose, "
            "channel)",
        )
        # Whoever withdraws at this moment wins: the row that is there then is not raised.
        batch.run(
            "UPDATE shop_consent AS t SET state = c.state, updated_at = now() FROM import_consent AS c "
            "WHERE (t.customer_id, t.purpose, t.channel) = (c.customer_id, c.purpose, c.channel) "
            "AND (c.state = 'withdrawn' OR t.state <> 'withdrawn')"
        )
        batch.keep_created(
            "shop_consent",
            "INSERT INTO shop_consent (customer_id, purpose, channel, state, updated_at) "
            "SELECT customer_id, purpose, channel, state, now() FROM import_consent AS c WHERE NOT EXISTS ("
            "SELECT FROM shop_consent AS t WHERE (t.customer_id, t.purpose, t.channel) = "
            "(c.customer_id, c.purpose, c.channel)) ON CONFLICT DO NOTHING",
        )
        batch.keep_created(
            "shop_consentevent",
            "INSERT INTO shop_consentevent (customer_id, purpose, channel, state, source, text_version, at) "
            "SELECT customer_id, purpose, channel, state, 'import ' || %(source)s, '', at FROM "
            "import_consent",
        )
