"""What a member of a board needs to know to read a page: the first screen of the methods page."""

from __future__ import annotations

# The word, the module (and function) of its method, and how to read it.
WORDS = {
    "Where we stand": (
        (
            "Interval", "intervals",
            "A figure that rests on few people moves up and down by luck. Its 95% interval is the "
            "range that luck leaves open; about 1 in 20 such ranges misses the true level. The "
            "wider the interval, the less should rest on the figure.",
        ),
        (
            "Verdict: better, similar or worse", "comparisons",
            "Better or worse means that the whole interval lies on one side of the figure we "
            "compare with. Similar means that the two cannot be told apart, not that they are the "
            "same. Even if nothing truly differed, about 1 in 20 comparisons would come out better "
            "or worse by chance. Where neither direction is good, we say higher or lower.",
        ),
        (
            "Trend", "trends",
            "Rising or falling means that the latest five points moved by more than chance would "
            "explain. No significant change means that no such movement could be shown, not that "
            "nothing changed. With fewer than five points we do not say.",
        ),
        (
            "Rank", "ranks",
            "A place among the London boroughs. It hides how close they are: a small change can "
            "move a borough many places. Beside it stand the places that the intervals leave "
            "open; where there are no intervals, we cannot say how sure the place is.",
        ),
    ),
    "How far there is to go": (
        (
            "Gap", "targets gap_to",
            "Our figure less the one we compare with, in the same unit. Where the interval of a "
            "gap includes zero, there may be no gap at all.",
        ),
        (
            "How many people", "targets people",
            "The gap as a number of residents: how many fewer, or more, there would be at the "
            "other area's rate. It shows the size of the task. It is worked out, not counted, and "
            "it points to nobody in particular.",
        ),
        (
            "Special cause", "control_charts",
            "Where figures come every quarter, the band is how far they vary by chance alone. A "
            "special cause is a sign that something has changed; a figure that varies within the "
            "band is no news.",
        ),
        (
            "Forecast", "forecasts",
            "Where the figure would go if the past went on as before, with a range meant to hold "
            "8 in 10 outcomes. It is neither a promise nor a target, and it knows nothing of what "
            "is being done.",
        ),
        (
            "Inequality", "inequality",
            "How far people in the most deprived areas are behind those in the least deprived, "
            "counting everyone in between. A borough can improve on average while this grows.",
        ),
    ),
}  # fmt: skip
