"""Routes of this app."""

from django.urls import path

from bishui.server.cases import views

app_name = "cases"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:pk>/", views.case, name="case"),
    path("<uuid:pk>/do/<slug:transition>/", views.act, name="act"),
    path("<uuid:pk>/evidence/<uuid:file>/", views.evidence, name="evidence"),
]
