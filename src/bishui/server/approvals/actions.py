"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("approvals.received", Text("登记排污口设置申请“{name}”"))
audit.register("approvals.changed", Text("修改排污口设置申请“{name}”"))
audit.register("approvals.extended", Text("延长“{name}”的审批期限"))
audit.register("approvals.judged_area", Text("认定“{name}”与特殊保护区域的关系"))
audit.register("approvals.granted", Text("准予设置排污口“{name}”"))
audit.register("approvals.areas_imported", Text("导入特殊保护区域“{file}”，{count} 个"))
audit.register("approvals.area_ended", Text("停用特殊保护区域“{name}”"))
