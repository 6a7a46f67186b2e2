"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("reminders.made", Text("按规则生成 {count} 条提醒"))
audit.register("reminders.attempted", Text("开始投递提醒“{name}”"))
audit.register("reminders.delivered", Text("提醒“{name}”已送达"))
audit.register("reminders.not_delivered", Text("提醒“{name}”未送达：{reason}"))
audit.register("reminders.tried_again", Text("重新投递提醒“{name}”"))
