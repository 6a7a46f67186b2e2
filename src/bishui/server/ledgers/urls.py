"""Routes of this app."""

from django.urls import path

from bishui.server.ledgers import pages_filings, pages_ledgers

app_name = "ledgers"
urlpatterns = [
    path("", pages_ledgers.index, name="index"),
    path("fields/<slug:field>/", pages_ledgers.field, name="field"),
    path("projects/<uuid:pk>/", pages_ledgers.project, name="project"),
    path("export/", pages_ledgers.export, name="export"),
    path("filings/", pages_filings.listing, name="filings"),
    path("filings/<uuid:pk>/", pages_filings.filing, name="filing"),
    path("filings/<uuid:pk>/do/<slug:transition>/", pages_filings.act, name="act"),
    path("filings/<uuid:pk>/file/", pages_filings.file, name="file"),
]
