"""Parameters are checked before a kernel starts: nothing is guessed, nothing is run."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.parameters import (
    check_parameters,
    declared_parameters,
    plan_reports,
)
from tests.tiny_pack import write_notebook

QUARTER = Quarter(2026, 3)
NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
OUTCOME_CELL = 'quarter = "2026-27-Q3"  # q\narea = "E09000002"  # a\noutcome = "outcome-1"  # o'
GIVEN = {"quarter": "2026-27-Q3", "area": "E09000002", "outcome": "outcome-3"}


@pytest.fixture
def notebook(tmp_path) -> Path:
    return write_notebook(tmp_path / "outcome.ipynb", "1", parameters=OUTCOME_CELL)


def refusal(notebook, catalogue, **changes) -> str:
    with pytest.raises(RunError) as caught:
        check_parameters(notebook, {**GIVEN, **changes}, catalogue)
    return str(caught.value)


def test_the_plan_is_the_board_all_wards_the_coverage_each_outcome_and_each_ward(catalogue):
    plan = plan_reports(catalogue, QUARTER)
    slugs = [report.slug for report in plan]
    assert slugs[:14] == [
        "board", "wards", "coverage",
        "outcome-1", "outcome-2", "outcome-3", "outcome-4", "outcome-5", "outcome-6", "outcome-7",
        "best-chance-1", "best-chance-2", "best-chance-3", "best-chance-4",
    ]  # fmt: skip
    names = catalogue.wards("2022")
    wards = [report.parameters["ward"] for report in plan[14:]]
    assert [names[code] for code in wards] == sorted(names.values())
    assert slugs[14:] == [f"ward-{code.lower()}" for code in wards]
    assert len(set(slugs)) == 14 + 19
    assert dict(plan[3].parameters) == {**GIVEN, "outcome": "outcome-1"}
    assert dict(plan[0].parameters) == {"quarter": "2026-27-Q3", "area": "E09000002"}


@pytest.mark.parametrize(
    ("only", "slugs"),
    [
        (["outcome-3"], ["outcome-3"]),
        (["coverage.ipynb", "board"], ["board", "coverage"]),
        (["outcome-7", "outcome-7"], ["outcome-7"]),
        (["ward-e05014053"], ["ward-e05014053"]),
    ],
)
def test_only_takes_slugs_and_notebooks_in_the_order_of_the_pack(catalogue, only, slugs):
    assert [report.slug for report in plan_reports(catalogue, QUARTER, only)] == slugs


def test_only_a_notebook_takes_all_its_reports(catalogue):
    assert len(plan_reports(catalogue, QUARTER, ["outcome"])) == 11
    assert len(plan_reports(catalogue, QUARTER, ["ward_profile.ipynb"])) == 19


@pytest.mark.parametrize("name", ["outcome-99", "../../etc/passwd", "Outcome-1", "Abbey", ""])
def test_an_unknown_report_is_refused_and_the_nearest_named(catalogue, name):
    with pytest.raises(RunError, match="there is no such report") as caught:
        plan_reports(catalogue, QUARTER, ["board", name])
    assert f'"{name}"' in str(caught.value)
    if name == "outcome-99":
        assert 'did you mean "outcome-' in str(caught.value)


def test_every_unknown_report_is_named_at_once(catalogue):
    with pytest.raises(RunError) as caught:
        plan_reports(catalogue, QUARTER, ["bord", "covrage"])
    assert 'did you mean "board"?' in str(caught.value)
    assert 'did you mean "coverage"?' in str(caught.value)


def test_a_report_goes_to_another_process_whole(catalogue):
    report = plan_reports(catalogue, QUARTER)[2]
    copy = pickle.loads(pickle.dumps(report))
    assert (copy.slug, copy.notebook, dict(copy.parameters)) == (
        report.slug, report.notebook, dict(report.parameters))  # fmt: skip


def test_good_parameters_pass_unchanged(notebook, catalogue):
    assert check_parameters(notebook, GIVEN, catalogue) == GIVEN


def test_every_notebook_of_the_project_takes_what_its_reports_are_given(catalogue):
    for report in plan_reports(catalogue, QUARTER):
        path = NOTEBOOKS / f"{report.notebook}.ipynb"
        assert check_parameters(path, report.parameters, catalogue) == dict(report.parameters)


def test_a_typing_error_in_a_name_is_refused_with_the_nearest(notebook, catalogue):
    said = refusal(notebook, catalogue, quater="2026-27-Q2")
    assert "has no parameter 'quater'" in said
    assert 'did you mean "quarter"?' in said


def test_a_name_that_is_code_is_refused_and_does_not_run(tmp_path, notebook, catalogue):
    marker = tmp_path / "ran"
    name = f"x=1\nimport os; os.system('touch {marker}')\ny"
    assert "has no parameter" in refusal(notebook, catalogue, **{name: "1"})
    assert not marker.exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("quarter", "2026-27-Q5", "is not a quarter"),
        ("quarter", "2026-28-Q1", "write 2026-27-Q1"),
        ("quarter", "2026-27-Q3\nimport os", "is not a quarter"),
        ("quarter", "../../escaped", "is not a quarter"),
        ("area", "E09000099", "not an area of catalogue/areas.csv"),
        ("area", "E92000001", "an area, but not a borough"),
        ("area", "E09000003", "this catalogue is about E09000002"),
        ("outcome", "outcome-99", 'did you mean "outcome-'),
        ("outcome", "../../escaped", "is not an outcome"),
        ("outcome", 3, "3 is int; expected text in quotes"),
        ("quarter", None, "None is NoneType"),
        ("quarter", True, "True is bool"),
    ],
)
def test_a_value_of_the_wrong_type_or_that_does_not_exist_is_refused(
    notebook, catalogue, name, value, words
):
    said = refusal(notebook, catalogue, **{name: value})
    assert f"outcome.ipynb, parameter {name}: " in said
    assert words in said


def test_every_fault_is_told_at_once(notebook, catalogue):
    said = refusal(notebook, catalogue, quarter="now", outcome="health", colour="red")
    assert said.count("\n") == 3


def test_a_missing_parameter_is_refused(notebook, catalogue):
    with pytest.raises(RunError, match="'outcome' was not given a value"):
        check_parameters(notebook, {"quarter": "2026-27-Q3", "area": "E09000002"}, catalogue)


def test_a_parameter_nobody_checks_is_refused(tmp_path, catalogue):
    path = write_notebook(tmp_path / "n.ipynb", parameters='folder = "x"')
    with pytest.raises(RunError, match="a parameter nothing checks"):
        check_parameters(path, {"folder": "x"}, catalogue)


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"parameters": None}, "0 cells tagged `parameters`"),
        ({"parameters": 'quarter = open("x").read()'}, "more than literal values"),
        ({"parameters": 'import os\nquarter = "x"'}, "more than literal values"),
        ({"parameters": "quarter = "}, "more than literal values"),
    ],
)
def test_a_notebook_without_a_plain_parameters_cell_is_refused(tmp_path, cells, words):
    path = write_notebook(tmp_path / "n.ipynb", "1", **cells)
    with pytest.raises(RunError, match=words):
        declared_parameters(path)


@pytest.mark.parametrize("text", ["", "not json", "[]", '{"cells": 3}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path, text):
    path = tmp_path / "n.ipynb"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RunError):
        declared_parameters(path)


def test_a_notebook_that_is_not_there_is_named(tmp_path):
    with pytest.raises(RunError, match=r"there is no notebook gone\.ipynb"):
        declared_parameters(tmp_path / "gone.ipynb")


def test_braces_in_a_folder_name_are_only_a_name(tmp_path, catalogue):
    path = write_notebook(tmp_path / "{quarter}" / "n.ipynb", parameters='quarter = "x"')
    assert declared_parameters(path) == {"quarter"}
