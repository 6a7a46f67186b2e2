"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("plans.progress_reported", Text("{unit} 填报任务 {task} 进展 {percent}%"))
audit.register("plans.unit_set", Text("任务 {task} 的“{name}”指定为 {units}"))
audit.register("plans.targets_recorded", Text("登记公开目标“{title}”"))
