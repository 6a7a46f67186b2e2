"""What is wrong with a file of a store, compared with what the log says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from bishui.errors import Problem, Where
from bishui.i18n import Text

#: What to do about it.
RESTORE = Text("请停止写入，用最近的备份恢复数据目录。")


def check_file(filesystem: Any, action: Mapping[str, Any]) -> Problem | None:
    """Return what is wrong with a file of a store: it is missing, cut short or unreadable.

    Parameters
    ----------
    filesystem
        The file system whose root is the store.
    action
        ``path``, ``size_bytes`` and ``num_records``, as the log has them.
    """
    path = action["path"]
    info = filesystem.get_file_info(path)
    if not info.is_file:
        what = Text("测量数据文件“{path}”不见了。", path=path)
    elif info.size != action["size_bytes"]:
        what = Text(
            "测量数据文件“{path}”有 {size} 字节，应有 {wanted} 字节。",
            path=path,
            size=info.size,
            wanted=action["size_bytes"],
        )
    else:
        try:
            with filesystem.open_input_file(path) as file:
                rows = sum(group.num_rows for group in pq.ParquetFile(file).iter_batches())
        except (pa.ArrowException, OSError):
            rows = -1
        if rows == action["num_records"]:
            return None
        what = Text("测量数据文件“{path}”已损坏，无法读出。", path=path)
    return Problem("store-damaged", what, RESTORE, where=Where(file=path))
