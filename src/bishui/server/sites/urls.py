"""Routes of this app."""

from django.urls import path

from bishui.server.sites import pages_files, pages_marks, pages_overview, pages_rows, pages_site

app_name = "sites"
urlpatterns = [
    path("", pages_overview.overview, name="overview"),
    path("map/", pages_overview.map_page, name="map"),
    path("map/base/", pages_files.import_base_map, name="basemap_import"),
    path("map/base/<uuid:pk>/", pages_files.basemap, name="basemap"),
    path("sites/", pages_overview.listing, name="list"),
    path("sites/template/", pages_files.template, name="template"),
    path("sites/export/", pages_files.export, name="export"),
    path("sites/<uuid:pk>/", pages_site.site_page, name="site"),
    path("sites/<uuid:pk>/rows/<slug:item>/", pages_rows.rows_page, name="rows"),
    path("sites/<uuid:pk>/aliases/", pages_marks.add_alias, name="alias"),
    path("sites/<uuid:pk>/flags/", pages_marks.add_flag, name="flag"),
    path("sites/aliases/<uuid:pk>/remove/", pages_marks.remove_alias, name="alias_remove"),
    path("sites/flags/<uuid:pk>/withdraw/", pages_marks.withdraw_flag, name="flag_withdraw"),
]
