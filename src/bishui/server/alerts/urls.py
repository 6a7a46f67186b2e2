"""Routes of this app."""

from django.urls import path

from bishui.server.alerts import pages

app_name = "alerts"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("subscriptions/", pages.subscriptions, name="subscriptions"),
    path("subscriptions/<uuid:pk>/end/", pages.unsubscribe, name="unsubscribe"),
    path("<uuid:pk>/", pages.alert, name="alert"),
    path("<uuid:pk>/do/<slug:transition>/", pages.act, name="act"),
    path("<uuid:pk>/case/", pages.case, name="case"),
]
