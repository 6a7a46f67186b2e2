"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("reporting.created", Text("新建“{title}”，数据截至 {as_of}"))
audit.register("reporting.head_saved", Text("修改“{title}”的文头"))
audit.register("reporting.text_saved", Text("“{title}”：填写“{part}”第 {number} 稿"))
audit.register("reporting.issued", Text("“{title}”第 {number} 版已生成并存档"))
audit.register("reporting.failed", Text("“{title}”的文件未能生成：{reason}"))
