"""The words of the field page, in the language in use; the page carries both along."""

from __future__ import annotations

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Return every word of the page by its key; ``{name}`` marks what the page fills in."""
    return _application() | _states() | _work() | _device() | _faults()


def _application() -> dict[str, str]:
    return {
        "app_name": _("碧水现场"),
        "app_short": _("碧水现场"),
        "app_about": _("排污口排查、拍照、采样；没有信号也能用一整天。"),
        "points": _("点位"),
        "map": _("地图"),
        "queue": _("待发送"),
        "device": _("本机"),
        "yes": _("是"),
        "no": _("否"),
        "add": _("添加"),
        "remove": _("移除"),
        "choose": _("请选择"),
        "search": _("按名称或编码查找"),
        "online": _("有信号"),
        "offline": _("无信号，照常工作"),
        "optional": _("选填"),
    }


def _states() -> dict[str, str]:
    return {
        "draft": _("草稿"),
        "waiting": _("待发送"),
        "sending": _("正在发送"),
        "held": _("已收到，等待前一表单"),
        "sent": _("已入库"),
        "conflict": _("有冲突，等待裁定"),
        "refused": _("未通过"),
        "set_aside": _("已留存，未入库"),
    }


def _work() -> dict[str, str]:
    return {
        "discover": _("发现新排口"),
        "visit": _("现场记录"),
        "sample": _("采样"),
        "custody": _("样品交接"),
        "photograph": _("拍照"),
        "finish": _("填好，待发送"),
        "discard": _("删除草稿"),
        "discard_sure": _("删除这份草稿和其中的照片？"),
        "saved": _("每次填写都已存在本机"),
        "correct": _("更正"),
        "position": _("定位"),
        "locating": _("正在定位…"),
        "locate": _("重新定位"),
        "accuracy": _("精度 ±{metres} 米"),
        "no_position": _("没有定位"),
        "poor_position": _("精度差，请到空旷处重新定位"),
        "photos": _("照片"),
        "photo_saved": _("照片已存入本机"),
        "missing": _("还没有填：{fields}"),
        "new_point": _("新发现，未发送"),
        "nothing_here": _("没有点位。有信号时到“本机”下载。"),
        "queue_empty": _("没有待发送的表单。"),
        "send_now": _("现在发送"),
        "export": _("导出未发送的为文件"),
        "exported": _("已导出 {n} 份表单。文件可在电脑上导入；表单仍保留在本机。"),
        "sent_count": _("已发送 {n} 份"),
        "due": _("期限"),
        "distance": _("{metres} 米"),
        "here": _("我的位置"),
        "more_points": _("只显示最近的 {n} 个，请查找其余。"),
        "flagged": _("存疑"),
        "changed_field": _("{field}：带出时“{seen}”，现在“{now}”"),
        "near_point": _("附近已有：{now}"),
        "sample_first": _("请先填写采样，再交接。"),
        "kept_other": _("同一编号收到过不同内容，两份都已保留。"),
    }


def _device() -> dict[str, str]:
    return {
        "register": _("登记本机"),
        "registered": _("{user} 的设备，有效至 {day}"),
        "not_registered": _("本机没有登记，不能下载点位和发送；填写和拍照照常。"),
        "sign_in": _("登录"),
        "download": _("下载点位"),
        "downloaded": _("已带上 {n} 个点位，{when} 更新"),
        "downloading": _("正在下载，已有 {n} 个…"),
        "too_many": _("点位超过 {n} 个，请填写乡镇代码后下载。"),
        "county": _("县区"),
        "town": _("乡镇代码（选填）"),
        "storage": _("本机空间：已用 {used}，可用 {free}"),
        "kept": _("浏览器已答应不清除本机数据"),
        "not_kept": _("浏览器可能在空间不足时清除数据，请及时发送或导出"),
        "ask_keep": _("请求保留数据"),
        "clock_wrong": _("本机时钟与服务器相差 {seconds} 秒，已记下并改正。请校准时间。"),
        "clock_right": _("本机时钟正确"),
        "install": _("安装到桌面"),
        "installed": _("已安装，可离线打开"),
        "ready": _("页面已存入本机，可离线打开"),
        "other_user": _("本机还有 {user} 未发送的表单，请先由其发送或导出。"),
        "update": _("页面有新版本"),
        "reload": _("更新"),
    }


def _faults() -> dict[str, str]:
    return {
        "in_app_title": _("请在系统浏览器中打开"),
        "in_app": _(
            "当前是 {app} 的内置浏览器，不能安装，数据可能被清除。"
            "请点右上角菜单，选择“在浏览器打开”，或复制下面的地址。"
        ),
        "copy": _("复制地址"),
        "copied": _("已复制"),
        "insecure_title": _("此地址不能离线使用"),
        "insecure": _("现场页面需要 HTTPS 和受信任的证书。请联系系统管理员（bishui doctor --phone）。"),
        "too_old": _("浏览器太旧，不能离线使用。请更新系统浏览器。"),
        "no_storage": _("本机存储已满或不可用：{fault}"),
        "no_photo": _("照片没有存下：{fault}"),
        "not_jpeg": _("请选择 JPEG 或 PNG 照片。"),
        "too_large": _("照片超过 {limit} MB，请降低照片尺寸。"),
        "link_broken": _("没有送达，稍后自动再试。"),
        "key_ended": _("登记已失效，请重新登录并登记；表单仍在本机。"),
        "no_gps": _("定位失败：{fault}"),
    }
