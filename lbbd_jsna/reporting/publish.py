"""Putting a finished pack where readers look, whole or not at all.

A pack is built in a staging folder beside the packs and published by one
rename, under a lock that the operating system frees when its holder dies. Real
figures once published are never overwritten: what differs becomes a revision.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from lbbd_jsna.disk import flush
from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.quarters import Quarter
from lbbd_jsna.reporting.manifest import (
    hash_outputs,
    list_changes,
    read_manifest,
    write_manifest,
)
from lbbd_jsna.stopping import uninterrupted
from lbbd_jsna.whole_files import flush_folder

STAGING, REPLACED, FAILED = ".staging-", ".replaced-", ".failed"

How = Literal["new", "unchanged", "replaced", "revision", "draft"]


@dataclass(frozen=True)
class Published:
    """Where a pack ended up, how, and what it changed in the one it revises."""

    folder: Path
    how: How
    changes: tuple[dict[str, Any], ...] = ()


def clear_leftovers(outputs: Path) -> list[str]:
    """Undo what a killed run left behind. Call with the lock held.

    Returns
    -------
    list of str
        What was done, one sentence each.
    """
    done = []
    for aside in sorted(outputs.glob(f"{REPLACED}*")):
        standing = outputs / aside.name.removeprefix(REPLACED)
        if standing.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(standing)
            done.append(f"An earlier run was stopped while publishing: {standing.name} is restored")
    for stage in sorted(outputs.glob(f"{STAGING}*")):
        shutil.rmtree(stage)
        done.append("What an earlier, stopped run had half built was removed")
    return done


@contextmanager
def open_stage(outputs: Path, quarter: Quarter) -> Iterator[Path]:
    """A new folder beside the packs to build in; removed unless it was published."""
    stage = outputs / f"{STAGING}{quarter}-{os.getpid()}"
    stage.mkdir()
    try:
        yield stage
    finally:
        with uninterrupted():
            shutil.rmtree(stage, ignore_errors=True)


def latest_pack(outputs: Path, quarter: Quarter) -> Path | None:
    """The standing pack of a quarter: its last revision, or the pack itself, or none."""
    packs = list_packs(outputs, quarter)
    return packs[-1] if packs else None


def list_packs(outputs: Path, quarter: Quarter) -> list[Path]:
    """The packs of a quarter from the first published to its last revision."""
    pattern = re.compile(re.escape(str(quarter)) + r"(?:-r([1-9]\d*))?")
    found = [
        (int(match.group(1) or 0), path)
        for path in outputs.glob(f"{quarter}*")
        if (match := pattern.fullmatch(path.name)) and path.is_dir()
    ]
    return [path for _, path in sorted(found)]


def check_standing(outputs: Path, quarter: Quarter, *, demonstration: bool) -> None:
    """Refuse, before any work, what could not be published afterwards.

    Raises
    ------
    RunError
        The standing folder is no pack, or holds real figures while the new
        ones are made up.
    """
    standing = latest_pack(outputs, quarter)
    if standing is None:
        return
    if standing.is_symlink():
        raise RunError(f"{standing} is a link; a pack must be a folder")
    if demonstration and not read_manifest(standing)["demonstration"]:
        raise RunError(
            f"{standing} holds real figures, and these extracts are a demonstration. "
            "Nothing was changed; name another folder with --outputs, or give real extracts "
            "with --extracts."
        )


def publish(
    stage: Path,
    manifest: Mapping[str, Any],
    *,
    outputs: Path,
    quarter: Quarter,
    record: Callable[[], Mapping[str, Any]] = dict,
) -> Published:
    """Publish a finished pack by one rename. Call with the lock held.

    Nothing there yet: the pack takes the quarter's name. A standing pack with
    the same bytes: the new one is dropped. A demonstration: it is replaced.
    Real figures that differ: they stay, and the new pack becomes `-r1`, `-r2`, ...
    whose manifest says what it revises and what changed.

    Parameters
    ----------
    stage : Path
        The finished pack, without its manifest.
    manifest : mapping
        Everything but `outputs`, `revises` and `changes`. Must hold `demonstration`.
    record : callable, optional
        Called only where something new is published, when nothing is left to do but the
        rename: writes down what is released. What it gives back goes into the manifest.

    Returns
    -------
    Published
    """
    made = {**manifest, "outputs": hash_outputs(stage)}
    standing = latest_pack(outputs, quarter)
    if standing is None:
        return _put(stage, made, outputs / str(quarter), "new", record)
    check_standing(outputs, quarter, demonstration=made["demonstration"])
    old = read_manifest(standing)
    same = old["outputs"] == made["outputs"] and not verify_pack(standing)
    if same and old["demonstration"] == made["demonstration"]:
        return Published(standing, "unchanged")
    if old["demonstration"]:
        return _put(stage, made, standing, "replaced", record)
    changes = list_changes(standing, stage, made["outputs"])
    made |= {"revises": standing.name, "changes": changes}
    number = len(list_packs(outputs, quarter))
    while (target := outputs / f"{quarter}-r{number}").exists():
        number += 1
    return _put(stage, made, target, "revision", record)


def publish_draft(
    stage: Path, manifest: Mapping[str, Any], *, outputs: Path, quarter: Quarter
) -> Published:
    """Put a partial pack in `<quarter>-draft/`, in place of an earlier draft."""
    made = {**manifest, "outputs": hash_outputs(stage)}
    return _put(stage, made, outputs / f"{quarter}-draft", "draft")


def keep_failed(
    stage: Path, manifest: Mapping[str, Any], *, outputs: Path, quarter: Quarter
) -> Path:
    """Move what a failed run made to `.failed/<quarter>/`, in place of an earlier failure."""
    write_manifest(stage, {**manifest, "outputs": hash_outputs(stage)})
    kept = outputs / FAILED / str(quarter)
    kept.parent.mkdir(exist_ok=True)
    if kept.exists():
        shutil.rmtree(kept)
    stage.rename(kept)
    return kept


def _put(
    stage: Path,
    manifest: Mapping[str, Any],
    target: Path,
    how: How,
    record: Callable[[], Mapping[str, Any]] = dict,
) -> Published:
    flush(stage)  # the bulk of it first, so that little can fail once the release is recorded
    write_manifest(stage, {**manifest, **record()})
    flush_folder(stage)
    aside = target.with_name(f"{REPLACED}{target.name}")
    with uninterrupted():
        replacing = target.exists()
        if replacing:
            target.rename(aside)
        try:
            stage.rename(target)
        except OSError:
            if replacing:
                aside.rename(target)
            raise
        flush_folder(target.parent)
        if replacing:
            shutil.rmtree(aside)
    return Published(target, how, tuple(manifest.get("changes", ())))


def verify_pack(folder: Path) -> list[Fault]:
    """Compare a pack with its manifest.

    Returns
    -------
    list of Fault
        A file changed, missing or added since the pack was published; empty
        when it is as it was.
    """
    listed = read_manifest(folder)["outputs"]
    found = hash_outputs(folder)
    faults = [
        Fault(f"{folder.name}/{name}", "is missing", "the file that was published")
        for name in listed.keys() - found.keys()
    ]
    faults += [
        Fault(f"{folder.name}/{name}", "is not part of the pack", "only what was published")
        for name in found.keys() - listed.keys()
    ]
    faults += [
        Fault(f"{folder.name}/{name}", "was changed after it was published",
              f"SHA-256 {listed[name]['sha256'][:12]}...")
        for name in listed.keys() & found.keys()
        if listed[name]["sha256"] != found[name]["sha256"]
    ]
    return sorted(faults, key=lambda fault: fault.where)

