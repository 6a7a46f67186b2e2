"""Routes of this app."""

from django.urls import path

from bishui.server.field import api, pages, shell

app_name = "field"
urlpatterns = [
    path("", shell.page, name="shell"),
    path("manifest.webmanifest", shell.manifest, name="manifest"),
    path("worker.js", shell.worker, name="worker"),
    path("api/hello", api.hello, name="hello"),
    path("api/device", api.register, name="device"),
    path("api/points", api.listing, name="points"),
    path("api/forms", api.forms, name="forms"),
    path("api/uploads/<str:sha256>", api.upload, name="upload"),
    path("received/", pages.received, name="received"),
    path("received/<uuid:pk>/", pages.one, name="submission"),
    path("received/<uuid:pk>/decide/", pages.decide, name="decide"),
    path("received/<uuid:pk>/photograph/", pages.photograph, name="photograph"),
    path("import/", pages.import_file, name="import"),
    path("devices/", pages.devices_list, name="devices"),
    path("devices/<uuid:pk>/revoke/", pages.revoke, name="revoke"),
]
