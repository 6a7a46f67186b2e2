"""Routes of this app."""

from django.urls import path

from bishui.server.network import (
    pages_balance,
    pages_capacity,
    pages_map,
    pages_snapping,
    pages_spill,
    pages_traces,
    pages_versions,
)

app_name = "network"
urlpatterns = [
    path("", pages_map.network_map, name="map"),
    path("side.json", pages_map.side_json, name="side"),
    path("versions/", pages_versions.listing, name="versions"),
    path("template.csv", pages_versions.template, name="template"),
    path("versions/<uuid:pk>/network.gpkg", pages_versions.download, name="download"),
    path("traces/", pages_traces.listing, name="traces"),
    path("traces/of/<uuid:alert>/", pages_traces.ask, name="trace_alert"),
    path("traces/<uuid:pk>/", pages_traces.trace, name="trace"),
    path("traces/<uuid:pk>/dispatch/", pages_traces.dispatch, name="dispatch"),
    path("investigations/<uuid:pk>/found/", pages_traces.found, name="found"),
    path("spill/", pages_spill.drill, name="spill"),
    path("spill/sheet/", pages_spill.sheet, name="sheet"),
    path("spill/sheet.docx", pages_spill.sheet_docx, name="sheet_docx"),
    path("capacity/", pages_capacity.capacity, name="capacity"),
    path("capacity/<str:key>/", pages_balance.balance, name="balance"),
    path("capacity.json", pages_capacity.capacity_json, name="capacity_json"),
    path("snapping/", pages_snapping.listing, name="snapping"),
    path("snapping/<str:key>/", pages_snapping.place, name="place"),
]
