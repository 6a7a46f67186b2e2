"""The operations of OGC API – Features (OGC 17-069r4, Part 1: Core), all for reading.

Landing page, conformance, description (`describing`), collections, items. Pages are found by key: no answer
counts a whole table, ``numberMatched`` is left out, and ``next`` leads on until it is absent.

Annotations are evaluated here, not postponed: the guard of another module wraps the operations, and ninja
would look their names up there.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from ninja import NinjaAPI, Query
from ninja.errors import AuthenticationError, ValidationError
from ninja.security import django_auth

import bishui
from bishui.errors import BishuiError, Where
from bishui.i18n import Text
from bishui.reports import ABOUT_COORDINATES
from bishui.server.api import NotSignedIn, requires
from bishui.server.core.middleware import not_found, render_error
from bishui.server.features.asking import (
    CHINA,
    MOST,
    MOST_SKIPPED,
    PAGING,
    Asked,
    WrongQuery,
    box_of,
    check_names,
    equal_of,
    span_of,
)
from bishui.server.features.collections import CRS84, Collection, Feature, Page, collections
from bishui.server.features.describing import CONFORMANCE, OPENAPI, describe
from bishui.server.features.entering import TokenAlone, TokenAsPassword

features = NinjaAPI(
    title="Bishui 碧水 · OGC API – Features",
    version=bishui.__version__,
    description="监测点位与评价结果。 Monitoring sites and results.",
    auth=[TokenAsPassword(), TokenAlone(), django_auth],
    urls_namespace="api-features",
    openapi_url=None,
    docs_url=None,
)

_JSON, _GEOJSON = "application/json", "application/geo+json"
#: The one right that reading asks for.
_ACTION = "sites.view"

Limit = Annotated[int, Query(ge=1)]
Offset = Annotated[int, Query(ge=0, le=MOST_SKIPPED)]
#: Reading by GET, and by HEAD where only the head of the answer is wanted (HTTP/1.1 asks for both).
_reads = partial(features.api_operation, ["GET", "HEAD"])


@features.exception_handler(BishuiError)
def _known(request: HttpRequest, error: BishuiError) -> HttpResponse:
    return render_error(request, error)


@features.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, error: Exception) -> HttpResponse:
    remedy = Text("请用登录名和访问令牌做基本认证；令牌在用户菜单的“访问令牌”中签发。")
    response = render_error(request, NotSignedIn(Text("请先登录。"), remedy=remedy))
    response["WWW-Authenticate"] = 'Basic realm="Bishui", charset="UTF-8"'
    return response


@features.exception_handler(ValidationError)
def _wrong_call(request: HttpRequest, error: ValidationError) -> HttpResponse:
    places = ", ".join(str(item["loc"][-1]) for item in error.errors)
    wrong = WrongQuery(
        Text("请求参数有误：{places}。", places=places),
        remedy=Text("参数的类型和范围见 /api/features/api。"),
        where=Where(field=places),
    )
    return render_error(request, wrong)


@_reads("/", url_name="landing")
@requires(_ACTION)
def landing(request: HttpRequest) -> HttpResponse:
    """Return the landing page: where everything else is."""
    check_names(request, ())
    city = request.workspace  # type: ignore[attr-defined]
    return _json(
        {
            "title": f"{city.name if city else ''} {features.title}".strip(),
            "description": features.description,
            "links": [
                _link(request, "self", _JSON, "landing"),
                _link(request, "service-desc", OPENAPI, "description"),
                _link(request, "conformance", _JSON, "conformance"),
                _link(request, "data", _JSON, "collections"),
            ],
        }
    )


@_reads("/api", url_name="description")
@requires(_ACTION)
def description(request: HttpRequest) -> HttpResponse:
    """Return the OpenAPI description, with the collections that the user may see."""
    check_names(request, ())
    root = request.build_absolute_uri(reverse("api-features:landing")).rstrip("/")
    return _json(describe(root, features.title, features.description, _collections(request)), OPENAPI)


@_reads("/conformance", url_name="conformance")
@requires(_ACTION)
def conformance(request: HttpRequest) -> HttpResponse:
    """Return the conformance classes."""
    check_names(request, ())
    return _json({"conformsTo": list(CONFORMANCE)})


@_reads("/collections", url_name="collections")
@requires(_ACTION)
def collection_list(request: HttpRequest) -> HttpResponse:
    """Return the collections."""
    check_names(request, ())
    found = [_described(request, entry) for entry in _collections(request)]
    return _json({"links": [_link(request, "self", _JSON, "collections")], "collections": found})


@_reads("/collections/{key}", url_name="collection")
@requires(_ACTION)
def collection(request: HttpRequest, key: str) -> HttpResponse:
    """Return one collection."""
    check_names(request, ())
    return _json(_described(request, _collection(request, key)))


@_reads("/collections/{key}/items", url_name="items")
@requires(_ACTION)
def items(
    request: HttpRequest,
    key: str,
    *,
    limit: Limit = 100,
    bbox: str | None = None,
    datetime: str | None = None,
    after: str = "",
    offset: Offset = 0,
) -> HttpResponse:
    """Return features of one collection, with a link to the next ones."""
    entry = _collection(request, key)
    check_names(request, (*PAGING, *entry.filters))
    equal = equal_of(request, entry.filters)
    asked = Asked(min(limit, MOST), box_of(bbox), span_of(datetime), after, offset, equal)
    return _json(_page(request, key, entry.page(asked)), _GEOJSON)


@_reads("/collections/{key}/items/{fid}", url_name="item")
@requires(_ACTION)
def item(request: HttpRequest, key: str, fid: str) -> HttpResponse:
    """Return one feature."""
    check_names(request, ())
    found = _collection(request, key).one(fid)
    if found is None:
        raise not_found()
    links = [
        _link(request, "self", _GEOJSON, "item", key=key, fid=fid),
        _link(request, "collection", _JSON, "collection", key=key),
    ]
    return _json(found | {"links": links}, _GEOJSON)


def _collections(request: HttpRequest) -> list[Collection]:
    city = request.workspace  # type: ignore[attr-defined]
    return collections(request.user, city) if city else []


def _collection(request: HttpRequest, key: str) -> Collection:
    found = next((entry for entry in _collections(request) if entry.id == key), None)
    if found is None:
        raise not_found()
    return found


def _described(request: HttpRequest, entry: Collection) -> dict[str, Any]:
    return {
        "id": entry.id,
        "title": str(entry.title),
        "description": str(entry.description),
        "itemType": "feature",
        "crs": [CRS84],
        "extent": entry.extent().as_dict(),
        "links": [
            _link(request, "self", _JSON, "collection", key=entry.id),
            _link(request, "items", _GEOJSON, "items", key=entry.id),
        ],
    }


def _page(request: HttpRequest, key: str, page: Page) -> dict[str, Any]:
    given: dict[str, Any] = {name: value for name, value in request.GET.items() if name != "offset"}
    links = [_link(request, "self", _GEOJSON, "items", request.GET.dict(), key=key)]
    if page.after:
        links.append(_link(request, "next", _GEOJSON, "items", given | {"after": page.after}, key=key))
    links.append(_link(request, "collection", _JSON, "collection", key=key))
    found: list[Feature] = list(page.features)
    return {
        "type": "FeatureCollection",
        "about_coordinates": dict(ABOUT_COORDINATES),
        "timeStamp": datetime.now(CHINA).replace(microsecond=0).isoformat(),
        "numberReturned": len(found),
        "features": found,
        "links": links,
    }


def _link(
    request: HttpRequest,
    relation: str,
    media_type: str,
    route: str,
    query: Mapping[str, Any] | None = None,
    **places: str,
) -> dict[str, str]:
    address = request.build_absolute_uri(reverse(f"api-features:{route}", kwargs=places))
    return {
        "href": f"{address}?{urlencode(query)}" if query else address,
        "rel": relation,
        "type": media_type,
    }


def _json(content: Mapping[str, Any], media_type: str = _JSON) -> HttpResponse:
    return JsonResponse(content, content_type=media_type, json_dumps_params={"ensure_ascii": False})
