"""Routes of this app."""

from django.urls import path

from bishui.server.sites import (
    pages_files,
    pages_laboratories,
    pages_marks,
    pages_names,
    pages_overview,
    pages_quality,
    pages_results,
    pages_rows,
    pages_site,
)

app_name = "sites"
urlpatterns = [
    path("", pages_overview.overview, name="overview"),
    path("map/", pages_overview.map_page, name="map"),
    path("map/base/", pages_files.import_base_map, name="basemap_import"),
    path("map/base/<uuid:pk>/", pages_files.basemap, name="basemap"),
    path("sites/", pages_overview.listing, name="list"),
    path("sites/template/", pages_files.template, name="template"),
    path("sites/results/", pages_results.export, name="results"),
    path("sites/export/", pages_files.export, name="export"),
    path("sites/<uuid:pk>/", pages_site.site_page, name="site"),
    path("sites/<uuid:pk>/rows/<slug:item>/", pages_rows.rows_page, name="rows"),
    path("sites/<uuid:pk>/aliases/", pages_marks.add_alias, name="alias"),
    path("sites/<uuid:pk>/flags/", pages_marks.add_flag, name="flag"),
    path("sites/aliases/<uuid:pk>/remove/", pages_marks.remove_alias, name="alias_remove"),
    path("sites/flags/", pages_quality.flags, name="flags"),
    path("sites/flags/<uuid:pk>/withdraw/", pages_marks.withdraw_flag, name="flag_withdraw"),
    path("sites/laboratories/", pages_laboratories.listing, name="laboratories"),
    path("sites/laboratories/<uuid:pk>/", pages_laboratories.laboratory, name="laboratory"),
    path("sites/laboratories/<uuid:pk>/discard/", pages_laboratories.discard, name="laboratory_discard"),
    path("sites/names/", pages_names.listing, name="names"),
    path("sites/names/decide/", pages_names.decide, name="names_decide"),
    path("sites/names/<uuid:pk>/withdraw/", pages_names.withdraw, name="names_withdraw"),
    path("sites/names/imports/<uuid:pk>/", pages_names.complete, name="names_complete"),
    path("sites/quality/", pages_quality.listing, name="quality"),
    path("sites/quality/run/", pages_quality.run_checks, name="quality_run"),
    path("sites/quality/decide/", pages_quality.decide, name="quality_decide"),
    path("sites/quality/hold/", pages_quality.hold, name="hold"),
]
