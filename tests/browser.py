"""Chromium, axe-core and the Nu checker for the tests of finished pages.

All three are found, never fetched: Chromium on the machine (or CHROMIUM), axe-core
and vnu-jar under JSNA_NODE_MODULES or `.cache/node/node_modules`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
WIDTHS = (1280, 640, 320)
TABLE_ROLES = ("table", "caption", "row", "columnheader", "rowheader")

RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'], elementRef: false});
  return found.violations.flatMap(rule => rule.nodes.map(
    node => `${rule.id}: ${node.html.slice(0, 120)} ${(node.any[0] || {}).message || ''}`));
}"""
# Chromium fires `toggle` and lays out again for each one; opened together it is quick.
OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true; })"
LAYOUT = """() => {
  const root = document.documentElement;
  const wide = [...document.querySelectorAll('body *')].filter(part => {
    const style = getComputedStyle(part);
    const scrolls = /auto|scroll/.test(style.overflowX) && part.scrollWidth > part.clientWidth + 1;
    return scrolls && part.tabIndex < 0;
  });
  return {
    over: root.scrollWidth - root.clientWidth,
    unreachable: wide.map(part => part.outerHTML.slice(0, 120)),
    small: [...new Set([...document.querySelectorAll('body *:not(svg *)')]
      .filter(part => [...part.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
      .filter(part => parseFloat(getComputedStyle(part).fontSize) < 15.9)
      .map(part => part.outerHTML.slice(0, 80)))],
  };
}"""
FOCUS = """() => {
  const part = document.activeElement, style = getComputedStyle(part);
  if (part === document.body) return null;
  return {
    words: (part.innerText || part.getAttribute('aria-labelledby') || part.tagName).trim(),
    ring: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
  };
}"""


def unavailable(what: str) -> None:
    """Skip, or fail where the gate is required."""
    message = f"{what}; set JSNA_REQUIRE_BROWSER=1 to make this a failure"
    if os.environ.get("JSNA_REQUIRE_BROWSER") == "1":
        pytest.fail(what)
    pytest.skip(message)


def chromium() -> str:
    """Path of Chromium."""
    named = os.environ.get("CHROMIUM", "")
    found = named or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found or not Path(found).exists():
        unavailable("no Chromium: install it or name it in CHROMIUM")
    return found


def node_file(*parts: str) -> Path:
    """A file of an npm package."""
    folder = Path(os.environ.get("JSNA_NODE_MODULES", "") or ROOT / ".cache/node/node_modules")
    path = folder.joinpath(*parts)
    if not path.is_file():
        unavailable(f"no {parts[0]}: run make browser-tools")
    return path


