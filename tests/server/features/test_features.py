"""OGC API – Features (OGC 17-069r4, Part 1: Core), requirement by requirement, and who sees what."""

import base64
import io
from datetime import date
from decimal import Decimal

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bishui.assessment import result_schema
from bishui.server.accounts import services, tokens
from bishui.server.accounts.models import User
from bishui.server.core.models import AuditEntry
from bishui.server.sites.models import Site
from bishui.server.sites.services import save_site
from bishui.server.wsgi import application
from tests.server.conftest import CITY, COUNTY_A, OTHER_CITY
from tests.server.sites.conftest import ROWS, at, brought, city, csv
from tests.server.test_api import check_error

__all__ = ["at", "city"]

ROOT = "/api/features/"
SECTIONS = f"{ROOT}collections/sites_section/items"
RESULTS = f"{ROOT}collections/section_results/items"
LATEST = f"{ROOT}collections/latest_results/items"


@pytest.fixture
def filled(city, data_dir):
    brought(csv(*ROWS, "甲断面,2021-03-01 08:00,氨氮,0.2,mg/L,,自动"), data_dir)
    return city


def get(client, path, status=200, **query):
    response = client.get(path, query)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.json()


def names(found):
    return sorted(entry["properties"]["name"] for entry in found["features"])


def link(found, relation):
    return next((entry["href"] for entry in found["links"] if entry["rel"] == relation), None)


def test_the_landing_page_leads_to_everything_else(filled, at):
    client = at()
    found = get(client, ROOT)
    for relation in ("self", "service-desc", "conformance", "data"):
        assert client.get(link(found, relation)).status_code == 200, relation


def test_the_conformance_classes_are_those_of_core_openapi_and_geojson(filled, at):
    classes = get(at(), f"{ROOT}conformance")["conformsTo"]
    root = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
    assert classes == [f"{root}/core", f"{root}/oas30", f"{root}/geojson"]


