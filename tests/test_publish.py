"""Packs are published whole or not at all, and real figures are never overwritten."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lbbd_jsna.disk import check_room, explain_disk_error, hold_lock
from lbbd_jsna.errors import RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.manifest import read_manifest
from lbbd_jsna.reporting.publish import (
    check_standing,
    clear_leftovers,
    keep_failed,
    latest_pack,
    open_stage,
    publish,
    publish_draft,
    verify_pack,
)

QUARTER = Quarter(2026, 3)
PROJECT = Path(__file__).resolve().parent.parent


def put(outputs: Path, *, page="one", table="area,value\nA,1\nB,2\n", demonstration=False):
    """Publish a small pack as a run does."""
    with open_stage(outputs, QUARTER) as stage:
        (stage / "tables").mkdir()
        (stage / "index.html").write_text(page, encoding="utf-8")
        (stage / "tables" / "t.csv").write_text(table, encoding="utf-8")
        (stage / "run.log").write_text(f"{random.random()} s", encoding="utf-8")
        manifest = {"demonstration": demonstration, "status": "complete"}
        return publish(stage, manifest, outputs=outputs, quarter=QUARTER)


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def names(outputs: Path) -> list[str]:
    return sorted(path.name for path in outputs.iterdir() if not path.name.startswith(".lock"))


def test_a_first_pack_takes_the_name_of_its_quarter(tmp_path):
    published = put(tmp_path)
    assert (published.how, published.folder) == ("new", tmp_path / "2026-27-Q3")
    assert names(tmp_path) == ["2026-27-Q3"]
    manifest = read_manifest(published.folder)
    assert sorted(manifest["outputs"]) == ["index.html", "tables/t.csv"]
    # printf one | sha256sum
    assert manifest["outputs"]["index.html"] == {
        "bytes": 3,
        "sha256": "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed",
    }


def test_the_same_bytes_again_change_nothing(tmp_path):
    before = snapshot(put(tmp_path).folder)
    published = put(tmp_path)
    assert published.how == "unchanged"
    assert snapshot(published.folder) == before
    assert names(tmp_path) == ["2026-27-Q3"]


def test_a_demonstration_is_replaced(tmp_path):
    put(tmp_path, page="made up", demonstration=True)
    published = put(tmp_path, page="real")
    assert (published.how, published.folder.name) == ("replaced", "2026-27-Q3")
    assert (published.folder / "index.html").read_text(encoding="utf-8") == "real"
    assert names(tmp_path) == ["2026-27-Q3"]


def test_real_figures_that_differ_become_a_revision_that_says_what_changed(tmp_path):
    before = snapshot(put(tmp_path).folder)
    first = put(tmp_path, table="area,value\nA,1\nB,3\nC,4\n")
    second = put(tmp_path, page="two", table="area,value\nA,1\nB,3\nC,4\n")
    assert [first.how, first.folder.name] == ["revision", "2026-27-Q3-r1"]
    assert [second.how, second.folder.name] == ["revision", "2026-27-Q3-r2"]
    assert snapshot(tmp_path / "2026-27-Q3") == before
    # Row B differs and row C is new: two rows the old table lacks.
    assert first.changes == ({"output": "tables/t.csv", "change": "changed", "rows_changed": 2},)
    assert read_manifest(first.folder)["revises"] == "2026-27-Q3"
    assert read_manifest(second.folder)["revises"] == "2026-27-Q3-r1"
    assert second.changes == ({"output": "index.html", "change": "changed"},)
    assert latest_pack(tmp_path, QUARTER) == tmp_path / "2026-27-Q3-r2"
    assert put(tmp_path, page="two", table="area,value\nA,1\nB,3\nC,4\n").how == "unchanged"


def test_the_tenth_revision_comes_after_the_second(tmp_path):
    for number in range(11):
        put(tmp_path, page=str(number))
    assert latest_pack(tmp_path, QUARTER) == tmp_path / "2026-27-Q3-r10"


def test_made_up_figures_never_stand_over_or_beside_real_ones(tmp_path):
    before = snapshot(put(tmp_path).folder)
    with pytest.raises(RunError, match="holds real figures"):
        check_standing(tmp_path, QUARTER, demonstration=True)
    with pytest.raises(RunError, match="holds real figures"):
        put(tmp_path, page="made up", demonstration=True)
    assert snapshot(tmp_path / "2026-27-Q3") == before
    assert names(tmp_path) == ["2026-27-Q3"]


def test_a_folder_that_is_no_pack_is_left_alone(tmp_path):
    stray = tmp_path / "2026-27-Q3"
    stray.mkdir()
    (stray / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RunError, match=r"holds no manifest\.json"):
        put(tmp_path)
    assert snapshot(stray) == {"notes.txt": b"mine"}


def test_a_draft_replaces_a_draft_and_no_pack(tmp_path):
    before = snapshot(put(tmp_path).folder)
    for page in ("a", "b"):
        with open_stage(tmp_path, QUARTER) as stage:
            (stage / "index.html").write_text(page, encoding="utf-8")
            manifest = {"demonstration": False}
            draft = publish_draft(stage, manifest, outputs=tmp_path, quarter=QUARTER)
    assert (draft.folder / "index.html").read_text(encoding="utf-8") == "b"
    assert latest_pack(tmp_path, QUARTER).name == "2026-27-Q3"
    assert snapshot(tmp_path / "2026-27-Q3") == before


def test_verify_finds_a_page_edited_added_or_taken_away(tmp_path):
    pack = put(tmp_path).folder
    assert verify_pack(pack) == []
    (pack / "index.html").write_text("One", encoding="utf-8")
    (pack / "tables" / "t.csv").unlink()
    (pack / "extra.html").write_text("", encoding="utf-8")
    (pack / "run.log").write_text("the log may differ", encoding="utf-8")
    assert [(fault.where, fault.found) for fault in verify_pack(pack)] == [
        ("2026-27-Q3/extra.html", "is not part of the pack"),
        ("2026-27-Q3/index.html", "was changed after it was published"),
        ("2026-27-Q3/tables/t.csv", "is missing"),
    ]


def test_a_pack_edited_by_hand_is_not_called_unchanged(tmp_path):
    pack = put(tmp_path).folder
    (pack / "index.html").write_text("edited", encoding="utf-8")
    published = put(tmp_path)
    assert published.how == "revision"
    assert published.changes == ({"output": "index.html", "change": "changed"},)
    assert (pack / "index.html").read_text(encoding="utf-8") == "edited"


def test_an_error_while_building_leaves_no_stage(tmp_path):
    def broken() -> None:
        with open_stage(tmp_path, QUARTER) as stage:
            (stage / "half").write_text("x", encoding="utf-8")
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        broken()
    assert names(tmp_path) == []


def test_a_failed_stage_is_kept_in_place_of_an_earlier_one(tmp_path):
    for text in ("first", "second"):
        with open_stage(tmp_path, QUARTER) as stage:
            (stage / f"{text}.ipynb").write_text(text, encoding="utf-8")
            kept = keep_failed(stage, {"status": "failed"}, outputs=tmp_path, quarter=QUARTER)
    assert sorted(path.name for path in kept.iterdir()) == ["manifest.json", "second.ipynb"]
    assert names(tmp_path) == [".failed"]
    assert latest_pack(tmp_path, QUARTER) is None


def test_a_second_rename_that_fails_restores_the_old_pack(tmp_path, monkeypatch):
    before = snapshot(put(tmp_path, page="made up", demonstration=True).folder)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if self.name.startswith(".staging-"):
            raise PermissionError(13, "a reader has the folder open", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        put(tmp_path, page="new", demonstration=True)
    assert snapshot(tmp_path / "2026-27-Q3") == before
    assert names(tmp_path) == ["2026-27-Q3"]


def test_what_a_killed_run_left_is_restored_or_removed(tmp_path):
    pack = put(tmp_path, demonstration=True).folder
    before = snapshot(pack)
    pack.rename(tmp_path / ".replaced-2026-27-Q3")
    (tmp_path / ".staging-2026-27-Q3-1").mkdir()
    notes = clear_leftovers(tmp_path)
    assert snapshot(pack) == before
    assert names(tmp_path) == ["2026-27-Q3"]
    assert len(notes) == 2
    assert clear_leftovers(tmp_path) == []


KILLED = """
import os, random, signal, sys, time
from pathlib import Path
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.disk import hold_lock
from lbbd_jsna.reporting.publish import (
    clear_leftovers, latest_pack, open_stage, publish, verify_pack)

