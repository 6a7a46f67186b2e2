"""Routes of this app."""

from django.urls import path

from bishui.server.inspections import pages_draws, pages_duties, pages_inspections

app_name = "inspections"
urlpatterns = [
    path("", pages_draws.overview, name="overview"),
    path("draws/new/", pages_draws.freeze, name="freeze"),
    path("draws/<uuid:pk>/", pages_draws.draw, name="draw"),
    path("draws/<uuid:pk>/draw/", pages_draws.carry_out, name="carry_out"),
    path("draws/<uuid:pk>/postpone/", pages_draws.postpone, name="postpone"),
    path("draws/<uuid:pk>/replace/", pages_draws.replace, name="replace"),
    path("draws/<uuid:pk>/publish/", pages_draws.publish, name="publish"),
    path("monitoring/", pages_duties.monitoring, name="monitoring"),
    path("rain/", pages_duties.storm, name="storm"),
    path("records/", pages_inspections.listing, name="list"),
    path("records/new/", pages_inspections.new, name="new"),
    path("records/<uuid:pk>/", pages_inspections.one, name="one"),
    path("records/<uuid:pk>/file/", pages_inspections.file, name="file"),
    path("findings/<uuid:pk>/case/", pages_inspections.case, name="case"),
]
