"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("cases.opened", Text("发起“{title}”，责任单位 {unit}"))