outputs, quarter, seeded = Path(sys.argv[1]), Quarter(2026, 3), random.Random(2)

def publish_for_ever(first):
    with hold_lock(outputs, purpose="test"):
        clear_leftovers(outputs)
        for number in range(first, first + 10**6):
            with open_stage(outputs, quarter) as stage:
                for name in range(8):
                    (stage / f"{name}.html").write_text(str(number) * 1000, encoding="utf-8")
                publish(stage, {"demonstration": True}, outputs=outputs, quarter=quarter)

for attempt in range(60):
    child = os.fork()
    if not child:
        publish_for_ever(attempt * 10**6)
    time.sleep(seeded.uniform(0.02, 0.06))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    with hold_lock(outputs, purpose="test"):  # the dead process holds it no longer
        clear_leftovers(outputs)
    pack = latest_pack(outputs, quarter)
    assert verify_pack(pack) == []
    assert len({path.read_bytes() for path in pack.glob("*.html")}) == 1, "a mixture"
    left = sorted(path.name for path in outputs.iterdir() if path.name != ".lock")
    assert left == ["2026-27-Q3"], left
print("60 whole packs")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_kill_at_random_moments_leaves_a_whole_pack(tmp_path):
    put(tmp_path, page="first", demonstration=True)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )
    assert done.stdout == "60 whole packs\n", done.stderr


