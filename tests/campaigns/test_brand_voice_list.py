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
}


def test_a_voice_is_made_and_changed(client: Client) -> None:
    client.force_login(make.user("marketer"))
    assert "No brand voice yet" in client.get("/voices/").content.decode()
    assert client.post("/voices/new/", VOICE).status_code == 302
    voice = BrandVoice.objects.get()
    client.post(f"/voices/{voice.pk}/", VOICE | {"emoji": "on"})
    voice.refresh_from_db()
    assert (voice.avoid_words, voice.emoji) == ("cheap", True)
    assert "warm, plain" in client.get("/voices/").content.decode()


def test_a_second_voice_of_the_same_name_is_refused(client: Client) -> None:
    client.force_login(make.user("marketer"))
    client.post("/voices/new/", VOICE)
    response = client.post("/voices/new/", VOICE)
    assert response.status_code == 422
    assert "already exists" in response.content.decode()


def test_a_viewer_reads_only(client: Client) -> None:
    voice = BrandVoice.objects.create(name="House", tone="warm")
    client.force_login(make.user("viewer"))
    page = client.get("/voices/").content.decode()
    assert "House" in page
    assert f"/voices/{voice.pk}/" not in page
    for url in ("/voices/new/", f"/voices/{voice.pk}/"):
        assert client.get(url).status_code == client.post(url, VOICE).status_code == 403
