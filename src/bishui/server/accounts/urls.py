"""Routes of this app."""

from django.urls import path

from bishui.server.accounts import pages_tokens, pages_units, pages_users, views

app_name = "accounts"
urlpatterns = [
    path("sign-in/", views.sign_in, name="login"),
    path("sign-out/", views.sign_out, name="logout"),
    path("users/", pages_users.listing, name="users"),
    path("users/new/", pages_users.add, name="user_new"),
    path("users/<uuid:pk>/", pages_users.user_page, name="user"),
    path("users/<uuid:pk>/<slug:what>/", pages_users.act, name="user_act"),
    path("units/", pages_units.tree, name="units"),
    path("units/<uuid:pk>/succeed/", pages_units.succeed, name="succeed"),
    path("password/", pages_users.own_password, name="password"),
    path("tokens/", pages_tokens.listing, name="tokens"),
    path("tokens/<uuid:pk>/revoke/", pages_tokens.revoke, name="token_revoke"),
    path("workspace/", views.workspace, name="workspace"),
]
