"""Routes of this app."""

from django.urls import path

from bishui.server.plans import (
    pages_arrange,
    pages_calendar,
    pages_comparison,
    pages_mine,
    pages_plans,
    pages_progress,
    pages_review,
    pages_review_edit,
    pages_task,
    pages_workbook,
)

app_name = "plans"
urlpatterns = [
    path("", pages_plans.listing, name="list"),
    path("mine/", pages_mine.mine, name="mine"),
    path("ledger/", pages_plans.ledger, name="ledger"),
    path("ledger/export/", pages_plans.ledger_export, name="ledger_export"),
    path("ledger/imports/<uuid:pk>/choose/", pages_workbook.choose, name="ledger_choose"),
    path("ledger/imports/<uuid:pk>/again/", pages_workbook.again, name="ledger_again"),
    path("compare/", pages_comparison.comparison, name="compare"),
    path("waiting/", pages_progress.waiting, name="waiting"),
    path("calendar/", pages_calendar.month, name="calendar"),
    path("reports/<uuid:pk>/", pages_calendar.report_due, name="report_due"),
    path("reports/<uuid:pk>/return/", pages_calendar.return_due, name="return_due"),
    path("reports/<uuid:pk>/file/", pages_calendar.report_file, name="report_file"),
    path("progress/<uuid:pk>/", pages_progress.progress, name="progress"),
    path("progress/<uuid:pk>/do/<slug:transition>/", pages_progress.act, name="progress_act"),
    path("progress/<uuid:pk>/evidence/<uuid:file>/", pages_progress.evidence, name="evidence"),
    path("duties/<uuid:pk>/take/", pages_task.take, name="take"),
    path("duties/<uuid:pk>/accept/", pages_task.accept, name="accept_duty"),
    path("<uuid:pk>/", pages_plans.plan, name="plan"),
    path("<uuid:pk>/units/", pages_plans.units, name="units"),
    path("<uuid:pk>/units/resolve/", pages_plans.resolve, name="resolve"),
    path("<uuid:pk>/export/", pages_plans.export, name="export"),
    path("<uuid:pk>/issued/", pages_plans.set_issued, name="set_issued"),
    path("<uuid:pk>/reread/", pages_review_edit.reread, name="reread"),
    path("review/<uuid:pk>/", pages_review.review, name="review"),
    path("review/<uuid:pk>/document/", pages_review.document, name="review_document"),
    path("review/<uuid:pk>/field/", pages_review_edit.field, name="review_field"),
    path("review/<uuid:pk>/record/", pages_review_edit.record, name="review_record"),
    path("review/<uuid:pk>/line/", pages_review_edit.line, name="review_line"),
    path("review/<uuid:pk>/add/", pages_review_edit.add, name="review_add"),
    path("review/<uuid:pk>/unit/", pages_review_edit.unit, name="review_unit"),
    path("tasks/<uuid:pk>/", pages_task.task, name="task"),
    path("tasks/<uuid:pk>/report/", pages_progress.report, name="report"),
    path("tasks/<uuid:pk>/arrange/", pages_arrange.arrange, name="arrange"),
    path("tasks/<uuid:pk>/units/<uuid:role>/", pages_task.set_unit, name="set_unit"),
]
