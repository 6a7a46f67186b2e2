"""The actions of core, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("core.transition", Text("“{name}”：{transition}"))
audit.register("core.import_received", Text("收到导入文件“{name}”"))
audit.register("core.import_landed", Text("导入“{name}”已入库"))
audit.register("core.import_taken_back", Text("撤回导入“{name}”"))
audit.register("core.register_saved", Text("保存{register}“{name}”"))
audit.register("core.first_start", Text("首次启动"))
audit.register("core.demonstration", Text("载入演示：{name}"))
audit.register("core.demonstration_loaded", Text("演示“{name}”载入完毕"))
audit.register("core.backup", Text("备份到“{name}”"))
audit.register("core.restored", Text("从备份“{name}”恢复（备份于 {at}）"))