def test_the_description_is_openapi_3_0_of_just_these_operations(filled, at):
    client = at()
    response = client.get(f"{ROOT}api")
    # Requirement 30: this media type; map programs refuse another one.
    assert response["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    landing = get(client, ROOT)
    kind = next(entry["type"] for entry in landing["links"] if entry["rel"] == "service-desc")
    assert kind == response["Content-Type"]
    found = response.json()
    schemathesis.openapi.from_dict(found).validate()
    assert found["openapi"] == "3.0.3"
    assert found["servers"] == [{"url": f"http://testserver{ROOT.rstrip('/')}"}]
    assert list(found["paths"]) == [
        "/",
        "/api",
        "/conformance",
        "/collections",
        "/collections/{collectionId}",
        "/collections/sites_section/items",
        "/collections/latest_results/items",
        "/collections/section_results/items",
        "/collections/{collectionId}/items/{featureId}",
    ]
    assert all(set(operations) == {"get"} for operations in found["paths"].values())
    assert "null" not in response.content.decode().replace("nullable", "")  # a type of 3.1 only


def test_the_parameters_are_described_as_the_standard_asks(filled, at):
    """Requirements 14, 20 and 24: type, style and bounds of limit, bbox and datetime."""
    parameters = get(at(), f"{ROOT}api")["components"]["parameters"]
    for name in ("limit", "bbox", "datetime"):
        found = parameters[name]
        assert (found["in"], found["required"]) == ("query", False)
        assert (found["style"], found["explode"]) == ("form", False)
    limit = parameters["limit"]["schema"]
    assert limit == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
    assert parameters["bbox"]["schema"]["items"] == {"type": "number"}


def test_every_operation_answers_to_head_without_a_body(filled, at):
    client = at()
    for path in (ROOT, f"{ROOT}api", f"{ROOT}conformance", f"{ROOT}collections", SECTIONS):
        asked, answered = client.head(path), client.get(path)
        assert (asked.status_code, asked.content) == (200, b"")
        assert asked["Content-Type"] == answered["Content-Type"]


def test_each_collection_names_its_box_its_time_and_its_items(filled, at):
    client = at()
    found = {entry["id"]: entry for entry in get(client, f"{ROOT}collections")["collections"]}
    assert list(found) == ["sites_section", "latest_results", "section_results"]
    results = found["section_results"]
    assert results["extent"]["spatial"]["bbox"] == [[109.41, 24.3157, 109.41, 24.3157]]
    assert results["extent"]["temporal"]["interval"] == [
        ["2021-03-01T00:00:00+08:00", "2021-04-30T23:59:59+08:00"]
    ]
    for key, entry in found.items():
        assert get(client, f"{ROOT}collections/{key}") == entry
        assert get(client, link(entry, "items"))["type"] == "FeatureCollection"


def test_a_site_is_a_feature_with_the_fields_of_its_register_and_its_precision(filled, at):
    found = next(
        entry for entry in get(at(), SECTIONS)["features"] if entry["properties"]["name"] == "甲断面"
    )
    assert found["geometry"] == {"type": "Point", "coordinates": [109.41, 24.3157]}
    assert found["id"] == str(filled.sites["甲断面"].pk)
    properties = found["properties"]
    assert (properties["code"], properties["coordinate_digits"], properties["datum"]) == ("S1", 4, "CGCS2000")
    assert properties["precision_m"] == pytest.approx(5.566, abs=0.001)


def test_a_site_without_a_place_has_no_geometry_and_is_in_no_box(filled, at):
    save_site("S9", "无坐标断面", kind="section", division=CITY, actor="tester")
    client = at()
    without = [entry for entry in get(client, SECTIONS)["features"] if entry["geometry"] is None]
    assert [entry["properties"]["name"] for entry in without] == ["无坐标断面"]
    assert "无坐标断面" not in names(get(client, SECTIONS, bbox="-180,-90,180,90"))


@pytest.mark.parametrize(
    ("bbox", "count"),
    [
        ("109,24,110,25", 4),
        ("109.41,24.3157,109.41,24.3157", 4),  # the edge belongs to the box
        ("109.42,24,110,25", 0),
        ("109,24,0,110,25,9", 4),  # heights do not matter
        ("170,-90,110,90", 4),  # across the 180th meridian
        ("170,-90,109,90", 0),
    ],
)
def test_a_box_selects_what_lies_in_it(filled, at, bbox, count):
    assert len(get(at(), SECTIONS, bbox=bbox)["features"]) == count
    assert len(get(at(), LATEST, bbox=bbox)["features"]) == count


@pytest.mark.parametrize(
    ("when", "months"),
    [
        (None, ["2021-03", "2021-04"]),
        ("2021-04-15T00:00:00Z", ["2021-04"]),
        ("2021-03-31T16:00:00Z", ["2021-04"]),  # midnight of the first of April in China
        ("2021-03-31T15:59:59Z", ["2021-03"]),
        ("2021-03-31", ["2021-03"]),
        ("2021-03-31/2021-04-01", ["2021-03", "2021-04"]),
        ("2021-04-01/..", ["2021-04"]),
        ("../2021-03-01", ["2021-03"]),
        ("/2021-02-28", []),
        ("2030-01-01/2031-01-01", []),
    ],
)
def test_a_time_selects_the_months_that_it_meets(filled, at, when, months):
    found = get(at(), RESULTS, **({"datetime": when} if when else {}))
    assert sorted({entry["properties"]["period"] for entry in found["features"]}) == months
    assert found["numberReturned"] == 4 * len(months)


def test_a_closed_site_is_selected_by_its_validity(filled, at):
    save_site("S8", "旧断面", kind="section", division=CITY, actor="tester", valid_to=date(2020, 12, 31))
    assert "旧断面" in names(get(at(), SECTIONS, datetime="2020-12-31"))
    assert "旧断面" not in names(get(at(), SECTIONS, datetime="2021-01-01T00:00:00+08:00"))


def test_a_result_has_the_columns_of_a_table_of_results_and_says_what_is_missing(filled, at):
    found = {entry["properties"]["name"]: entry["properties"] for entry in get(at(), LATEST)["features"]}
    assert set(found["甲断面"]) == set(result_schema().names) - {"settings"}
    first = found["甲断面"]
    assert (first["class"], first["verdict"], first["failing"]) == (4, "not_attained", "nh3n")
    assert (first["entered"], first["total"], first["missing"]) == (3, 3, 0)
    assert (first["subject"], first["period"], first["rules"]) == ("S1", "2021-04", "82-2020.1")
    assert found["丙断面"]["reason"] == "water_type_unknown"
    assert (found["丁断面"]["class"], found["丁断面"]["reason"]) == (None, "no_data")
    assert found["丁断面"]["verdict"] != "attained"


def test_one_feature_is_the_same_as_in_its_collection(filled, at):
    client = at()
    for path in (SECTIONS, RESULTS, LATEST):
        first = get(client, path)["features"][0]
        alone = get(client, f"{path}/{first['id']}")
        assert link(alone, "self").endswith(f"{path}/{first['id']}")
        assert {key: value for key, value in alone.items() if key != "links"} == first


@pytest.mark.parametrize(
    ("path", "query", "count"),
    [
        (SECTIONS, {"name": "甲断面"}, 1),
        (SECTIONS, {"code": "S1", "water_type": "river"}, 1),
        (SECTIONS, {"code": "S1", "water_type": "lake"}, 0),
        (SECTIONS, {"name": "甲"}, 0),
        (RESULTS, {"period": "2021-03"}, 4),
        (RESULTS, {"name": "丁断面", "reason": "no_data"}, 2),
        (RESULTS, {"first_day": "2021-03-01", "name": "甲断面"}, 1),
        (RESULTS, {"class": "7"}, 0),
    ],
)
def test_the_value_of_a_property_selects_the_features_that_have_it(filled, at, path, query, count):
    found = get(at(), path, **query)["features"]
    assert len(found) == count
    for entry in found:
        assert {name: entry["properties"][name] for name in query} == query


def test_a_whole_number_is_compared_as_a_number(filled, at):
    client = at()
    everything = get(client, RESULTS)["features"]
    rank = next(entry["properties"]["class"] for entry in everything if entry["properties"]["class"])
    found = get(client, RESULTS, **{"class": str(rank)})["features"]
    assert found == [entry for entry in everything if entry["properties"]["class"] == rank]
    assert check_error(client.get(RESULTS, {"class": "Ⅳ类"}), 400)["where"]["field"] == "class"


def test_the_next_links_of_a_selection_go_through_it_once(filled, at):
    client = at()
    seen, address = [], f"{RESULTS}?limit=1&name=甲断面"
    while address:
        page = get(client, address)
        seen += [entry["id"] for entry in page["features"]]
        address = link(page, "next")
    wanted = [entry["id"] for entry in get(client, RESULTS, name="甲断面")["features"]]
    assert len(wanted) == 2
    assert seen == wanted


def test_a_decimal_of_the_register_is_a_number_that_a_map_can_style(filled, at):
    save_site(
        "F1", "流量站", kind="hydrometric_station", division=CITY, base_flow=Decimal("12.50"), actor="tester"
    )
    found = get(at(), f"{ROOT}collections/sites_hydrometric_station/items")["features"]
    assert [entry["properties"]["base_flow"] for entry in found] == [12.5]


@pytest.mark.parametrize("path", [SECTIONS, RESULTS, LATEST])
@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_the_next_links_go_through_every_feature_once(filled, at, path, limit):
    client = at()
    everything = get(client, path)["features"]
    found, address = [], f"{path}?limit={limit}"
    while address:
        page = get(client, address)
        assert page["numberReturned"] == len(page["features"]) <= limit
        found += page["features"]
        address = link(page, "next")
    assert found == everything


def test_the_next_link_keeps_what_was_asked(filled, at):
    page = get(at(), RESULTS, limit=1, datetime="2021-04-01", bbox="109,24,110,25")
    assert "bbox=109" in link(page, "next") and "datetime=2021-04-01" in link(page, "next")


def test_an_offset_skips_features(filled, at):
    client = at()
    everything = get(client, RESULTS)["features"]
    assert get(client, RESULTS, offset=3, limit=2)["features"] == everything[3:5]
    assert get(client, SECTIONS, offset=100)["features"] == []


def test_a_limit_beyond_the_greatest_means_the_greatest(filled, at):
    assert get(at(), SECTIONS, limit=100_000)["numberReturned"] == 4


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"limit": "x"},
        {"offset": "-1"},
        {"bbox": "1,2,3"},
        {"bbox": "1,5,3,4"},
        {"bbox": "nan,0,1,1"},
        {"bbox": "a,b,c,d"},
        {"datetime": "yesterday"},
        {"datetime": ""},
        {"datetime": "../.."},
        {"datetime": "2021-05-01/2021-04-01"},
        {"crs": "EPSG:4490"},
        {"colour": "red"},
        {"f": "xml"},
        {"precision_m": "5.566"},
        {"datum": "x", "lon": "1"},
    ],
)
def test_a_parameter_that_is_unknown_or_wrong_is_400_and_named(filled, at, query):
    error = check_error(at().get(SECTIONS, query), 400)
    assert error["where"]["field"] in query


