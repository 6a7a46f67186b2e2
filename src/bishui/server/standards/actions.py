"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("standards.override_uploaded", Text("上传本级覆盖文件“{name}”（依据 {basis}）"))