@contextmanager
def open_browser() -> Iterator[Any]:
    """A headless Chromium."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        unavailable("no playwright in this environment")
    path = chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


def axe_violations(browser: Any, pages: list[Path]) -> dict[str, list[str]]:
    """What axe finds at each width with every part opened, by page and width.

    The page's own policy would keep axe out, so this context goes round it; what
    the policy lets through is measured by `watch`, which does not.
    """
    source = node_file("axe-core", "axe.min.js").read_text("utf-8")
    context = browser.new_context(bypass_csp=True)
    tab = context.new_page()
    found = {}
    for path in pages:
        tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
        tab.goto(path.as_uri())
        tab.evaluate(source)
        tab.evaluate(OPEN_ALL)
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 900})
            found[f"{path} at {width}"] = tab.evaluate(RUN_AXE, list(STANDARDS))
    context.close()
    return found


def watch(browser: Any, path: Path) -> dict[str, Any]:
    """Open a page as a reader would, and note requests, dialogs, errors and layout."""
    context = browser.new_context(viewport={"width": 320, "height": 900})
    tab = context.new_page()
    seen: dict[str, Any] = {"requests": [], "dialogs": [], "errors": [], "layout": {}}

    def note(route: Any) -> None:
        if route.request.url.split("#")[0] == path.as_uri():
            route.continue_()
            return
        seen["requests"].append(route.request.url)
        route.abort()

    tab.route(re.compile(r"^(?!data:)"), note)
    tab.on("dialog", lambda dialog: (seen["dialogs"].append(dialog.message), dialog.dismiss()))
    tab.on("console", lambda message: seen["errors"].append(message.text))
    tab.on("pageerror", lambda error: seen["errors"].append(str(error)))
    tab.goto(path.as_uri())
    for width in (*WIDTHS, 900):
        tab.set_viewport_size({"width": width, "height": 900})
        seen["layout"][f"{width} closed"] = tab.evaluate(LAYOUT)
        tab.evaluate(OPEN_ALL)
        seen["layout"][f"{width} open"] = tab.evaluate(LAYOUT)
    seen["focus"] = _tab_through(tab)
    context.close()
    return seen


def roles_by_width(browser: Any, path: Path) -> dict[int, dict[str, int]]:
    """How many tables, rows and headings a screen reader is told of, by width."""
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.evaluate(OPEN_ALL)
    session = tab.context.new_cdp_session(tab)
    counted = {}
    for width in WIDTHS:
        tab.set_viewport_size({"width": width, "height": 900})
        nodes = session.send("Accessibility.getFullAXTree")["nodes"]
        roles = Counter(node["role"]["value"] for node in nodes if not node["ignored"])
        counted[width] = {role: roles[role] for role in TABLE_ROLES}
    tab.close()
    return counted


def _tab_through(tab: Any, stops: int = 12) -> list[dict[str, Any]]:
    """The first places the Tab key reaches; the first must lead past the header."""
    tab.set_viewport_size({"width": WIDTHS[0], "height": 900})
    reached = []
    for _ in range(stops):
        tab.keyboard.press("Tab")
        place = tab.evaluate(FOCUS)
        if place is None:
            break
        reached.append(place)
    return reached


def print_pdf(browser: Any, path: Path, target: Path) -> None:
    """Print a page as a reader's browser would, on the paper its style asks for."""
    tab = browser.new_page()
    tab.goto(path.as_uri())
    tab.pdf(path=target, prefer_css_page_size=True, print_background=False)
    tab.close()


def pdf_sheets(path: Path) -> list[str]:
    """The text of each sheet of a PDF in the order it was written, without spaces."""
    tool = shutil.which("pdftotext")
    if tool:
        run = subprocess.run([tool, "-raw", str(path), "-"], capture_output=True, check=True)
        return [squeezed(text) for text in run.stdout.decode("utf-8").split("\f")[:-1]]
    from pypdf import PdfReader

    return [squeezed(page.extract_text()) for page in PdfReader(path).pages]


def squeezed(text: str) -> str:
    """Text without spaces and line breaks, which printing moves."""
    return re.sub(r"[\s\u00ad\u200b]+", "", text)


def printed_words(path: Path) -> list[str]:
    """Every caption, column heading and row heading of a page, as it must be printed."""
    page = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    return [
        str(words)
        for tag in page.find_all(["caption", "th", "h1", "h2", "h3", "figcaption"])
        for words in tag.find_all(string=True)
        if words.strip() and words.find_parent(class_=["vh", "file", "screen-only"]) is None
    ]


def vnu_errors(pages: list[Path]) -> list[str]:
    """What the Nu HTML checker calls an error, in one run over all pages."""
    java = shutil.which("java")
    if not java:
        unavailable("no java for the HTML checker")
    jar = node_file("vnu-jar", "build", "dist", "vnu.jar")
    command = [java, "-Xss4m", "-jar", str(jar), "--errors-only", "--format", "json"]
    run = subprocess.run([*command, *map(str, pages)], capture_output=True, check=False)
    messages = json.loads(run.stderr.decode("utf-8"))["messages"]
    return [f"{m.get('url', '').rsplit('/', 1)[-1]}: {m['message']}" for m in messages]