@pytest.mark.parametrize(
    "path",
    [
        f"{ROOT}collections/no-such",
        f"{ROOT}collections/sites_lake_point/items",
        f"{SECTIONS}/x",
        f"{RESULTS}/2021-04_x",
    ],
)
def test_what_does_not_exist_is_404(filled, at, path):
    check_error(at().get(path), 404)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_it_only_reads(filled, at, method):
    assert getattr(at(), method)(SECTIONS).status_code == 405


def test_json_may_be_asked_for_by_name(filled, at):
    assert get(at(), ROOT, f="json") == get(at(), ROOT) | {"links": get(at(), ROOT, f="json")["links"]}


def test_a_user_sees_the_sites_of_the_pages_and_no_others(filled, at):
    save_site("S7", "乙县断面", kind="section", division=COUNTY_A, actor="tester")
    assert names(get(at("viewer@a"), SECTIONS)) == ["乙县断面"]
    assert len(names(get(at("viewer@city"), SECTIONS))) == 5
    check_error(at("viewer@other").get(SECTIONS), 404)
    foreign = Site.objects.get(code="S1").pk
    check_error(at("viewer@a").get(f"{SECTIONS}/{foreign}"), 404)


def test_without_signing_in_it_is_401_and_says_how(db):
    response = Client().get(ROOT)
    check_error(response, 401)
    assert response["WWW-Authenticate"].startswith("Basic")