HOLDER = """
import sys, time
from pathlib import Path
from lbbd_jsna.disk import hold_lock
with hold_lock(Path(sys.argv[1]), purpose="building 2026-27-Q3"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_told_who_holds_the_lock_and_a_dead_one_frees_it(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    ) as process:
        process.stdout.readline()  # it says when it holds the lock
        with (
            pytest.raises(RunError, match=rf"process {process.pid} \(building 2026-27-Q3\)"),
            hold_lock(tmp_path, purpose="a second run"),
        ):
            pytest.fail("two processes hold the lock")
        process.send_signal(signal.SIGKILL)
        process.wait()
        with hold_lock(tmp_path, purpose="a third run"):
            pass


def test_room_is_checked_before_a_run(tmp_path):
    check_room(tmp_path / "new" / "outputs", least=1)
    with pytest.raises(RunError, match="nearly full"):
        check_room(tmp_path, least=10**18)
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(RunError, match="is a file"):
        check_room(tmp_path / "file")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_folder_that_cannot_be_written_to_is_named():
    with pytest.raises(RunError, match="/proc/outputs"):
        check_room(Path("/proc/outputs"))


def test_disk_errors_are_told_apart_from_bugs():
    assert "disk is full" in explain_disk_error(OSError(28, "No space left on device", "x.csv"))
    refused = explain_disk_error(OSError(13, "Permission denied", "x.csv"))
    assert "Permission was refused (x.csv)" in refused
    assert explain_disk_error(OSError(2, "No such file", "x.csv")) == ""


def test_the_manifest_of_a_pack_holds_no_time(tmp_path):
    texts = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        pack = put(tmp_path / name).folder
        texts.append((pack / "manifest.json").read_text(encoding="utf-8"))
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["status"] == "complete"
