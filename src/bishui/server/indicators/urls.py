"""Routes of this app."""

from django.urls import path

from bishui.server.indicators import pages

app_name = "indicators"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("water/", pages.water, name="water"),
    path("<uuid:pk>/", pages.target, name="target"),
    path("<uuid:pk>/add/", pages.add, name="add"),
    path("values/<uuid:pk>/withdraw/", pages.withdraw, name="withdraw"),
]
