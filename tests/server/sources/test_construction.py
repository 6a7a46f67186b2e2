"""The construction checklist: k of n, m unanswered; what does not apply leaves the denominator."""

from datetime import datetime

import pytest
from django.urls import reverse

from bishui.errors import DataError
from bishui.server.sources import construction
from bishui.server.sources.construction import Share
from tests.server.sources.conftest import client_of

pytestmark = pytest.mark.django_db
AT = datetime(2025, 5, 10, 12)


def share_of(source, year=2025):
    given = construction.answers([source], year)[source.code]
    return construction.share(construction.items_for(source, year), given)


def test_an_item_of_wells_is_not_asked_of_surface_water(source):
    keys = [item.key for item in construction.items_for(source, 2025)]
    assert "early_warning" in keys
    assert "wellhead" not in keys


def test_the_share_counts_yes_of_what_applies_and_the_unanswered_beside(source):
    every = len(construction.items_for(source, 2025))
    given = {"signs": ("yes", "照片3"), "isolation": ("no", ""), "transport": ("not_applicable", "无道路")}
    assert construction.answer(source, 2025, given, actor="system", at=AT) == 3
    assert share_of(source) == Share(met=1, answered=2, unanswered=every - 3)
    assert share_of(source, 2024) == Share(0, 0, every)
    assert construction.answer(source, 2025, given, actor="system", at=AT) == 0


def test_an_answer_is_taken_back_by_an_empty_one(source):
    construction.answer(source, 2025, {"signs": ("yes", "照片3")}, actor="system", at=AT)
    construction.answer(source, 2025, {"signs": ("", "")}, actor="system", at=AT)
    assert share_of(source).met == 0


@pytest.mark.parametrize("word", ["yes", "not_applicable"])
def test_what_is_met_or_does_not_apply_says_why(source, word):
    with pytest.raises(DataError, match="没有写依据"):
        construction.answer(source, 2025, {"signs": (word, "")}, actor="system", at=AT)


def test_every_item_names_its_source_and_certainty():
    for edition in construction.editions():
        for item in edition.items:
            assert item.source
            assert item.certainty in ("A", "B", "C")


def test_the_page_keeps_answers_and_keeps_what_was_typed_when_it_refuses(source, instance):
    url = reverse("sources:checklist", args=[source.id, 2025])
    client = client_of(instance, "bureau_staff@a")
    refused = client.post(url, {"signs": "yes", "isolation": "no", "isolation-evidence": "待建"})
    assert refused.status_code >= 400
    assert "待建" in refused.content.decode()
    assert client.post(url, {"signs": "yes", "signs-evidence": "照片3"}).status_code == 302
    assert share_of(source).met == 1
    assert client_of(instance, "viewer@a").post(url, {"signs": "no"}).status_code == 403
    assert "照片3" in client_of(instance, "viewer@a").get(url).content.decode()
