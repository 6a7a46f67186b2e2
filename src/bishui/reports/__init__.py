"""How it is told: tables and figures to DOCX, XLSX and PDF in the official layout (公文格式).

Here lives how something looks on paper, never what it means.
"""

__all__: list[str] = []
