"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("sites.saved", Text("保存监测点位“{name}”"))
audit.register("sites.alias_added", Text("确认“{alias}”是监测点位“{name}”的别名"))
audit.register("sites.alias_removed", Text("删除监测点位“{name}”的别名“{alias}”"))
audit.register("sites.names_found", Text("“{name}”中有 {count} 个名称没有对应的点位"))
audit.register("sites.name_not_ours", Text("确认“{name}”不是本市的点位"))
audit.register("sites.name_new", Text("按文件中的名称“{name}”登记新点位"))
audit.register("sites.names_reread", Text("名称核对后重新读取“{name}”"))
audit.register("sites.name_withdrawn", Text("撤销对名称“{name}”的处理"))
audit.register("sites.flagged", Text("标记监测点位“{name}”自 {start} 至 {end} 的数据：{flag}"))
audit.register("sites.flag_withdrawn", Text("撤销监测点位“{name}”自 {start} 至 {end} 的数据标记"))
audit.register("sites.results_exported", Text("导出评价结果“{name}”，{count} 行"))
audit.register("sites.reaches_saved", Text("保存示意河段 {count} 条"))
audit.register("sites.base_map_imported", Text("导入底图“{name}”，审图号 {number}"))
audit.register("sites.quality_asked", Text("运行数据质量检查"))
audit.register("sites.quality_found", Text("数据质量检查发现 {found} 处，其中新发现 {fresh} 处"))
audit.register("sites.quality_failed", Text("数据质量检查没有完成：{what}"))
audit.register("sites.findings_flagged", Text("按质控发现标记 {count} 处数据：{flag}"))
audit.register("sites.findings_dismissed", Text("不采纳质控发现 {count} 处"))
audit.register("sites.findings_reopened", Text("质控发现 {count} 处恢复为待处理"))
audit.register("sites.held_back", Text("暂停使用 {count} 个点位自 {start} 至 {end} 的数据"))
audit.register("sites.mapping_guessed", Text("识别化验室“{name}”的表格版式"))
audit.register("sites.mapping_saved", Text("保存化验室“{name}”的表格版式第 {edition} 版"))
audit.register("sites.mapping_discarded", Text("放弃化验室“{name}”未确认的表格版式"))
