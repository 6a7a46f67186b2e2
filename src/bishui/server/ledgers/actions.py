"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("ledgers.filings_made", Text("按计划生成 {count} 份备案事项"))
audit.register("ledgers.exported", Text("导出重点工作台账"))
