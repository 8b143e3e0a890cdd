"""The two charts of the pack: a trend against benchmarks, and all boroughs in a row.

Both name every line and mark directly, show intervals for what is judged, and say
so when an axis does not start at zero. Each `*_figure` function returns the
matplotlib figure; each `draw_*` function the finished picture.
"""

from lbbd_jsna.exhibits.boroughs import Bar, boroughs_figure, draw_boroughs
from lbbd_jsna.exhibits.drawing import Drawing
from lbbd_jsna.exhibits.trend import Line, draw_trend, trend_figure

__all__ = [
    "Bar",
    "Drawing",
    "Line",
    "boroughs_figure",
    "draw_boroughs",
    "draw_trend",
    "trend_figure",
]
