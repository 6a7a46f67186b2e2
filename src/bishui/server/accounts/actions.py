"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("accounts.signed_in", Text("{user} 登录"))
audit.register("accounts.sign_in_failed", Text("{user} 登录失败"))
audit.register("accounts.user_saved", Text("保存用户 {user}"))
audit.register("accounts.password_set", Text("设置 {user} 的密码"))
audit.register("accounts.role_granted", Text("授予 {user} 角色 {role}"))
audit.register("accounts.role_withdrawn", Text("收回 {user} 的角色 {role}"))
audit.register("accounts.divisions_saved", Text("保存行政区划 {name}"))
audit.register("accounts.units_saved", Text("保存单位 {name}"))
audit.register("accounts.token_made", Text("{user} 签发访问令牌“{name}”，有效至 {until}"))
audit.register("accounts.token_revoked", Text("停用 {user} 的访问令牌“{name}”"))
audit.register("accounts.unit_succeeded", Text("{old} 自 {day} 起由 {new} 接续"))
