"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("portal.released", Text("对外公开“{what}”"))
audit.register("portal.withdrawn", Text("停止对外公开“{what}”"))
audit.register("portal.office_saved", Text("保存对外公开的监督电话"))
audit.register("portal.complaint_received", Text("收到公众反映“{name}”"))
