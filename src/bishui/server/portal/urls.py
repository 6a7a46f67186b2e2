"""Routes of this app: the public pages, and behind the sign-in what releases them."""

from django.urls import path

from bishui.server.portal import pages_manage, pages_public

app_name = "portal"
urlpatterns = [
    path("public/", pages_public.index, name="index"),
    path("public/repeat_draw.py", pages_public.script, name="script"),
    path("public/city/<slug:code>/", pages_public.city, name="city"),
    path("public/city/<slug:code>/outfalls/", pages_public.outfalls, name="outfalls"),
    path("public/city/<slug:code>/settings/", pages_public.settings, name="settings"),
    path("public/city/<slug:code>/draws/", pages_public.draws, name="draws"),
    path("public/city/<slug:code>/milestones/", pages_public.milestones, name="milestones"),
    path("public/city/<slug:code>/bulletins/", pages_public.bulletins, name="bulletins"),
    path("public/bulletins/<uuid:pk>/", pages_public.bulletin, name="bulletin"),
    path("public/outfalls/<slug:code>/", pages_public.outfall, name="outfall"),
    path("public/outfalls/<slug:code>/report/", pages_public.report, name="report"),
    path("public/reports/<slug:number>/", pages_public.reported, name="reported"),
    path("public/draws/<slug:code>/", pages_public.draw, name="draw"),
    path("public/draws/<slug:code>/data.json", pages_public.draw_data, name="draw_data"),
    path("portal/", pages_manage.manage, name="manage"),
    path("portal/release/<slug:name>/", pages_manage.release, name="release"),
    path("portal/complaints/", pages_manage.complaints, name="complaints"),
    path("portal/complaints/<uuid:pk>/", pages_manage.complaint, name="complaint"),
    path("portal/complaints/<uuid:pk>/do/<slug:transition>/", pages_manage.act, name="act"),
    path("portal/sign/<slug:code>/", pages_manage.sign, name="sign"),
]