def test_without_the_right_it_is_403(filled, at):
    check_error(at("nobody").get(ROOT), 403)


def key_of(name="viewer@city", division=CITY, days=30):
    return tokens.make(User.objects.get(username=name), division, "QGIS", days, actor="tester")


def basic(name, key):
    text = base64.b64encode(f"{name}:{key}".encode()).decode()
    return {"HTTP_AUTHORIZATION": f"Basic {text}"}


def test_a_key_reads_as_a_password_and_as_a_bearer(filled):
    _, key = key_of()
    for header in (basic("viewer@city", key), {"HTTP_AUTHORIZATION": f"Bearer {key}"}):
        assert len(Client().get(SECTIONS, **header).json()["features"]) == 4


def test_a_key_opens_nothing_but_features(filled):
    _, key = key_of("administrator@city")
    for path in ("/api/v1/tasks", "/sites/", "/accounts/users/"):
        assert Client().get(path, **basic("administrator@city", key)).status_code in (302, 401, 403)


@pytest.mark.parametrize(
    "header",
    [
        basic("viewer@city", "long-enough-for-a-test"),  # the password itself is not accepted
        basic("viewer@city", "bishui_x"),
        {"HTTP_AUTHORIZATION": "Basic %%%"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_AUTHORIZATION": "nonsense"},
    ],
)
def test_what_is_no_key_is_401(filled, header):
    check_error(Client().get(SECTIONS, **header), 401)


def test_a_key_with_another_users_name_is_401(filled):
    _, key = key_of()
    check_error(Client().get(SECTIONS, **basic("administrator@city", key)), 401)


def test_a_key_ends_when_it_is_revoked_expires_or_its_user_is_stopped(filled):
    token, key = key_of()
    tokens.revoke(token, actor="tester")
    check_error(Client().get(SECTIONS, **basic("viewer@city", key)), 401)
    _, key = key_of(days=-1)
    check_error(Client().get(SECTIONS, **basic("viewer@city", key)), 401)
    _, key = key_of()
    services.set_active(User.objects.get(username="viewer@city"), False, actor="tester")
    check_error(Client().get(SECTIONS, **basic("viewer@city", key)), 401)


def test_a_key_ends_with_the_right_and_opens_one_city_only(filled):
    _, key = key_of(division=OTHER_CITY)
    check_error(Client().get(SECTIONS, **basic("viewer@city", key)), 401)
    user = User.objects.get(username="viewer@city")
    services.grant(user, "viewer", OTHER_CITY, actor="tester")
    save_site(
        "D1",
        "丁市断面",
        kind="section",
        division=OTHER_CITY,
        actor="tester",
        lon=Decimal("1"),
        lat=Decimal("1"),
    )
    assert names(Client().get(SECTIONS, **basic("viewer@city", key)).json()) == ["丁市断面"]


def test_a_key_is_kept_as_a_digest_only_and_its_making_and_end_are_audited(filled):
    token, key = key_of()
    tokens.revoke(token, actor="tester")
    entries = list(AuditEntry.objects.filter(action__startswith="accounts.token").order_by("sequence"))
    assert [entry.action for entry in entries] == ["accounts.token_made", "accounts.token_revoked"]
    assert key not in str([entry.content() for entry in entries])
    assert token.digest not in str([entry.content() for entry in entries])
    assert key not in str(vars(token))


def test_the_page_of_keys_shows_a_new_one_once_and_revokes_it(filled, at):
    client = at("viewer@city")
    page = reverse("accounts:tokens")
    shown = client.post(page, {"name": "办公室", "days": "30"}, follow=True).content.decode()
    key = shown.split("bishui_")[1].split("（")[0]
    assert "http://testserver/api/features/" in shown
    assert key not in client.get(page).content.decode()
    assert len(Client().get(SECTIONS, **basic("viewer@city", f"bishui_{key}")).json()["features"]) == 4
    token = User.objects.get(username="viewer@city").tokens.get()
    assert at("viewer@a").post(reverse("accounts:token_revoke", args=[token.pk])).status_code == 404
    at("viewer@city").post(reverse("accounts:token_revoke", args=[token.pk]))
    check_error(Client().get(SECTIONS, **basic("viewer@city", f"bishui_{key}")), 401)


def test_reading_a_page_of_sites_counts_no_table(
    filled, at, django_assert_max_num_queries, connection_queries
):
    client = at()
    get(client, SECTIONS)
    assert not [
        text for text in connection_queries(lambda: get(client, SECTIONS)) if "COUNT(" in text.upper()
    ]


@pytest.fixture
def connection_queries():
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def queries(call):
        with CaptureQueriesContext(connection) as caught:
            call()
        return [entry["sql"] for entry in caught.captured_queries]

    return queries


@pytest.fixture
def described(filled, at):
    client = at()
    schema = schemathesis.openapi.from_file(io.StringIO(client.get(f"{ROOT}api").content.decode()))
    schema.app = application
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schema, {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_call_that_the_description_allows_ends_in_a_fault_or_an_undescribed_answer(described):
    schema, headers = described
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) == 9
    checks = [
        schemathesis.checks.CHECKS.get_one(name)
        for name in ("not_a_server_error", "status_code_conformance", "content_type_conformance")
    ]
    for operation in operations:

        @settings(max_examples=10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), in_english=st.booleans())
        def drive(case, in_english):
            response = case.call(headers=headers | {"Accept-Language": "en" if in_english else "zh"})
            case.validate_response(response, checks=checks)

        drive()
