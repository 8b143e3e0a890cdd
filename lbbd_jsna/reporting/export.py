"""From an executed notebook to one self-contained page.

The exporter knows exhibits and a little markdown, refuses everything else by
cell number, and leaves all code out. Its template stands over nbconvert's `base`;
`HTMLExporter` is not used, because it gives images without alternative text a
placeholder that no check can tell from a real one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat.v4
from jinja2 import StrictUndefined
from markupsafe import Markup
from nbconvert.exporters import TemplateExporter
from nbformat import NotebookNode

from lbbd_jsna.errors import Fault, RunError
from lbbd_jsna.exhibits.anchors import Anchors
from lbbd_jsna.exhibits.exhibit import MIME
from lbbd_jsna.exhibits.html import anchors_asked, is_turned, render
from lbbd_jsna.reporting.frame import (
    PageFrame,
    pack_links,
    page_policy,
    page_style,
    page_title,
)
from lbbd_jsna.reporting.links import without_dead_links
from lbbd_jsna.reporting.markdown import markdown_faults, markdown_tokens, render_markdown

LEFT_OUT = {"about", "parameters", "injected-parameters"}
RESERVED = {"main", "contents"}
# What else an exhibit's bundle may carry: how JupyterLab shows it.
FALLBACKS = {"text/html", "text/plain"}


class ExportError(RunError):
    """A notebook shows something a page may not hold. Every fault names its cell."""


@dataclass(frozen=True)
class Part:
    """One cell's share of the page: an exhibit, or markdown."""

    cell: int
    bundle: dict[str, Any] | None = None
    tokens: Sequence[dict[str, Any]] = ()


class PageExporter(TemplateExporter):
    """nbconvert's exporter with this package's template and escaping switched on."""

    export_from_notebook = None
    output_mimetype = "text/html"
    file_extension = ".html"

    def __init__(self, **settings: Any) -> None:
        super().__init__(
            extra_template_basedirs=[str(Path(__file__).parent)],
            template_name="template",
            template_file="index.html.j2",
            **settings,
        )

    def _create_environment(self):
        environment = super()._create_environment()
        environment.autoescape = True
        environment.undefined = StrictUndefined
        return environment

    def _init_preprocessors(self) -> None:
        # A preprocessor configured elsewhere on the machine must not change a page.
        self._preprocessors = []


def export_notebook(executed: NotebookNode, *, page: PageFrame) -> str:
    """Turn an executed notebook into a page.

    Parameters
    ----------
    executed : NotebookNode
        As papermill left it.
    page : PageFrame
        What stands around the report.

    Returns
    -------
    str
        One self-contained HTML file: no script, no request. Same inputs, same text.

    Raises
    ------
    ExportError
        With every fault: outputs that are not exhibits, errors, cells that did not run,
        markdown a page may not hold, no or two titles, headings that skip a level.
    """
    parts, faults = _parts(executed)
    parts = [replace(p, bundle=p.bundle and without_dead_links(p.bundle, page)) for p in parts]
    faults += _title_faults(parts)
    if faults:
        raise ExportError(f"the notebook of {page.slug} cannot become a page", faults)
    return _page(parts, page)


def page_from_bundles(bundles: Sequence[dict[str, Any]], page: PageFrame) -> str:
    """A page made of exhibits that no notebook showed, such as the pack's index."""
    cells = [
        nbformat.v4.new_code_cell(
            "exhibit",
            id=f"exhibit-{number}",
            execution_count=number,
            outputs=[nbformat.v4.new_output("display_data", data={MIME: bundle})],
        )
        for number, bundle in enumerate(bundles, start=1)
    ]
    return export_notebook(nbformat.v4.new_notebook(cells=cells), page=page)


def exhibits_of(executed: NotebookNode) -> list[dict[str, Any]]:
    """The exhibits a notebook shows, in order, as JSON.

    Raises
    ------
    ExportError
        It shows anything else.
    """
    parts, faults = _parts(executed)
    if faults:
        raise ExportError("the notebook shows something that is not an exhibit", faults)
    return [part.bundle for part in parts if part.bundle is not None]


def _parts(executed: NotebookNode) -> tuple[list[Part], list[Fault]]:
    parts: list[Part] = []
    faults: list[Fault] = []
    for number, cell in enumerate(executed.cells):
        if cell.cell_type == "code":
            found, wrong = _code_cell(number, cell)
        elif LEFT_OUT.intersection(cell.metadata.get("tags", ())):
            continue
        else:
            found, wrong = _words_cell(number, cell)
        parts += found
        faults += wrong
    return parts, faults


def _words_cell(number: int, cell: NotebookNode) -> tuple[list[Part], list[Fault]]:
    if cell.cell_type != "markdown":
        return [], [Fault(f"cell {number}", f"a {cell.cell_type} cell", "markdown or code")]
    tokens = markdown_tokens(cell.source)
    wrong = [
        Fault(f"cell {number}", f"the markdown holds {what}", "headings, paragraphs and lists")
        for what in markdown_faults(tokens)
    ]
    return [Part(number, tokens=tokens)], wrong


