"""A device as the server meets it: forms made offline, and a link that breaks where it likes."""

from __future__ import annotations

import hashlib
import random
import struct
import uuid
from datetime import datetime, timedelta
from decimal import Decimal

from django.test import Client

from bishui.server.field import clocks, devices
from bishui.server.outfalls import services


class LinkCut(Exception):
    """The link broke: before the request arrived, or after it was served and before the answer came."""


def milliseconds(moment):
    return round(moment.replace(tzinfo=clocks.CST).timestamp() * 1000)


class Device:
    """A registered device with a clock of its own; `loss` is how often the link breaks."""

    def __init__(self, user, division, *, loss=0.0, seed=1, clock_ahead=0):
        self.record, self.key = devices.register(user, "试验机", division)
        self.client = Client(headers={"Authorization": f"Bearer {self.key}", "Accept": "application/json"})
        self.random, self.loss = random.Random(seed), loss
        self.ahead = timedelta(seconds=clock_ahead)
        self.cuts = 0

    def now(self):
        return datetime.now() + self.ahead

    def call(self, method, address, body=None, content_type="application/json"):
        break_before, break_after = self.random.random() < self.loss, self.random.random() < self.loss
        if break_before:
            self.cuts += 1
            raise LinkCut
        extra = {} if body is None else {"data": body, "content_type": content_type}
        answer = getattr(self.client, method)(address, **extra)
        if break_after:
            self.cuts += 1
            raise LinkCut
        return answer

    def send(self, *forms):
        answer = self.call(
            "post", "/field/api/forms", {"now": milliseconds(self.now()), "forms": list(forms)}
        )
        assert answer.status_code == 200, answer.content.decode()
        return list(answer.json()["results"])

    def upload(self, content, piece=1024):
        digest, size = hashlib.sha256(content).hexdigest(), len(content)
        address = f"/field/api/uploads/{digest}?size={size}"
        missing = self.call("get", address).json()["missing"]
        while missing:
            # any missing piece may come first
            start, end = self.random.choice(missing)
            start += piece * self.random.randrange(max(1, (end - start) // piece))
            part = content[start : min(end, start + piece)]
            kept = self.call("put", f"{address}&offset={start}", part, "application/octet-stream")
            assert kept.status_code == 200, kept.content.decode()
            missing = kept.json()["missing"]

    def form(self, kind, fields, *, at=None, **extra):
        at = at or self.now()
        place = {"lon": "109.1200001", "lat": "24.3300001", "accuracy": "6.0", "at": milliseconds(at)}
        given = {"client_id": str(uuid.uuid4()), "kind": kind, "made_at": milliseconds(at), "fields": fields}
        return given | {"position": place} | extra


VISIT = {
    "purpose": "survey", "people": ["甲", "乙"], "discharging": "yes", "colour": "灰", "turbidity": "浊",
    "odour": "明显", "oil_film": "no", "rain": "0.5", "abnormal": "no", "can_sample": "yes",
}  # fmt: skip


def discovery(device, name, division, step=0, **extra):
    """A place found; `step` moves it on by about a hundred metres."""
    fields = {"name": name, "division": division, "survey_level": "2", "found_by": "on_foot"}
    form = device.form("discovery", fields, **extra)
    form["position"] |= {"lon": f"{109 + step * 0.001:.7f}"}
    return form


def photograph(device, content, **extra):
    about = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "name": "image.jpg"}
    return device.form("photograph", {"kind": "outfall"}, photo=about, **extra)


def known_outfall(division, name="柳埠排口"):
    place = {"lon": Decimal("109.1200000"), "lat": Decimal("24.3300000"), "datum": "WGS84"}
    return services.find_outfall(name, division=division, actor="system", **place)


def jpeg(number, exif=b"", size=3000):
    """A JPEG as a camera makes it: EXIF, tables, a scan of noise, and something behind its end."""
    noise = random.Random(number).randbytes(size).replace(b"\xff", b"\x7f")
    parts = [b"\xff\xd8"]
    if exif:
        parts.append(b"\xff\xe1" + struct.pack(">H", len(exif) + 8) + b"Exif\x00\x00" + exif)
    table = bytes(range(64))
    parts.append(b"\xff\xdb" + struct.pack(">H", len(table) + 2) + table)
    parts.append(b"\xff\xda" + struct.pack(">H", 8) + b"\x01\x01\x00\x00\x3f\x00" + noise + b"\xff\xd9")
    return b"".join(parts)
