"""What the office sees of the field: files across networks, decisions, photographs and what they may tell."""

from __future__ import annotations

import io
import json
import zipfile
from hashlib import sha256

import pytest
from django.test import Client
from django.urls import reverse

from bishui.errors import UnreadableFile
from bishui.outfalls import read_exif
from bishui.server.field import importing
from bishui.server.field.models import Submission, Upload
from bishui.server.outfalls.models import Photo, Visit
from tests.outfalls.cameras import camera
from tests.server.conftest import COUNTY_A
from tests.server.field.devices import VISIT, Device, jpeg, known_outfall, photograph

pytestmark = pytest.mark.django_db


@pytest.fixture
def device(instance, data_dir):
    return Device(instance.users["field_surveyor@a"], COUNTY_A)


def signed_in(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def exported(forms, pictures):
    """The file that the page writes of unsent work."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        listed = {"format": "bishui-field", "version": 1, "made_at": 0, "offset": 0, "forms": forms}
        archive.writestr("forms.json", json.dumps(listed))
        for content in pictures:
            archive.writestr(f"photographs/{sha256(content).hexdigest()}.jpg", content)
    out.seek(0)
    return out


def test_a_file_brings_what_no_network_could_and_twice_is_once(device, instance):
    visit = device.form("visit", VISIT, outfall=str(known_outfall(COUNTY_A).pk))
    content = jpeg(4, size=400_000)
    forms = [photograph(device, content, visit=visit["client_id"]), visit]
    clerk = instance.users["bureau_staff@a"]
    device.send(forms[0])  # the link had let one form through
    for _ in range(2):
        done = importing.import_file(exported(forms, [content]), "a.zip", user=clerk, division=COUNTY_A)
        assert [item.fate for item in done.submissions] == ["done", "done"]
        assert done.problems == []
    assert Visit.objects.count() == Photo.objects.count() == 1
    assert Photo.objects.get().file.path.read_bytes() == content
    assert not Upload.objects.exists()


def test_a_file_whose_photograph_was_changed_on_the_way_keeps_the_form_and_says_so(device, instance):
    content = jpeg(5)
    picture = photograph(device, content, outfall=str(known_outfall(COUNTY_A).pk))
    changed = exported([picture], [content]).getvalue().replace(content[-40:], bytes(40))
    clerk = instance.users["bureau_staff@a"]
    done = importing.import_file(io.BytesIO(changed), "a.zip", user=clerk, division=COUNTY_A)
    assert [problem.code for problem in done.problems] == ["photograph"]
    assert [item.fate for item in done.submissions] == ["waiting"]


@pytest.mark.parametrize("content", [b"no zip", exported([], []).getvalue()[:-30]])
def test_another_file_is_refused(instance, data_dir, content):
    with pytest.raises(UnreadableFile):
        importing.import_file(
            io.BytesIO(content), "x.zip", user=instance.users["bureau_staff@a"], division=COUNTY_A
        )


def test_exif_is_kept_privately_and_gone_from_the_public_copy(device):
    content = camera()
    device.upload(content, piece=100_000)
    (result,) = device.send(photograph(device, content, outfall=str(known_outfall(COUNTY_A).pk)))
    assert result["fate"] == "done"
    photo = Photo.objects.get()
    assert photo.file.path.read_bytes() == content
    assert photo.exif["taken_at"] == "2025:10:20 09:08:07"
    public = photo.public_file.path.read_bytes()
    assert read_exif(public) == {}
    assert b"Exif" not in public
    assert (str(photo.lon), str(photo.accuracy)) == ("109.12000010", "6.0")


def test_a_surveyor_sees_a_conflict_and_a_clerk_decides_it(device, instance):
    outfall = known_outfall(COUNTY_A)
    device.send(device.form("visit", VISIT, outfall=str(outfall.pk), seen={"name": "旧名"}))
    item = Submission.objects.get()
    surveyor, clerk = (signed_in(instance.users[f"{role}@a"]) for role in ("field_surveyor", "bureau_staff"))
    shown = surveyor.get(reverse("field:submission", args=[item.pk])).content.decode()
    assert "旧名" in shown
    assert "柳埠排口" in shown
    answer = {"decision": "record", "why": "同一个"}
    assert surveyor.post(reverse("field:decide", args=[item.pk]), answer).status_code == 403
    without = clerk.post(reverse("field:decide", args=[item.pk]), answer | {"why": ""})
    assert without.status_code == 422
    assert clerk.post(reverse("field:decide", args=[item.pk]), answer).status_code == 302
    item.refresh_from_db()
    assert (item.fate, item.decided_by) == ("done", "bureau_staff@a")
    assert "没有需要处理的表单" in clerk.get(reverse("field:received")).content.decode()


def test_another_countys_forms_are_not_shown(device, instance):
    device.send(device.form("visit", VISIT, outfall=str(known_outfall(COUNTY_A).pk)))
    page = reverse("field:submission", args=[Submission.objects.get().pk])
    assert signed_in(instance.users["field_surveyor@other"]).get(page).status_code == 404
    assert signed_in(instance.users["field_surveyor@city"]).get(page).status_code == 200
