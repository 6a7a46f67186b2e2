"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("outfalls.saved", Text("登记排污口“{name}”"))
audit.register("outfalls.found", Text("发现疑似排污口“{name}”"))
audit.register("outfalls.recorded", Text("记录“{name}”的{what}"))
audit.register("outfalls.merged", Text("将排污口 {gone} 并入 {kept}"))
audit.register("outfalls.parted", Text("撤销将排污口 {gone} 并入 {kept}"))
audit.register("outfalls.kept_apart", Text("认定排污口 {first} 与 {second} 不是同一个"))
audit.register("outfalls.types_accepted", Text("采用建议的排污口分类"))
audit.register("outfalls.linked", Text("为“{name}”增加排污链路"))
audit.register("outfalls.link_ended", Text("终止“{name}”的一段排污链路"))
audit.register("outfalls.milestone_saved", Text("登记排污口整治阶段目标“{name}”"))
audit.register("outfalls.milestone_frozen", Text("冻结“{name}”{day} 的名单，共 {count} 个"))
audit.register("outfalls.visited", Text("登记“{name}”的现场记录"))
audit.register("outfalls.photographed", Text("上传“{name}”的照片"))
audit.register("outfalls.view_matched", Text("指明“{name}”同一视角的照片"))
audit.register("outfalls.sampled", Text("登记“{name}”的样品“{number}”"))
audit.register("outfalls.handed_over", Text("登记样品“{number}”的流转"))
audit.register("outfalls.analysed", Text("登记样品“{number}”的检测结果"))
audit.register("outfalls.complaint_confirmed", Text("投诉举报查实（{record}）"))
