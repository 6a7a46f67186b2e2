"""Routes of this app."""

from django.urls import path

from bishui.server.reporting import pages_evidence, pages_issue, pages_report

app_name = "reporting"
urlpatterns = [
    path("", pages_report.listing, name="list"),
    path("new/", pages_report.new, name="new"),
    path("bulletins/", pages_report.listing, {"family": "bulletin"}, name="bulletins"),
    path("bulletins/new/", pages_report.new, {"family": "bulletin"}, name="bulletin_new"),
    path("outfalls/", pages_report.listing, {"family": "outfalls"}, name="outfalls"),
    path("outfalls/new/", pages_report.new, {"family": "outfalls"}, name="outfalls_new"),
    path("<uuid:pk>/", pages_report.report, name="report"),
    path("<uuid:pk>/head/", pages_report.head, name="head"),
    path("<uuid:pk>/text/<slug:part>/", pages_report.text, name="text"),
    path("<uuid:pk>/figure/<str:key>/", pages_report.figure, name="figure"),
    path("<uuid:pk>/evidence/<str:site>/", pages_evidence.site, name="evidence"),
    path("<uuid:pk>/evidence/<str:site>/<slug:item>/", pages_evidence.rows, name="rows"),
    path("<uuid:pk>/do/<slug:transition>/", pages_issue.act, name="act"),
    path("<uuid:pk>/production/", pages_issue.production, name="production"),
    path("<uuid:pk>/file/<slug:kind>/", pages_issue.draft_file, name="file"),
    path("<uuid:pk>/edition/<int:number>/", pages_issue.edition, name="edition"),
    path("<uuid:pk>/edition/<int:number>/page/", pages_evidence.page, name="edition_page"),
    path("<uuid:pk>/edition/<int:number>/figure/<str:key>/", pages_evidence.figure, name="edition_figure"),
    path("<uuid:pk>/edition/<int:number>/evidence/<str:site>/", pages_evidence.site, name="edition_evidence"),
    path(
        "<uuid:pk>/edition/<int:number>/evidence/<str:site>/<slug:item>/",
        pages_evidence.rows,
        name="edition_rows",
    ),
    path("<uuid:pk>/edition/<int:number>/<slug:kind>/", pages_issue.edition_file, name="edition_file"),
]
