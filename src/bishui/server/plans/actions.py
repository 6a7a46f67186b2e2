"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("plans.progress_reported", Text("{unit} 填报任务 {task} 的进展"))
audit.register("plans.progress_reviewed", Text("审核 {unit} 对任务 {task} 的填报：{decision}"))
audit.register("plans.duties_renewed", Text("按规则更新“{plan}”{count} 项任务的分工与节点"))
audit.register("plans.issued_set", Text("“{title}”的印发日期定为 {day}"))
audit.register("plans.weights_set", Text("调整任务 {task} 的权重"))
audit.register("plans.milestones_set", Text("调整任务 {task} 的节点"))
audit.register("plans.calendar_made", Text("按计划“{plan}”生成应报材料 {count} 项"))
audit.register("plans.report_handed_in", Text("{unit} 报送“{what}”"))
audit.register("plans.reports_missing", Text("记录 {day} 的缺报 {count} 项"))
audit.register("plans.unit_set", Text("任务 {task} 的“{name}”指定为 {units}"))
audit.register("plans.targets_recorded", Text("登记公开目标“{title}”"))
audit.register("plans.draft_corrected", Text("更正“{name}”待核对内容 {place}：“{before}”改为“{after}”"))
audit.register("plans.draft_reset", Text("“{name}”待核对内容 {place} 恢复为读取结果“{after}”"))
audit.register("plans.draft_left_out", Text("“{name}”中的 {place} 不录入"))
audit.register("plans.draft_added", Text("“{name}”补录 {place}：{after}"))
audit.register("plans.draft_unit_said", Text("“{name}”中的单位写法“{place}”指定为 {after}"))
audit.register("plans.draft_line_checked", Text("“{name}”{place} 核对为无需录入"))
audit.register("plans.corrections_carried", Text("“{name}”沿用先前的 {count} 处更正"))
audit.register("plans.reread", Text("重新识读计划“{name}”"))
audit.register("plans.ledger_rows_chosen", Text("选择台账工作簿“{name}”中要采用的行"))
audit.register("plans.ledger_compared_again", Text("把台账工作簿“{name}”与台账现值重新比较"))
