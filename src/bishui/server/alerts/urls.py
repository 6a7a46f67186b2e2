"""Routes of this app."""

from django.urls import path

from bishui.server.alerts import pages, pages_subscriptions

app_name = "alerts"
urlpatterns = [
    path("", pages.listing, name="list"),
    path("subscriptions/", pages_subscriptions.subscriptions, name="subscriptions"),
    path("subscriptions/<uuid:pk>/end/", pages_subscriptions.unsubscribe, name="unsubscribe"),
    path("<uuid:pk>/", pages.alert, name="alert"),
    path("<uuid:pk>/do/<slug:transition>/", pages.act, name="act"),
    path("<uuid:pk>/case/", pages.case, name="case"),
]
