"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("sites.saved", Text("保存监测点位“{name}”"))
audit.register("sites.alias_added", Text("确认“{alias}”是监测点位“{name}”的别名"))
audit.register("sites.alias_removed", Text("删除监测点位“{name}”的别名“{alias}”"))
audit.register("sites.flagged", Text("标记监测点位“{name}”自 {start} 至 {end} 的数据：{flag}"))
audit.register("sites.flag_withdrawn", Text("撤销监测点位“{name}”自 {start} 至 {end} 的数据标记"))
audit.register("sites.reaches_saved", Text("保存示意河段 {count} 条"))
audit.register("sites.base_map_imported", Text("导入底图“{name}”，审图号 {number}"))
