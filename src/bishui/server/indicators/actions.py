"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("indicators.value_added", Text("登记指标“{indicator}”：{value}（{day}）"))
audit.register("indicators.value_withdrawn", Text("撤销指标“{indicator}”的数值：{value}（{day}）"))
