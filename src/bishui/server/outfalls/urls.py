"""Routes of this app."""

from django.urls import path

from bishui.server.outfalls import (
    pages_exchange,
    pages_list,
    pages_map,
    pages_merging,
    pages_outfall,
    pages_progress,
    pages_record,
    pages_step,
    pages_work,
)

app_name = "outfalls"
urlpatterns = [
    path("", pages_list.listing, name="list"),
    path("board/", pages_list.board, name="board"),
    path("map/", pages_map.map_page, name="map"),
    path("map/cells/", pages_map.cells, name="map_cells"),
    path("work/", pages_work.work_page, name="work"),
    path("progress/", pages_progress.progress_page, name="progress"),
    path("progress/new/", pages_progress.new_milestone, name="milestone_new"),
    path("progress/<uuid:pk>/freeze/", pages_progress.freeze, name="milestone_freeze"),
    path("exchange/", pages_exchange.exchange, name="exchange"),
    path("exchange/outfalls.<str:ending>", pages_exchange.export, name="export"),
    path("exchange/for/<slug:system>/", pages_exchange.export_mapped, name="export_mapped"),
    path("duplicates/", pages_merging.duplicates, name="duplicates"),
    path("duplicates/decide/", pages_merging.decide, name="duplicates_decide"),
    path("duplicates/part/", pages_merging.part, name="duplicates_part"),
    path("classification/", pages_merging.classification, name="classification"),
    path("classification/accept/", pages_merging.accept_types, name="classification_accept"),
    path("new/", pages_record.new, name="new"),
    path("photos/<uuid:pk>/", pages_outfall.photo, name="photo"),
    path("photos/<uuid:pk>/original/", pages_outfall.original, name="photo_original"),
    path("one/<str:code>/", pages_outfall.outfall_page, name="outfall"),
    path("one/<str:code>/step/<slug:transition>/", pages_step.step, name="step"),
    path("one/<str:code>/files/<uuid:file>/", pages_outfall.evidence, name="evidence"),
    path("one/<str:code>/visit/", pages_record.visit, name="visit_new"),
    path("one/<str:code>/photo/", pages_record.photo, name="photo_new"),
    path("one/<str:code>/photo/<uuid:pk>/view/", pages_record.view_of, name="photo_view"),
    path("one/<str:code>/sample/", pages_record.sample, name="sample_new"),
    path("one/<str:code>/samples/<uuid:pk>/custody/", pages_record.custody, name="custody"),
    path("one/<str:code>/samples/<uuid:pk>/results/", pages_record.results, name="results"),
    path("one/<str:code>/links/new/", pages_record.link, name="link_new"),
    path("one/<str:code>/links/<uuid:pk>/end/", pages_record.link_end, name="link_end"),
]
