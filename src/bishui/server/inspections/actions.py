"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register(
    "inspections.draw_committed",
    Text("冻结抽查名单“{code}”：{size} 个，应抽 {count} 个，名单摘要 {list_hash}"),
)
audit.register("inspections.draw_postponed", Text("改定抽查“{code}”的公开随机数：{source}"))
audit.register("inspections.drawn", Text("抽取“{code}”，公开随机数 {number}"))
audit.register("inspections.replaced", Text("抽查“{code}”第 {position} 位由下一顺位替补"))
audit.register("inspections.recorded", Text("填报“{name}”的监督检查"))
audit.register("inspections.pass_on", Text("把“{name}”的检查发现转为督办"))
