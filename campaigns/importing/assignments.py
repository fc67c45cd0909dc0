"""Who of a campaign that ran elsewhere was treated and who was held out: what its lift is measured from."""

from django.utils.translation import gettext_lazy as _

from campaigns.importing.naming import CAMPAIGN, JOIN, find_campaigns
from shop.importing.handlers.columns import CUSTOMER
from shop.importing.kinds import Column
from shop.importing.writing import Batch, TableHandler, stub_customers, unknown

ARMS = (
    *(
        (word, "treated")
        for word in ("treated", "treatment", "test", "exposed", "1", "yes", "实验组", "处理组")
    ),
    *(
        (word, "held_out")
        for word in ("held_out", "holdout", "hold-out", "control", "0", "no", "对照组", "保留组")
    ),
)


class AssignmentFile(TableHandler):
    """Arms of a campaign's customers. An arm that is stored stays: changing it would change the result."""

    name = "assignments"
    label = _("Assignments of a campaign run elsewhere")
    help = _("Who was treated and who was held out. An audience that was frozen here cannot be added to.")
    orphans = ("reject", "stub")
    key = ("campaign", "customer")
    table = "campaigns_assignment"
    tables = {"campaigns_assignment": "id", "shop_customer": "id"}
    corrects = False
    joins = (
        f"{JOIN} LEFT JOIN shop_customer AS c ON c.external_id = s.customer AND c.erased_at IS NULL "
        "LEFT JOIN (SELECT DISTINCT campaign_id FROM campaigns_assignment WHERE source = 'approval') "
        "AS frozen "
        "ON frozen.campaign_id = campaign.id"
    )
    match = "known.campaign_id = campaign.id AND known.customer_id = c.id"
    values = {
        "campaign_id": "campaign.id",
        "customer_id": "c.id",
        "arm": "s.arm",
        "assigned_at": "s.assigned_at",
        "source": "%(source)s",
    }
    columns = (
        CAMPAIGN,
        CUSTOMER,
        Column(
            "arm",
            _("Arm"),
            "choice",
            required=True,
            choices=ARMS,
            example="treated",
            aliases=("group", "variant", "treatment", "assignment", "组别", "分组"),
        ),
        Column(
            "assigned_at",
            _("Assigned at"),
            "time",
            required=True,
            example="2026-03-01T08:00:00Z",
            aliases=("time", "timestamp", "date", "assigned_on", "时间", "日期"),
        ),
    )

    def prepare(self, batch: Batch) -> None:
        find_campaigns(batch)
        if batch.stubs and batch.writes:
            stub_customers(batch)

    def all_checks(self, batch: Batch) -> dict[str, str]:
        refuses = "false" if batch.stubs else "true"
        return {
            "campaign:unknown_campaign": "campaign.id IS NULL",
            "campaign:choice": "frozen.campaign_id IS NOT NULL",
            "customer:unknown_customer": f"c.id IS NULL AND ({refuses} OR EXISTS "
            "(SELECT FROM shop_customer WHERE external_id = s.customer))",
            "arm:duplicate": "known.arm <> s.arm",
        }

    def orphans_in(self, batch: Batch) -> dict[str, list[str]]:
        return unknown(batch)
