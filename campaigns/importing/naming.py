"""Which campaign a row means: its name in any case of letters, or its id."""

from django.utils.translation import gettext_lazy as _

from campaigns.models import Campaign
from shop.importing.kinds import Column
from shop.importing.writing import Batch

CAMPAIGN = Column(
    "campaign", _("Campaign"), required=True, max_length=200, example="Spring mugs",
    aliases=("campaign_id", "campaign_name", "活动", "活动名称", "营销活动"), help=_("Its name or its id."),
)  # fmt: skip
JOIN = "LEFT JOIN import_campaign AS campaign ON campaign.words = lower(s.campaign)"


def find_campaigns(batch: Batch) -> None:
    """Fill `import_campaign`: the words of this part with the one campaign that each means.

    A key that may see some campaigns only writes to those.
    """
    batch.temporary("import_campaign", "SELECT ''::text AS words, 0::bigint AS id WHERE false")
    key = batch.file.api_key
    campaigns = Campaign.objects.visible_to(key, "imports:write") if key else Campaign.objects.all()
    by_name: dict[str, list[int]] = {}
    for pk, name in campaigns.values_list("pk", "name"):
        by_name.setdefault(name.lower(), []).append(pk)
    ids = {str(pk): pk for found in by_name.values() for pk in found}
    for (words,) in batch.rows("SELECT DISTINCT lower(campaign) FROM import_stage"):
        named = by_name.get(words, [])
        found = named[0] if len(named) == 1 else (None if named else ids.get(words))
        if found:
            batch.run("INSERT INTO import_campaign VALUES (%(words)s, %(id)s)", words=words, id=found)
