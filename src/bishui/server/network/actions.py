"""The actions of this app, with their log messages."""

from bishui.i18n import Text
from bishui.server.core import audit

audit.register("network.placed", Text("核定“{name}”的位置：河段 {reach}，里程 {chainage} m"))
audit.register("network.unplaced", Text("撤销“{name}”的核定位置"))
audit.register("network.trace_asked", Text("对“{name}”溯源"))
audit.register("network.traced", Text("“{name}”的溯源已完成"))
audit.register("network.dispatched", Text("按溯源“{name}”派发核查，责任单位 {unit}"))
audit.register("network.found", Text("记录溯源“{name}”的核查结果：{outcome}"))
