"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("scores.scheme_saved", Text("评分办法“{title}”第 {number} 版生效"))
audit.register("scores.judged", Text("评定“{subject}”的“{fact}”：{value}"))
audit.register("scores.released", Text("发布“{title}”评分结果"))
