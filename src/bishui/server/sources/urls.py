"""Routes of this app."""

from django.urls import path

from bishui.server.sources import (
    pages_ecology,
    pages_lists,
    pages_records,
    pages_source,
    pages_sources,
    pages_water_use,
)

app_name = "sources"
urlpatterns = [
    path("", pages_sources.overview, name="overview"),
    path("problems/", pages_lists.problems, name="problems"),
    path("surveys/", pages_lists.surveys, name="surveys"),
    path("releases/", pages_lists.releases, name="releases"),
    path("ecology/", pages_ecology.listing, name="ecology"),
    path("ecology/<uuid:pk>/", pages_ecology.survey, name="ecology_survey"),
    path("water-use/", pages_water_use.overview, name="water_use"),
    path("records/<uuid:pk>/", pages_records.record, name="record"),
    path("records/<uuid:pk>/do/<slug:transition>/", pages_records.act, name="act"),
    path("records/<uuid:pk>/files/<uuid:file>/", pages_records.evidence, name="evidence"),
    path("<uuid:pk>/", pages_source.source, name="source"),
    path("<uuid:pk>/checklist/<int:year>/", pages_source.checklist, name="checklist"),
]
