"""How monitors speak: the HJ 212 codec, the gateway and its spool (污染源在线监控).

Here live bytes, frames and acknowledgements; what a value means lives in `assessment`.
"""

__all__: list[str] = []
