"""Returns: the small table, CSV or Excel, in which a service or a survey sends its figures.

The bytes of a CSV become text (`texts`), records (`records`) and a grid (`layout`); a workbook
becomes a grid (`workbook`). One set of rules judges the columns of either (`reader`), and an
accepted file is kept as it came (`keeping`).
"""

from lbbd_jsna.sources.returns.headings import COLUMNS
from lbbd_jsna.sources.returns.reader import check_grid, read_return

__all__ = ["COLUMNS", "check_grid", "read_return"]
