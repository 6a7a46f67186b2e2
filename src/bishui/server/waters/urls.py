"""Routes of this app."""

from django.urls import path

from bishui.server.waters import (
    pages_areas,
    pages_calendar,
    pages_changes,
    pages_files,
    pages_ranking,
    pages_room,
    pages_trend,
)

app_name = "waters"
urlpatterns = [
    path("", pages_areas.listing, name="areas"),
    path("area/", pages_areas.area, name="area"),
    path("export/", pages_files.areas, name="areas_file"),
    path("ranking/export/", pages_files.ranking, name="ranking_file"),
    path("ranking/", pages_ranking.ranking, name="ranking"),
    path("ranking/index/", pages_ranking.opened, name="index"),
    path("calendar/", pages_calendar.months, name="calendar"),
    path("calendar/years/", pages_calendar.years, name="years"),
    path("changes/", pages_changes.changes, name="changes"),
    path("changes/warm/", pages_changes.warm, name="warm"),
    path("room/", pages_room.city_room, name="room"),
    path("room/<uuid:pk>/", pages_room.section_room, name="section_room"),
    path("trend/", pages_trend.trend, name="trend"),
]
