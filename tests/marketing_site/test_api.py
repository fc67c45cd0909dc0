"""What every call of the partner API promises: keys, scopes, pages, one shape of error, a true document."""

import pytest
from django.test import Client
from django.utils.timezone import now

from shop.models import Product
from tests import make
from tests.marketing_site.api import Tool

pytestmark = pytest.mark.django_db


def test_a_key_reads_what_its_scope_names() -> None:
    made = make.product("Blue mug", price="12.50")
    answer = Tool("products:read").get("products")
    assert answer.status_code == 200
    assert answer.json()["results"][0]["sku"] == made.sku
    assert answer.json()["results"][0]["price"] == "12.5000"


def test_without_a_key_the_answer_says_how_to_send_one() -> None:
    answer = Client().get("/api/v1/products/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == "Api-Key"
    assert "Api-Key" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["products", "customers", "orders", "events", "segments", "campaigns"])
def test_a_key_without_the_scope_is_refused(path: str) -> None:
    tool = Tool("spend:read")
    assert tool.get(path).status_code == 403
    assert tool.post(path, {}).status_code == 403


def test_reading_does_not_allow_writing() -> None:
    assert Tool("products:read").post("products", {"sku": "A", "name": "A"}).status_code == 403
    assert not Product.objects.exists()


@pytest.mark.parametrize("change", [{"revoked": True}, {"expiry_date": now()}])
def test_a_revoked_or_expired_key_is_unknown_at_once(change: dict[str, object]) -> None:
    tool = Tool("products:read")
    assert tool.get("products").status_code == 200
    type(tool.key).objects.filter(pk=tool.key.pk).update(**change)
    assert tool.get("products").status_code == 401


def test_pages_follow_each_other_without_gap_or_repeat() -> None:
    made = [make.product().pk for _ in range(5)]
    tool, seen = Tool("products:read"), []
    answer = tool.get("products", page_size=2).json()
    seen += [row["id"] for row in answer["results"]]
    make.product()  # a row that arrives meanwhile moves nothing
    while answer["next"]:
        answer = tool.client.get(answer["next"]).json()
        seen += [row["id"] for row in answer["results"]]
    assert seen[:5] == made
    assert len(seen) == len(set(seen)) == 6


def test_an_unknown_field_is_named_and_nothing_is_written() -> None:
    answer = Tool("products:write").post("products", {"sku": "A", "name": "A", "prise": "1", "id": 7})
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {"/prise", "/id"}
    assert not Product.objects.exists()


def test_a_repeated_sku_is_refused_in_words() -> None:
    make.product(sku="MUG-1")
    answer = Tool("products:write").post("products", {"sku": "mug-1", "name": "Another"})
    assert answer.status_code == 400
    assert "Another product has this SKU." in answer.content.decode()


def test_a_user_in_the_browser_needs_the_permission_of_the_page() -> None:
    viewer, marketer = Client(), Client()
    viewer.force_login(make.user("viewer"))
    marketer.force_login(make.user("marketer"))
    body = {"sku": "A", "name": "A"}
    assert viewer.get("/api/v1/products/").status_code == 200
    assert viewer.post("/api/v1/products/", body, content_type="application/json").status_code == 403
    assert marketer.post("/api/v1/products/", body, content_type="application/json").status_code == 201


def test_a_key_opens_no_page() -> None:
    tool = Tool("products:read", "campaigns:read")
    assert tool.client.get("/").status_code == 302
    assert tool.client.get("/admin/").status_code == 302


def test_the_document_is_openapi_3_1_and_names_the_key(client: Client) -> None:
    schema = client.get("/api/schema/?format=json").json()
    assert schema["openapi"].startswith("3.1")
    assert schema["components"]["securitySchemes"]["ApiKey"]["name"] == "Authorization"
    operations = [each for path in schema["paths"].values() for each in path.values()]
    assert all({"400", "401", "403", "404", "429"} <= each["responses"].keys() for each in operations)
    names = [each["operationId"] for each in operations]
    assert len(names) == len(set(names))


def test_the_page_that_shows_the_document_loads_nothing_from_outside(client: Client) -> None:
    page = client.get("/api/docs/").content.decode()
    assert "swagger" in page
    assert "//cdn" not in page
    assert "https://" not in page


def test_a_wrong_address_below_the_api_is_a_problem_too(client: Client) -> None:
    answer = client.get("/api/v1/nothing/")
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
