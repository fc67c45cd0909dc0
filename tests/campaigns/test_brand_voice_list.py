"""Brand voices: listed, made and changed by those who draft."""

import pytest
from django.test import Client

from campaigns.models import BrandVoice
from tests import make

pytestmark = pytest.mark.django_db
VOICE = {
    "name": "House",
    "tone": "warm, plain",
    "use_words": "",
    "avoid_words": "cheap",
    "address_form": "informal",
    "emoji": "none",
    "reading_level": "any",
}


def test_a_voice_is_made_and_changed(client: Client) -> None:
    client.force_login(make.user("marketer"))
    assert "No brand voice yet" in client.get("/voices/").content.decode()
    assert client.post("/voices/new/", VOICE).status_code == 302
    voice = BrandVoice.objects.get()
    client.post(f"/voices/{voice.pk}/", VOICE | {"emoji": "few", "markets": ["de", "us"]})
    voice.refresh_from_db()
    assert (voice.avoid_words, voice.emoji, voice.markets) == ("cheap", "few", ["de", "us"])
    assert "warm, plain" in client.get("/voices/").content.decode()
    page = client.get(f"/voices/{voice.pk}/").content.decode()
    assert f"/voices/{voice.pk}/suggestions/" in page


def test_a_second_voice_of_the_same_name_is_refused(client: Client) -> None:
    client.force_login(make.user("marketer"))
    client.post("/voices/new/", VOICE)
    response = client.post("/voices/new/", VOICE)
    assert response.status_code == 422
    assert "already exists" in response.content.decode()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("use_words", "a" * 41, "too long"),
        ("use_words", ",".join(f"word{n}" for n in range(61)), "keep at most 60"),
        ("required_claims", "One.\nTwo.\nThree.\nFour.", "keep at most 3"),
        ("required_claims", f"{'a' * 70}\n{'b' * 70}", "Together"),
        ("required_claims", "Never cheap.", "forbids or avoids"),
        ("samples", "\n\n".join(f"Text {n}." for n in range(6)), "keep at most 5"),
        ("markets", "atlantis", "not one of the available choices"),
        ("emoji", "lots", "not one of the available choices"),
    ],
)
def test_what_a_voice_cannot_be_is_refused_beside_its_field(
    client: Client, field: str, value: str, said: str
) -> None:
    client.force_login(make.user("marketer"))
    response = client.post("/voices/new/", VOICE | {field: value})
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not BrandVoice.objects.exists()


def test_a_viewer_reads_only(client: Client) -> None:
    voice = BrandVoice.objects.create(name="House", tone="warm")
    client.force_login(make.user("viewer"))
    page = client.get("/voices/").content.decode()
    assert "House" in page
    assert f"/voices/{voice.pk}/" not in page
    for url in ("/voices/new/", f"/voices/{voice.pk}/"):
        assert client.get(url).status_code == client.post(url, VOICE).status_code == 403
