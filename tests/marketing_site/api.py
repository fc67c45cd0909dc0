"""A partner tool for tests: a key and the calls it makes."""

from typing import Any, cast

from django.test import Client

from campaigns.models import Campaign, KeyCampaign
from shop.models import ApiKey


class Tool:
    """Calls /api/v1/ with a key of its own."""

    def __init__(self, *scopes: str, campaigns: list[Campaign] | None = None) -> None:
        made, secret = ApiKey.objects.create_key(
            name="tool", scopes=list(scopes), all_campaigns=campaigns is None
        )
        key = cast(ApiKey, made)
        KeyCampaign.objects.bulk_create(
            KeyCampaign(api_key=key, campaign=campaign) for campaign in campaigns or []
        )
        self.key, self.client = key, Client(headers={"Authorization": f"Api-Key {secret}"})

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api/v1/{path}/", query)

    def post(self, path: str, body: Any) -> Any:
        return self.client.post(f"/api/v1/{path}/", body, content_type="application/json")

    def patch(self, path: str, body: Any) -> Any:
        return self.client.patch(f"/api/v1/{path}/", body, content_type="application/json")
