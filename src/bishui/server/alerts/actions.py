"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("alerts.found", Text("按规则新增 {made} 条预警，更新 {extended} 条"))
audit.register("alerts.case_opened", Text("预警“{name}”转督办"))
audit.register("alerts.subscribed", Text("订阅预警：{place}"))
audit.register("alerts.unsubscribed", Text("取消订阅预警：{place}"))
