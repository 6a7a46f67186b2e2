"""Tables whose cells were broken over lines, put together again from what each column's content looks like.

Here lives everything that turns the lines of such a table into rows of cells. Nothing here knows what a task
is or where the lines came from: blocks go in, blocks come out, and every character is accounted for.
"""

from bishui.documents.rebuilding.documents import rebuilt

__all__ = ["rebuilt"]
