"""What QGIS does in kind: GDAL's OAPIF driver reads the collections from a served instance."""

import json
import os
import subprocess
import sys

import pytest

from bishui.server.accounts import tokens
from bishui.server.accounts.models import User
from tests.server.conftest import CITY
from tests.server.sites.conftest import ROWS, bring, city, csv

__all__ = ["city"]

READ = """
import json, sys
import pyogrio, shapely
address, credentials = sys.argv[1:]
pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": credentials, "OAPIF_PAGE_SIZE": "3"})
found = {}
for name, geometry in pyogrio.list_layers(address):
    meta, table = pyogrio.read_arrow(address, layer=name)
    rows = table.to_pylist()
    points = [shapely.from_wkb(row[meta["geometry_name"] or "wkb_geometry"]) for row in rows]
    found[name] = {
        "type": geometry,
        "crs": meta["crs"],
        "names": sorted(row["name"] for row in rows),
        "points": sorted({(point.x, point.y) for point in points if point is not None}),
        "in_box": pyogrio.read_arrow(address, layer=name, bbox=(0, 0, 1, 1))[1].num_rows,
    }
json.dump(found, sys.stdout)
"""


def read(address, credentials):
    """Read every layer in a process of its own: this one is busy serving."""
    return subprocess.run(
        [sys.executable, "-c", READ, f"OAPIF:{address}/api/features", credentials],
        env=os.environ | {"no_proxy": "*"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.django_db(transaction=True)
def test_gdal_lists_the_collections_pages_through_them_and_places_them(live_server, city):
    bring(csv(*ROWS))
    _, key = tokens.make(User.objects.get(username="viewer@city"), CITY, "GDAL", 30, actor="tester")
    done = read(live_server.url, f"viewer@city:{key}")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert list(found) == ["sites_section", "latest_results", "section_results"]
    for layer in found.values():
        assert layer["type"] == "Point"
        assert layer["crs"] in ("EPSG:4326", "OGC:CRS84")
        assert layer["names"] == sorted(city.sites)
        assert layer["points"] == [[109.41, 24.3157]]
        assert layer["in_box"] == 0


@pytest.mark.django_db(transaction=True)
def test_gdal_is_refused_without_a_key(live_server, city):
    done = read(live_server.url, "viewer@city:long-enough-for-a-test")
    assert done.returncode != 0
    assert "401" in done.stderr
