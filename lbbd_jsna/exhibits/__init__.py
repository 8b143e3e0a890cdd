"""What a notebook may show. `from lbbd_jsna import exhibits`, then one exhibit a cell."""

from lbbd_jsna.exhibits.board import (
    board_title,
    first_look_table,
    outcomes_glance,
)
from lbbd_jsna.exhibits.coverage import (
    coverage_by_outcome,
    coverage_statements,
    coverage_tallies,
    coverage_targets,
    coverage_title,
    printed_verdicts_check,
    reading_notes,
)
from lbbd_jsna.exhibits.inequality import inequality_section
from lbbd_jsna.exhibits.manifesto import outcome_targets, target_tracker
from lbbd_jsna.exhibits.outcome import (
    commentary,
    measure_details,
    missing_measures,
    outcome_sources,
    outcome_table,
    outcome_tallies,
    outcome_title,
    related_figures,
    resident_statements,
)
from lbbd_jsna.exhibits.ward_context import ward_context

__all__ = [
    "board_title",
    "commentary",
    "coverage_by_outcome",
    "coverage_statements",
    "coverage_tallies",
    "coverage_targets",
    "coverage_title",
    "first_look_table",
    "inequality_section",
    "measure_details",
    "missing_measures",
    "outcome_sources",
    "outcome_table",
    "outcome_tallies",
    "outcome_targets",
    "outcome_title",
    "outcomes_glance",
    "printed_verdicts_check",
    "reading_notes",
    "related_figures",
    "resident_statements",
    "target_tracker",
    "ward_context",
]
