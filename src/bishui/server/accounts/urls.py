"""Routes of this app."""

from django.urls import path

from bishui.server.accounts import views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="login"),
    path("sign-out/", views.sign_out, name="logout"),
    path("workspace/", views.workspace, name="workspace"),
]