def _code_cell(number: int, cell: NotebookNode) -> tuple[list[Part], list[Fault]]:
    where = f"cell {number}"
    wrong = []
    if cell.source.strip() and cell.get("execution_count") is None:
        wrong.append(
            Fault(where, "was not run to its end", todo="look for a kernel that was killed")
        )
    bundles = []
    for output in cell.outputs:
        data = output.get("data", {})
        if isinstance(data.get(MIME), dict) and not set(data) - FALLBACKS - {MIME}:
            bundles.append(data[MIME])
        else:
            wrong.append(Fault(where, _what_stands_there(output), "an exhibit or nothing"))
    if len(bundles) > 1:
        wrong.append(Fault(where, f"shows {len(bundles)} exhibits", "at most one", "split it"))
    if bundles and LEFT_OUT.intersection(cell.metadata.get("tags", ())):
        wrong.append(Fault(where, "the parameters cell shows an exhibit", "no output"))
    return [Part(number, bundle=bundle) for bundle in bundles], wrong


def _what_stands_there(output: NotebookNode) -> str:
    if output.output_type == "error":
        said = str(output.get("evalue", "")).splitlines() or [""]
        return f"the error {output.get('ename', '')}: {said[0][:200]}"
    if output.output_type == "stream":
        kind = "a warning or log line" if output.name == "stderr" else "printed text"
        first = (output.text.strip().splitlines() or [""])[0]
        return f"{kind} ({first[:80]!r})"
    return "an output of type " + ", ".join(sorted(output.get("data", {})) or ["none"])


def _title_faults(parts: list[Part]) -> Iterator[Fault]:
    titles = [part.cell for part in parts if (part.bundle or {}).get("kind") == "title"]
    if len(titles) != 1:
        cells = f" (cells {', '.join(map(str, titles))})" if titles else ""
        yield Fault("the notebook", f"shows {len(titles)} titles{cells}", "exactly one Title")


def _asked(bundle: dict[str, Any]) -> set[str]:
    """The anchors an exhibit asks for; none when it is not whole, as rendering will say."""
    try:
        return anchors_asked(bundle)
    except (KeyError, TypeError, AttributeError):
        return set()


def _page(parts: list[Part], frame: PageFrame) -> str:
    anchors = Anchors(taken=set(RESERVED), pack=frame.pack)
    for part in parts:
        if part.bundle is not None:
            anchors.kept |= _asked(part.bundle)
    rendered: list[Markup] = []
    faults: list[Fault] = []
    contents_before, under = -1, 1
    for index, part in enumerate(parts):
        met = len(anchors.headings)
        before = anchors.headings[-1][0] if anchors.headings else 0
        try:
            following = parts[index + 1].bundle if index + 1 < len(parts) else None
            rendered.append(_render(part, under, anchors, following))
        except ValueError as fault:
            faults.append(Fault(f"cell {part.cell}", str(fault)))
        fresh = anchors.headings[met:]
        if part.bundle is None and fresh:
            under = fresh[-1][0]
        faults += _jumps(part.cell, before, fresh)
        if contents_before < 0 and any(level == 2 for level, _, _ in fresh):
            contents_before = index
    if faults:
        raise ExportError(f"the notebook of {frame.slug} cannot become a page", faults)
    return _fill(rendered, anchors, contents_before, parts, frame)


def _render(part: Part, under: int, anchors: Anchors, following: dict | None) -> Markup:
    """Write one part; a figure of its own stands below the last markdown heading."""
    if part.bundle is None:
        # Words before a table that is printed sideways are printed with it.
        turned = following is not None and is_turned(following)
        return Markup('<div class="text plain%s">\n%s</div>') % (
            " landscape" if turned else "",
            render_markdown(list(part.tokens), anchors=anchors),
        )
    level = part.bundle.get("level", 2) if part.bundle.get("kind") == "section" else under + 1
    return render(part.bundle, level=level, anchors=anchors)


def _jumps(cell: int, before: int, fresh: list[tuple[int, str, str]]) -> Iterator[Fault]:
    for level, _, text in fresh:
        if level > before + 1:
            yield Fault(
                f"cell {cell}",
                f'the heading "{text}" stands at level {level} after level {before}',
                f"level {before + 1} at most",
            )
        before = level


def _fill(rendered, anchors, contents_before, parts, frame) -> str:
    title = next(part.bundle for part in parts if (part.bundle or {}).get("kind") == "title")
    heading = title["short"] or title["heading"]
    style = page_style(frame, heading)
    links, groups = pack_links(frame)
    contents = [(name, text) for level, name, text in anchors.headings if level == 2]
    page = {
        "frame": frame,
        "title": page_title(frame, heading),
        "style": Markup(style),
        "policy": page_policy(style),
        "links": links,
        "groups": groups,
        "parts": rendered,
        "contents": contents,
        "contents_before": contents_before if frame.contents and len(contents) > 1 else -1,
    }
    empty = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_markdown_cell("", id=f"part-{n}") for n in range(len(rendered))]
    )
    text, _ = PageExporter().from_notebook_node(empty, resources={"page": page})
    return text
