"""Routes of this app."""

from django.urls import path

from bishui.server.plans import pages_plans, pages_task

app_name = "plans"
urlpatterns = [
    path("", pages_plans.listing, name="list"),
    path("mine/", pages_plans.mine, name="mine"),
    path("<uuid:pk>/", pages_plans.plan, name="plan"),
    path("<uuid:pk>/units/", pages_plans.units, name="units"),
    path("<uuid:pk>/units/resolve/", pages_plans.resolve, name="resolve"),
    path("<uuid:pk>/export/", pages_plans.export, name="export"),
    path("tasks/<uuid:pk>/", pages_task.task, name="task"),
    path("tasks/<uuid:pk>/report/", pages_task.report, name="report"),
    path("tasks/<uuid:pk>/units/<uuid:role>/", pages_task.set_unit, name="set_unit"),
    path("tasks/<uuid:pk>/evidence/<uuid:progress>/", pages_task.evidence, name="evidence"),
]
