"""The lint: a good page passes, and every broken copy of it is caught."""

from __future__ import annotations

import re

import pages as samples
import pytest

from lbbd_jsna.reporting.export import export_notebook
from lbbd_jsna.reporting.lint import RULES, lint_page


@pytest.fixture(scope="module")
def page() -> str:
    return export_notebook(samples.notebook(samples.outcome_exhibits()), page=samples.FRAME)


def test_a_good_page_passes(page):
    assert [str(finding) for finding in lint_page(page)] == []


ALT = r'alt="[^"]*"'
BROKEN = {
    "no language": ("document", r'<html lang="en-GB">', "<html>"),
    "no title": ("document", r"<title>[^<]*</title>", ""),
    "an empty title": ("document", r"<title>[^<]*</title>", "<title> </title>"),
    "no doctype": ("document", r"<!doctype html>", ""),
    "zoom locked": ("document", "initial-scale=1", "initial-scale=1, user-scalable=no"),
    "no main": ("landmarks", r"<main[^>]*>|</main>", ""),
    "no skip link": ("landmarks", r'<a class="skip".*?</a>', ""),
    "a nameless navigation": ("landmarks", r'<nav class="pack"[^>]*>', "<nav>"),
    "two main headings": ("headings", r'<h2 id="reception">(.*?)</h2>', r"<h1>\1</h1>"),
    "two titles": ("headings", r"</main>", "<h1>Another</h1></main>"),
    "no title heading": ("headings", r"<h1[^>]*>(.*?)</h1>", r"<p>\1</p>"),
    "a level skipped": ("headings", r"<h2([^>]*)>(.*?)</h2>", r"<h4\1>\2</h4>"),
    "an empty heading": ("headings", r"</main>", "<h2></h2></main>"),
    "an id twice": ("identifiers", r"</main>", '<p id="main">x</p></main>'),
    "a broken anchor": ("identifiers", r'href="#reception"', 'href="#nowhere"'),
    "a skip link to nothing": ("identifiers", r'href="#main"', 'href="#content"'),
    "a caption not found": ("identifiers", r'(<table aria-labelledby=")', r"\1x"),
    "click here": ("links", r"</main>", '<a href="board.html">click here</a></main>'),
    "a link without words": ("links", r"</main>", '<a href="board.html"> </a></main>'),
    "a script link": ("links", r"</main>", '<a href="javascript:alert(1)">Alert</a></main>'),
    "a link out": ("links", r"</main>", '<a href="https://example.org">Elsewhere</a></main>'),
    "no alternative text": ("pictures", ALT, ""),
    "empty alternative text": ("pictures", ALT, 'alt=""'),
    "a placeholder": (
        "pictures",
        ALT,
        'alt="No description has been provided for this image"',
    ),
    "a short text": ("pictures", ALT, 'alt="A line chart"'),
    "a long text": ("pictures", ALT, f'alt="{"word " * 120}"'),
    "the same text twice": (
        "pictures",
        ALT,
        'alt="Line chart of obesity in Reception, 2015/16 to 2024/25."',
    ),
    "a drawing that speaks": ("pictures", r'<svg class="strip"[^>]*>', "<svg>"),
    "a frame": ("pictures", r"</main>", '<iframe title="x"></iframe></main>'),
    "a figure without caption": ("figures", r"<figcaption>.*?</figcaption>", ""),
    "a figure without numbers": ("figures", r"</figure>", "</figure><p>x</p>"),
    "a table without caption": ("tables", r"<caption[^>]*>.*?</caption>", ""),
    "a heading without scope": ("tables", r' scope="col"', ""),
    "a row without heading": ("tables", r"<th scope=\"row\">(.*?)</th>", r"<td>\1</td>"),
    "an empty heading cell": ("tables", r"(<th scope=\"col\">)[^<]*</th>", r"\1</th>"),
    "an empty cell": ("tables", r'(<span class="value">)[^<]*', r"\1"),
    "a blank from pandas": ("tables", r'(<span class="value">)[^<]*', r"\1nan"),
    "a blank from Python": ("tables", r'(<span class="value">)[^<]*', r"\1None"),
    "a blank in words": ("tables", r'(<span class="value">)[^<]*', r"\1NaN to NaN"),
    "an asterisk": ("tables", r'(<span class="value">)[^<]*', r"\1*"),
    "a row cut short": ("tables", r"<td data-label[^>]*>.*?</td>", ""),
    "shorthand unexplained": ("shorthand", r'<p class="shorthand">.*?</p>', ""),
    "no content policy": ("content policy", r"<meta http-equiv[^>]*>", ""),
    "a loose policy": ("content policy", r"img-src data:", "img-src *"),
    "another style sheet": ("content policy", r"</head>", "<style>p{color:red}</style></head>"),
    "a style sheet changed": ("content policy", r"body\{margin:0", "body{margin:1px"),
    "a script": ("script", r"</main>", "<script>1</script></main>"),
    "an event": ("script", r"<main ", '<main onclick="x()" '),
    "a style attribute": ("script", r"<main ", '<main style="color:red" '),
    "a form": ("script", r"</main>", "<form></form></main>"),
    "a picture from elsewhere": ("script", r'src="data:[^"]*"', 'src="https://example.org/a.png"'),
    "a file asked for": ("script", r"</head>", '<link rel="stylesheet" href="a.css"></head>'),
    "a page that moves on": (
        "script",
        r"</head>",
        '<meta http-equiv="refresh" content="0;url=a"></head>',
    ),
    "a style that asks": ("script", r"body\{margin:0", "@import 'a.css';body{margin:0"),
    "a path": ("leftovers", r"</main>", "<p>See /home/ann/data.csv</p></main>"),
    "a Windows path": ("leftovers", r"</main>", r"<p>See C:\\Users\\ann</p></main>"),
    "a traceback": ("leftovers", r"</main>", "<p>KeyError: 'x'</p></main>"),
    "a warning": ("leftovers", r"</main>", "<p>FutureWarning: soon</p></main>"),
    "raw TeX": ("leftovers", r"</main>", "<p>$$x^2$$</p></main>"),
}


@pytest.mark.parametrize("rule, pattern, put", BROKEN.values(), ids=BROKEN)
def test_a_broken_copy_is_caught(page, rule, pattern, put):
    every = rule in ("landmarks", "headings") or put.startswith('alt="Line')
    broken = re.sub(pattern, put, page, count=0 if every else 1, flags=re.DOTALL)
    assert broken != page
    found = lint_page(broken)
    assert rule in {finding.rule for finding in found}, [str(finding) for finding in found]
    assert all(str(finding).startswith(f"{finding.rule}: ") for finding in found)


def test_every_rule_is_tried():
    assert {rule for rule, _, _ in BROKEN.values()} == set(RULES)


def test_ordinary_words_are_no_fault(page):
    words = (
        "<p>None of the measures is worse; 5 of 6 / 10 have none. The error margin is wide, "
        "at home and at work. It costs £5, or $5.</p></main>"
    )
    assert lint_page(page.replace("</main>", words)) == []


def test_a_finding_says_where(page):
    broken = page.replace(' scope="col"', "", 1)
    assert "near #table-the-measures-we-have" in str(lint_page(broken)[0])
