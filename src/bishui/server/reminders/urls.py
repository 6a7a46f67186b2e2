"""Routes of this app."""

from django.urls import path

from bishui.server.reminders import pages

app_name = "reminders"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("deliveries/", pages.deliveries, name="deliveries"),
    path("deliveries/<uuid:pk>/again/", pages.again, name="again"),
]
