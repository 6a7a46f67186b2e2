"""Routes of this app."""

from django.urls import path

from bishui.server.approvals import pages, pages_areas

app_name = "approvals"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("new/", pages.new, name="new"),
    path("areas/", pages_areas.listing, name="areas"),
    path("areas/upload/", pages_areas.upload, name="areas_upload"),
    path("areas/<uuid:pk>/end/", pages_areas.end, name="area_end"),
    path("<uuid:pk>/", pages.application, name="application"),
    path("<uuid:pk>/judge/", pages.judge, name="judge"),
    path("<uuid:pk>/consult/", pages.consult, name="consult"),
    path("<uuid:pk>/extend/", pages.extend, name="extend"),
    path("<uuid:pk>/do/<slug:transition>/", pages.act, name="act"),
    path("<uuid:pk>/evidence/<uuid:file>/", pages.evidence, name="evidence"),
]
