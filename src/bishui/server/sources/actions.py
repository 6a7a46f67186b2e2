"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("sources.releases_made", Text("生成 {count} 项饮用水水质季度公开事项"))
audit.register("sources.checklist_answered", Text("填写{source} {year} 年规范化建设清单"))
