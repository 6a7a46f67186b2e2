"""Routes of this app."""

from django.urls import path

from bishui.server.standards import pages_limits, pages_overrides, pages_rules

app_name = "standards"
urlpatterns = [
    path("", pages_limits.listing, name="limits"),
    path("rules/", pages_rules.listing, name="rules"),
    path("overrides/", pages_overrides.listing, name="overrides"),
    path("overrides/new/", pages_overrides.new, name="new"),
    path("overrides/<uuid:pk>/moves/", pages_overrides.moves, name="override_moves"),
    path("overrides/<uuid:pk>/", pages_overrides.override, name="override"),
    path("overrides/<uuid:pk>/do/<slug:transition>/", pages_overrides.act, name="act"),
    path("overrides/<uuid:pk>/files/<slug:kind>/", pages_overrides.file, name="file"),
]
