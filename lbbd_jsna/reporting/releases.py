"""What a run must keep in, and the ledger beside the packs of what it let out.

Back up the whole of `outputs/`: the packs and, with them, `release-ledger.jsonl`. Packs and
tables can be made again from the extracts; the ledger cannot be made again from anything. It
alone says what earlier packs showed and withheld, so that a later pack cannot undo them. It
holds released figures only, yet it says which were withheld because they are small: keep it
where the packs' makers can read it, not where the packs are read. Packs published into
another folder have another ledger, and the two know nothing of each other.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from lbbd_jsna.catalogue import Catalogue
from lbbd_jsna.disclosure import Ledger, Released, classify
from lbbd_jsna.errors import DisclosureError, Fault
from lbbd_jsna.reporting.manifest import NAME, read_manifest
from lbbd_jsna.reporting.output_protected import Protected
from lbbd_jsna.whole_files import flush_folder
from lbbd_jsna.workspace import Workspace

LEDGER = "release-ledger.jsonl"
_PACK = re.compile(r"\d{4}-\d{2}-Q[1-4](?:-r[1-9]\d*|-draft)?")
_RESTORE = (
    "put back the ledger as it was backed up with that pack; without it a new pack could give "
    "away what an earlier one withheld"
)


def read_ledger(outputs: Path) -> Ledger:
    """Read the ledger beside the packs. Call with the lock on the packs held.

    Parameters
    ----------
    outputs : Path
        The folder of packs.

    Returns
    -------
    Ledger
        Empty where nothing has been released yet.

    Raises
    ------
    DisclosureError
        A line was changed, moved or taken out, or a pack was published with a line that the
        ledger no longer holds. Nothing may be released until it is put back.
    RunError
        The manifest of a pack cannot be read.
    """
    ledger = Ledger.read(outputs / LEDGER)
    if faults := list(_lacking(ledger, outputs)):
        raise DisclosureError("the ledger of releases does not hold all that was published", faults)
    return ledger


def ledger_faults(outputs: Path) -> list[Fault]:
    """Say where the ledger is damaged, or shorter than the manifests of the packs say."""
    try:
        read_ledger(outputs)
    except DisclosureError as error:
        return list(error.faults)
    return []


def _lacking(ledger: Ledger, outputs: Path) -> Iterator[Fault]:
    """A fault for every pack whose manifest names a line that the ledger does not hold."""
    for path in sorted(outputs.glob(f"*/{NAME}")):
        if _PACK.fullmatch(path.parent.name):
            head = read_manifest(path.parent).get("disclosure", {}).get("ledger_head", "")
            if head and head not in ledger.heads:
                found = f"lacks the line that {path.parent.name} was published with"
                yield Fault(LEDGER, found, todo=_RESTORE)


def record(
    ledger: Ledger, releases: Iterable[Released], *, outputs: Path, catalogue: Catalogue
) -> dict[str, Any]:
    """Add what is about to be published to the ledger.

    Stopped after it, a run leaves figures recorded that nobody has seen. That is the safe way
    round: the next run protects them as if they were out, and finds its own line again.

    Parameters
    ----------
    ledger : Ledger
        As read when the run began.
    releases : iterable of Released

    Returns
    -------
    dict
        What the manifest says of it: see `describe`.
    """
    ledger = ledger.record_all(releases, outputs / LEDGER)
    flush_folder(outputs)  # on the disk before the pack's own name is
    return describe(ledger, catalogue=catalogue)


def describe(ledger: Ledger, *, catalogue: Catalogue) -> dict[str, Any]:
    """What a manifest says of disclosure: who stands for the thresholds, and the ledger's head."""
    told = {"ledger_head": ledger.head, "thresholds": catalogue.disclosure.note}
    return {"disclosure": told}


def protected_in(workspace: Workspace) -> Protected:
    """What must not be readable in a pack made from a workspace, and how pages name it.

    Parameters
    ----------
    workspace : Workspace
        As built; one that was opened holds no true counts, and protects nothing.
    """
    if workspace.protection is None:
        return Protected()
    return Protected(cells=workspace.protection.cells, titles=titles(workspace.catalogue))


def titles(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Every form in which pages name each indicator.

    Its title; for counts that are protected also the words of the commitments it stands for.
    Such words are often broad, so those of other indicators are left out: they would turn
    attention away from a protected figure beside them.
    """
    found: dict[str, list[str]] = defaultdict(list)
    kinds = classify(list(catalogue.indicators), catalogue=catalogue)
    for name, indicator in catalogue.indicators.items():
        found[name].append(indicator.title)
    for strategy in catalogue.strategies:
        for measure in strategy.measures:
            for name in measure.evidence.indicators:
                if kinds[name] == "people":
                    found[name].append(measure.text)
    return {name: tuple(dict.fromkeys(forms)) for name, forms in found.items()}
