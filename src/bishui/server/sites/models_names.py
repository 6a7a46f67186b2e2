"""Names of sites that files use and nobody has explained yet, and what people decided about them."""

from __future__ import annotations

from django.db import models

from bishui.i18n import Text
from bishui.server.core.records import OwnedRecord

#: What a person can decide about a name.
VERDICTS: dict[str, Text] = {
    "alias": Text("是已有点位的别名"),
    "new": Text("登记为新点位"),
    "not_ours": Text("不是本市的点位"),
}


class FoundName(OwnedRecord):
    """A name in the file of one import that meant no site when the file was read.

    `folded` is the name as `bishui.server.sites.names.fold` gives it; `rows` counts the rows of the file.
    """

    session = models.ForeignKey("core.ImportSession", on_delete=models.PROTECT, related_name="found_names")
    name = models.CharField(max_length=200)
    folded = models.CharField(max_length=200, db_index=True)
    rows = models.PositiveIntegerField(default=0)
    first_row = models.PositiveIntegerField(null=True, blank=True)
    water = models.CharField(max_length=120, blank=True)
    basin = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["folded"]
        constraints = [models.UniqueConstraint(fields=["session", "name"], name="found_once_in_an_import")]

    def __str__(self) -> str:
        return self.name


class NameDecision(OwnedRecord):
    """What a person decided about a name, once for all further files; it can be withdrawn, never deleted."""

    name = models.CharField(max_length=200)
    folded = models.CharField(max_length=200, db_index=True)
    verdict = models.CharField(max_length=10)
    #: The site by name too: a new one that is withdrawn is gone.
    site = models.ForeignKey(
        "sites.Site", on_delete=models.SET_NULL, null=True, blank=True, related_name="name_decisions"
    )
    site_name = models.CharField(max_length=120, blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    why = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_why = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> Text:
        """The verdict in words."""
        if self.verdict == "alias":
            return Text("是“{site}”的别名", site=self.site_name)
        if self.verdict == "new":
            return Text("登记为新点位“{site}”", site=self.site_name)
        return VERDICTS[self.verdict]
