"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("field.device_added", Text("登记现场设备“{name}”"))
audit.register("field.device_revoked", Text("停用现场设备“{name}”"))
audit.register("field.clock", Text("现场设备“{name}”的时钟与服务器相差 {seconds} 秒"))
audit.register("field.received", Text("收到现场表单：{kind}"))
audit.register("field.decided", Text("裁定现场表单：{decision}"))
