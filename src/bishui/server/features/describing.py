"""The description of the interface: OpenAPI 3.0 (OGC 17-069r4, clause 9), and what it conforms to.

Written here and not by ninja, which writes 3.1: programs for maps read 3.0, and look in it for the properties
that each collection can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import bishui
from bishui.server.api import Fault
from bishui.server.features.asking import MOST, MOST_SKIPPED, PAGING
from bishui.server.features.collections import Collection

#: The conformance classes that this interface has.
CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
)
#: Media type of the description (requirement 30).
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
_JSON, _GEOJSON = "application/json", "application/geo+json"
_STRING = {"type": "string"}

#: Parameters of every collection by name: type and meaning (requirements 14, 20, 24).
_PARAMETERS: Mapping[str, tuple[Mapping[str, Any], str]] = {
    "limit": (
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": 100},
        "At most so many features.",
    ),
    "bbox": (
        {
            "type": "array",
            "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
            "items": {"type": "number"},
        },
        "West, south, east and north in degrees (CRS84).",
    ),
    "datetime": (_STRING, "A moment, a day, or an interval a/b, a/.. or ../b."),
    "after": (_STRING, "Key of the last feature of the page before."),
    "offset": (
        {"type": "integer", "minimum": 0, "maximum": MOST_SKIPPED, "default": 0},
        "Skips so many features.",
    ),
    "f": ({"type": "string", "enum": ["json"]}, "The only format."),
}


def describe(root: str, title: str, about: str, found: Sequence[Collection]) -> dict[str, Any]:
    """Return the description of the interface at the address `root`, with the collections found there."""
    return {
        "openapi": "3.0.3",
        "info": {"title": title, "description": about, "version": bishui.__version__},
        "servers": [{"url": root}],
        "security": [{"token_as_password": []}, {"token": []}, {"session": []}],
        "paths": _paths(found),
        "components": {
            "parameters": {name: _parameter(name) for name in _PARAMETERS},
            "schemas": _fault_schemas(),
            "securitySchemes": {
                "token_as_password": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "sessionid"},
            },
        },
    }


def _paths(found: Sequence[Collection]) -> dict[str, Any]:
    keys = {"type": "string", "enum": [entry.id for entry in found]} if found else _STRING
    collection = _path_parameter("collectionId", keys)
    feature = _path_parameter("featureId", _STRING)
    return {
        "/": _get("landing", "The landing page"),
        "/api": _get("description", "This description", media_type=OPENAPI),
        "/conformance": _get("conformance", "What the interface conforms to"),
        "/collections": _get("collections", "The collections"),
        "/collections/{collectionId}": _get("collection", "One collection", [collection]),
        **{f"/collections/{entry.id}/items": _items(entry) for entry in found},
        "/collections/{collectionId}/items/{featureId}": _get(
            "item", "One feature", [collection, feature], media_type=_GEOJSON
        ),
    }


def _items(entry: Collection) -> dict[str, Any]:
    equal: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": f"Only features whose {name} is just this.",
            "schema": {"type": kind},
            "style": "form",
            "explode": False,
        }
        for name, kind in entry.filters.items()
    ]
    parameters = [*(_reference(name) for name in PAGING), *equal]
    return _get(f"items_{entry.id}", f"Features: {entry.title}", parameters, media_type=_GEOJSON)


def _get(
    key: str, summary: str, parameters: Iterable[Mapping[str, Any]] = (), *, media_type: str = _JSON
) -> dict[str, Any]:
    answers: dict[str, Any] = {
        "200": {"description": summary, "content": {media_type: {"schema": {"type": "object"}}}}
    }
    fault = {"schema": {"$ref": "#/components/schemas/Fault"}}
    refusals = {"400": "Wrong call", "401": "Not signed in", "403": "No right", "404": "Not found"}
    answers |= {code: {"description": why, "content": {_JSON: fault}} for code, why in refusals.items()}
    return {
        "get": {
            "operationId": key,
            "summary": summary,
            "parameters": [*parameters, _reference("f")],
            "responses": answers,
        }
    }


def _parameter(name: str) -> dict[str, Any]:
    schema, meaning = _PARAMETERS[name]
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": meaning,
        "schema": schema,
        "style": "form",
        "explode": False,
    }


def _path_parameter(name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def _fault_schemas() -> dict[str, Any]:
    """Return the shape of an error and what it is made of."""
    whole = Fault.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = whole.pop("$defs", {})
    return {name: _nullable(schema) for name, schema in {**parts, "Fault": whole}.items()}


def _nullable(schema: Any) -> Any:
    """Return a schema with ``nullable`` instead of the type ``null``, which OpenAPI 3.0 does not know."""
    if isinstance(schema, list):
        return [_nullable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {name: _nullable(part) for name, part in schema.items()}
    choices = changed.get("anyOf", [])
    if {"type": "null"} in choices:
        changed["anyOf"] = [choice for choice in choices if choice != {"type": "null"}]
        changed["nullable"] = True
    return changed
