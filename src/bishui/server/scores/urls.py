"""Routes of this app. A subject (a unit's code, a division's path) stands in the query."""

from django.urls import path

from bishui.server.scores import pages_scheme, pages_scores

app_name = "scores"
urlpatterns = [
    path("", pages_scores.index, name="index"),
    path("<slug:key>/", pages_scores.ranking, name="ranking"),
    path("<slug:key>/subject/", pages_scores.subject, name="subject"),
    path("<slug:key>/judge/", pages_scores.judge, name="judge"),
    path("<slug:key>/release/", pages_scores.release, name="release"),
    path("<slug:key>/export/", pages_scores.export, name="export"),
    path("<slug:key>/scheme/", pages_scheme.scheme, name="scheme"),
    path("released/<uuid:pk>/", pages_scores.released, name="released"),
]
