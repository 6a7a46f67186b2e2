"""Routes of core: imports, registers, the audit trail."""

from django.urls import path

from bishui.server.core import pages_audit, pages_imports, pages_registers

app_name = "core"
urlpatterns = [
    path("imports/", pages_imports.listing, name="imports"),
    path("imports/new/<str:kind_key>/", pages_imports.upload, name="upload"),
    path("imports/<uuid:pk>/", pages_imports.preview, name="import"),
    path("imports/<uuid:pk>/original/", pages_imports.original, name="original"),
    path("imports/<uuid:pk>/<slug:what>.csv", pages_imports.account, name="account"),
    path("imports/<uuid:pk>/do/<slug:transition>/", pages_imports.act, name="act"),
    path("registers/", pages_registers.index, name="registers"),
    path("registers/<slug:key>/", pages_registers.listing, name="register"),
    path("registers/<slug:key>/new/", pages_registers.edit, name="register_new"),
    path("registers/<slug:key>/export/", pages_registers.export, name="register_export"),
    path("registers/<slug:key>/<uuid:pk>/", pages_registers.edit, name="register_edit"),
    path("audit/", pages_audit.trail, name="audit"),
    path("audit/<int:sequence>/", pages_audit.entry, name="audit_entry"),
]
