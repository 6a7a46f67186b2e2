"""The API: one shape of errors, the rights of the pages, and what its description promises."""

import io
from decimal import Decimal

import jsonschema_rs
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bishui.server.accounts import services
from bishui.server.accounts.models import User
from bishui.server.core.registers import load_all
from bishui.server.wsgi import application
from tests.server.conftest import CITY, COUNTY_A
from tests.server.core.test_registers import signed_in

pytestmark = pytest.mark.django_db
UNITS = "/api/v1/registers/units"
NO_SITE = "/api/v1/sites/00000000-0000-7000-8000-000000000000/results"


def client_of(instance, name="administrator@city"):
    return signed_in(instance.users[name])


def check_error(response, status):
    """Check the one shape, with both languages."""
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith("application/json")
    error = response.json()
    assert set(error) == {"error", "what", "remedy", "where", "problems"}
    for text in (error["what"], error["remedy"]):
        assert set(text) == {"zh", "en"}
        assert text["zh"]
        assert text["en"]
    assert isinstance(error["problems"], list)
    return error


@pytest.mark.parametrize("path", [UNITS, f"{UNITS}/schema", "/api/v1/tasks", NO_SITE])
def test_without_signing_in_it_is_401(db, path):
    assert check_error(Client().get(path), 401)["error"] == "not-signed-in"


@pytest.mark.parametrize("path", [UNITS, f"{UNITS}/schema", "/api/v1/tasks", NO_SITE, "/api/openapi.json"])
def test_without_the_right_it_is_403(instance, path):
    check_error(client_of(instance, "nobody").get(path), 403)


@pytest.mark.parametrize("path", ["/api/v1/registers/no-such", "/api/v1/no/such", "/api/no/such", NO_SITE])
def test_what_does_not_exist_is_404(instance, path):
    check_error(client_of(instance).get(path), 404)


@pytest.mark.parametrize("path", [UNITS, "/api/v1/tasks"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_only_reads_so_another_method_is_405(instance, path, method):
    response = getattr(client_of(instance), method)(path)
    check_error(response, 405)
    assert response["Allow"] == "GET"


@pytest.mark.parametrize("path", [UNITS, "/api/v1/tasks"])
@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "limit=1.5", "offset=-1", f"offset={10**30}", "limit="]
)
def test_a_page_out_of_bounds_is_422_and_names_the_parameter(instance, path, query):
    error = check_error(client_of(instance).get(f"{path}?{query}"), 422)
    assert error["where"] == {"field": query.split("=")[0]}


def test_a_site_that_is_no_identifier_is_422(instance):
    check_error(client_of(instance).get("/api/v1/sites/not-a-uuid/results"), 422)


def test_paging_goes_through_all_records_once(instance):
    client = client_of(instance)
    everything = client.get(UNITS).json()
    pages = [client.get(f"{UNITS}?limit=1&offset={number}").json() for number in range(everything["count"])]
    assert [page["records"][0] for page in pages] == everything["records"]
    assert client.get(f"{UNITS}?limit=1000&offset={everything['count']}").json()["records"] == []


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("viewer@a", ["a-bureau"]),
        ("viewer@city", ["a-bureau", "b-bureau", "city-bureau", "city-housing"]),
        ("viewer@other", []),
    ],
)
def test_the_api_shows_what_the_pages_show(instance, name, codes):
    found = client_of(instance, name).get(UNITS).json()
    assert [record["code"] for record in found["records"]] == codes
    assert found["count"] == len(codes)


@pytest.mark.parametrize("key", ["units", "divisions", "sites"])
def test_the_schema_is_the_registers_own(instance, key):
    register = load_all()[key]
    found = client_of(instance).get(f"/api/v1/registers/{key}/schema").json()
    assert found == register.schema()
    assert list(found["properties"]) == [field.name for field in register.fields]
    assert found["required"] == [field.name for field in register.fields if field.required]


@pytest.mark.parametrize("key", ["units", "divisions", "sites"])
def test_every_record_is_as_the_schema_says(instance, key):
    from bishui.server.sites.services import save_site

    save_site(
        "S1",
        "某断面",
        kind="section",
        division=CITY,
        county=COUNTY_A,
        actor="system",
        lon=Decimal("109.41"),
        lat=Decimal("24.3"),
    )
    client = client_of(instance)
    schema = client.get(f"/api/v1/registers/{key}/schema").json()
    records = client.get(f"/api/v1/registers/{key}").json()["records"]
    assert records
    for record in records:
        jsonschema_rs.validate(schema, record)


def test_a_choice_is_given_by_its_value_whatever_the_language(instance):
    services.save_unit("a-bureau", "乙县局", division=COUNTY_A, actor="system", kind="department")
    client = client_of(instance, "viewer@a")
    assert client.get(UNITS).json()["records"][0]["kind"] == "department"
    assert client.get(UNITS).json()["records"][0]["valid_from"] is None


@pytest.fixture
def described(instance, data_dir):
    """The description, and the cookie of somebody who has signed in."""
    client = client_of(instance)
    text = client.get("/api/openapi.json").content.decode()
    schema = schemathesis.openapi.from_file(io.StringIO(text))
    schema.app = application
    # As Django's own test client does: the test's connection stays open between requests.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield schema, {"Cookie": f"sessionid={client.cookies['sessionid'].value}"}
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_no_call_that_the_description_allows_ends_in_a_fault_or_an_undescribed_answer(described):
    schema, headers = described
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 4
    for operation in operations:
        _drive(operation, headers)


def _drive(operation, headers):
    checks = schemathesis.checks.CHECKS

    @settings(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), in_english=st.booleans())
    def drive(case, in_english):
        language = {"Accept-Language": "en" if in_english else "zh"}
        response = case.call(headers=headers | language)
        chosen = ["not_a_server_error", "status_code_conformance", "content_type_conformance"]
        chosen.append("response_schema_conformance")
        case.validate_response(response, checks=[checks.get_one(name) for name in chosen])

    drive()


def test_a_stopped_users_session_ends_in_the_api_too(instance):
    client = client_of(instance, "viewer@a")
    services.set_active(User.objects.get(username="viewer@a"), False, actor="system")
    check_error(client.get(UNITS), 401)
