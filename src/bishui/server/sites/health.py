"""The health check of the measurements: every active import is whole in the store."""

from __future__ import annotations

from bishui.errors import Problem
from bishui.i18n import Text
from bishui.server.core import doctor
from bishui.server.core.models import ImportSession
from bishui.server.sites import queries
from bishui.server.sites.queries import IMPORT_KIND


@doctor.register
def measurements() -> doctor.Finding:
    """Check that the store's files are whole, and that the rows of each active import are there."""
    active = ImportSession.objects.filter(kind=IMPORT_KIND, state="active").select_related("file")
    if not active:
        return doctor.Finding(Text("监测数据"), 0, ())
    store = queries.store()
    lost = [
        Problem(
            "lost-import",
            Text("导入“{name}”已生效，但存储中没有它的数据。", name=str(session)),
            Text("请从备份中恢复数据目录，或撤回后重新导入。"),
        )
        for session in active
        if not store.has_import(str(session.pk))
    ]
    return doctor.Finding(Text("监测数据"), len(active), (*store.check(), *lost))
