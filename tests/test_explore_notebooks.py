"""The notebooks of the analyst run from end to end, and their numbers are those of the package."""

import shutil
import warnings
from dataclasses import replace
from pathlib import Path

import nbformat
import papermill
import pytest

from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.execute import KERNEL, kernel_environment
from lbbd_jsna.statistics.back_tests import back_test, coverage, yearly_series
from lbbd_jsna.workspace import build_workspace

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "explore" / "forecasts_and_ranks.ipynb"
QUARTER = Quarter.parse("2026-27-Q3")


FEW = ("active-adults", "adult-smoking", "healthy-life-expectancy-male", "obesity-reception",
       "unemployment", "nhs-health-checks")  # fmt: skip


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory, made_up_extracts, made_up_workspace):
    """Tables of made-up figures, cut down to a few indicators."""
    folder, built = tmp_path_factory.mktemp("explore"), made_up_workspace
    shutil.copytree(made_up_extracts.parent.parent / str(QUARTER), folder / "processed")
    kept = built.observations[built.observations["indicator"].isin(FEW)].reset_index(drop=True)
    kept.to_parquet(folder / "processed" / "observations.parquet", index=False)
    return replace(built, observations=kept), folder


@pytest.fixture(scope="module")
def real(tmp_path_factory, catalogue, extracts):
    folder = tmp_path_factory.mktemp("explore-real")
    settings = {"catalogue": catalogue, "quarter": QUARTER, "processed": folder / "processed"}
    return build_workspace(extracts, **settings), folder


def executed(folder, monkeypatch):
    """What each code cell showed, as plain text, by its id."""
    settings = kernel_environment(folder / "kernel") | {
        "JSNA_PROCESSED": str(folder / "processed"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",  # as in JupyterLab
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    saved = folder / "executed.ipynb"
    with warnings.catch_warnings():
        # Papermill's and its libraries' own, such as of Python to come.
        warnings.simplefilter("ignore")
        papermill.execute_notebook(
            str(NOTEBOOK), str(saved), parameters={"quarter": str(QUARTER), "draws": 200},
            kernel_name=KERNEL, language="python", cwd=str(NOTEBOOK.parent),
            progress_bar=False, execution_timeout=300,
        )  # fmt: skip
    cells = nbformat.read(saved, as_version=4).cells
    return {
        cell.id: "\n".join(
            output.get("data", {}).get("text/plain", output.get("text", ""))
            for output in cell.outputs
        )
        for cell in cells
        if cell.cell_type == "code"
    }, [output for cell in cells for output in cell.get("outputs", [])]


def check(workspace, shown, outputs):
    """The tables shown are those the functions give, and the coverage is of this world."""
    league = workspace.catalogue.league.areas
    found = yearly_series(workspace.observations)
    tested = back_test(found[found["area_code"].isin(league)])
    by_both = coverage(tested, by=["indicator", "horizon"])
    by_horizon = by_both.groupby("horizon")[["inside", "relative_error"]].mean()
    assert shown["forecasts-06"].split() == by_horizon.round(3).to_string().split()
    assert by_horizon["inside"].between(0.6, 1).all()
    assert list(by_horizon.index) == list(range(1, len(by_horizon) + 1))
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert not [output for output in outputs if output.get("name") == "stderr"]
    return tested


def test_the_notebook_runs_on_made_up_figures(demonstration, monkeypatch):
    workspace, folder = demonstration
    shown, outputs = executed(folder, monkeypatch)
    tested = check(workspace, shown, outputs)
    assert set(tested["indicator"]) == set(FEW) - {"nhs-health-checks"}
    # Made-up figures have intervals, so that places have limits.
    assert "NaN" not in shown["forecasts-17"]
    assert set(FEW) <= set(shown["forecasts-17"].split())


def test_the_notebook_runs_on_the_real_extracts(real, monkeypatch):
    workspace, folder = real
    shown, outputs = executed(folder, monkeypatch)
    tested = check(workspace, shown, outputs)
    assert tested["horizon"].max() == 5
    assert 0.7 < tested["inside"].mean() < 0.9
    error = (tested["forecast"] - tested["actual"]).abs().groupby(tested["indicator"]).mean()
    naive = (tested["naive"] - tested["actual"]).abs().groupby(tested["indicator"]).mean()
    assert (error / naive).mean() < 1, "the method should beat 'as last year'"
    # They hold no intervals: no place may be given limits.
    assert "no" in shown["forecasts-15"]
    assert set(shown["forecasts-17"].split()) >= {"0.0", "NaN"}


def test_the_readme_names_every_notebook():
    text = (NOTEBOOK.parent / "README.md").read_text("utf-8")
    for notebook in NOTEBOOK.parent.glob("*.ipynb"):
        assert notebook.name in text
