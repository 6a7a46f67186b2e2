"""Routes of this app."""

from django.urls import path

from bishui.server.waters import pages_areas, pages_calendar, pages_ranking, pages_trend

app_name = "waters"
urlpatterns = [
    path("", pages_areas.listing, name="areas"),
    path("area/", pages_areas.area, name="area"),
    path("ranking/", pages_ranking.ranking, name="ranking"),
    path("ranking/index/", pages_ranking.opened, name="index"),
    path("calendar/", pages_calendar.months, name="calendar"),
    path("calendar/years/", pages_calendar.years, name="years"),
    path("trend/", pages_trend.trend, name="trend"),
]
