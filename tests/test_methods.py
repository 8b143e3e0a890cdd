"""The methods page, and the docstrings it is made of: every public function of the statistics."""

import inspect
import re
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pages as samples
import pytest
from bs4 import BeautifulSoup

from lbbd_jsna import statistics
from lbbd_jsna.reporting import methods
from lbbd_jsna.reporting.docstrings import Entry, read_docstring, typeset
from lbbd_jsna.reporting.frame import METHODS
from lbbd_jsna.reporting.lint import lint_page
from lbbd_jsna.reporting.methods import methods_page, modules, public_parts, signature
from lbbd_jsna.reporting.plain_words import WORDS

FRAME = replace(samples.FRAME, slug="methods", links=(METHODS,))
SECTIONS = {"Parameters", "Returns", "Raises", "Notes", "Source"}
# What a Source may name instead of a year: guidance that is kept up to date without one.
GUIDANCE = re.compile(r"Fingertips|Making Data Count|Office for National Statistics|guidance", re.I)
# A convention of this package, and said to be one.
OURS = "Ours"
YEAR = re.compile(r"\b(?:18|19|20)\d\d\b")

FUNCTIONS = [f for module in modules() for f in public_parts(module)[0]]
CLASSES = [c for module in modules() for c in public_parts(module)[1]]


def name(part) -> str:
    return f"{part.__module__.rsplit('.', 1)[-1]}.{part.__name__}"


def referenced(function) -> bool:
    """Whether a Source names a year, guidance, or a method whose own Source does."""
    source = " ".join(read_docstring(function.__doc__).sections.get("Source", ()))
    if YEAR.search(source) or GUIDANCE.search(source) or source.startswith(OURS):
        return True
    named = {each.rsplit(".", 1)[-1] for each in re.findall(r"`([a-z_.]+)`", source)}
    others = [each for each in FUNCTIONS if each.__name__ in named and each is not function]
    return source.startswith("As for `") and bool(others) and all(map(referenced, others))


def words() -> list[tuple[str, str, str]]:
    return [entry for entries in WORDS.values() for entry in entries]


@pytest.fixture(scope="module")
def html() -> str:
    return methods_page(FRAME)


@pytest.fixture(scope="module")
def page(html) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


# ---------------------------------------------------------------- the docstrings


@pytest.mark.parametrize("function", FUNCTIONS, ids=name)
def test_a_public_function_says_what_it_takes_gives_and_rests_on(function):
    assert function.__doc__, f"{name(function)} has no docstring"
    said = read_docstring(function.__doc__)
    first = inspect.cleandoc(function.__doc__).splitlines()[0]
    assert said.summary == first, f"{name(function)}: the summary must be one line"
    assert re.fullmatch(r"[A-Z].*\.", first), f"{name(function)}: the summary is no sentence"
    unknown = {*said.entries, *said.sections} - SECTIONS
    assert not unknown, f"{name(function)}: sections the page does not know: {unknown}"
    described = [each for entry in said.entries.get("Parameters", ()) for each in entry.names]
    assert sorted(described) == sorted(inspect.signature(function).parameters), name(function)
    for entry in said.entries.get("Parameters", ()):
        assert entry.kind or entry.text, f"{name(function)}: nothing is said of {entry.names}"
    returned = said.entries.get("Returns", ())
    assert returned, f"{name(function)} does not say what it returns"
    unnamed = [entry for entry in returned if not entry.names]
    assert len(unnamed) <= 1, f"{name(function)}: a line of Returns is broken, not indented"
    assert said.sections.get("Source"), f"{name(function)} does not say what it rests on"
    assert referenced(function), f"{name(function)} names no reference"


@pytest.mark.parametrize("each", CLASSES, ids=name)
def test_a_public_structure_is_described(each):
    # A named tuple or dataclass without words of its own is given its signature for a docstring.
    doc = each.__doc__ or ""
    assert doc.strip(), f"{name(each)} has no docstring"
    assert not doc.startswith(f"{each.__name__}("), f"{name(each)} has no docstring of its own"


@pytest.mark.parametrize("module", modules(), ids=lambda m: m.__name__.rsplit(".", 1)[-1])
def test_a_module_says_what_it_is_for(module):
    first = inspect.cleandoc(module.__doc__ or "").splitlines()[0]
    assert re.fullmatch(r"[A-Z].*\.", first), f"{module.__name__}: {first!r} is no sentence"
    assert read_docstring(module.__doc__).summary == first


def test_every_module_outside_the_workings_is_on_the_page():
    shown = [module.__name__.rsplit(".", 1)[-1] for module in modules()]
    assert shown == list(methods.ORDER)
    files = {path.stem for path in Path(inspect.getfile(statistics)).parent.glob("*.py")}
    assert files - {"__init__"} == set(shown)


# ---------------------------------------------------------------- the page


def test_the_page_breaks_no_rule(html):
    assert lint_page(html) == []


def test_the_page_is_the_same_on_every_run(html):
    assert methods_page(FRAME) == html


def test_every_function_and_structure_stands_on_the_page_once(page):
    ids = [tag["id"] for tag in page.main.find_all(["h2", "h3"])]
    for module in modules():
        stem = module.__name__.rsplit(".", 1)[-1]
        assert ids.count(methods.anchor(stem)) == 1
        functions, classes = public_parts(module)
        for function in functions:
            assert ids.count(methods.anchor(stem, function.__name__)) == 1, name(function)
        tables = page.find_all("table")
        rows = {row.th.find(string=True).strip() for t in tables for row in t.tbody("tr")}
        assert {each.__name__ for each in classes} <= rows


def test_a_method_is_shown_with_its_formula_and_its_parameters(page):
    heading = page.find(id="methods-intervals-wilson")
    assert heading.text == "Proportions with Wilson score intervals"
    part = heading.find_parent("section")
    call = part.find(class_="code").text.strip()
    assert call.startswith("intervals.wilson(count, denominator, *, confidence=0.95, multiplier=1")
    assert "Wilson EB (1927)" in part.find(class_="note").text
    assert "z² ∓ z √(z² + 4O(1 − O/n))" in part.find(class_="note").text
    names = [row.th.find(string=True).strip() for row in part.table.tbody("tr")]
    assert names == ["count, denominator", "confidence", "multiplier", "errors", "Returns",
                     "Raises"]  # fmt: skip


def test_the_first_part_can_be_read_before_anything_else(page):
    first = page.main.find(class_="two")
    assert first.find_previous("h2") is None
    items = first.find_all("li")
    assert [item.a.text for item in items if item.a] == [word for word, _, _ in words()]
    for item in items:
        assert page.find(id=item.a["href"][1:]).name in ("h2", "h3")
    # A screen holds no more than this.
    assert len(items) <= 9
    assert len(first.get_text(" ").split()) <= 400


def test_no_mark_of_the_source_code_is_left_in_the_words(page):
    said = page.main.get_text(" ")
    assert "`" not in said
    assert not re.search(r"\bnan\b|\bsqrt\b|\^2|<=|>=", said)
    # Real packs must not say this word: readers are told by it that figures are made up.
    assert "demonstration" not in said.lower()


# ---------------------------------------------------------------- reading docstrings

SAMPLE = """What it is.

    More of it,
    on two lines.

    * one
      thing
    * another

    A sum, a
    - b.

    Parameters
    ----------
    a, b : array_like, shape (..., n)
        First.

        Second.
    *rest : int
    plain
        Without a type.

    Returns
    -------
    ndarray of the same shape, in years

    Raises
    ------
    ValueError
        Wrong : things.

    Source
    ------
    Someone (1999): x^2.

    Examples
    --------
    None.
    """


def test_a_docstring_is_taken_apart():
    said = read_docstring(SAMPLE)
    assert said.summary == "What it is."
    assert said.words == ("More of it, on two lines.", "- one thing", "- another", "A sum, a - b.")
    assert said.entries == {
        "Parameters": (
            Entry(("a", "b"), "array_like, shape (..., n)", "First. Second."),
            Entry(("rest",), "int", ""),
            Entry(("plain",), "", "Without a type."),
        ),
        "Returns": (Entry((), "ndarray of the same shape, in years", ""),),
        "Raises": (Entry((), "ValueError", "Wrong : things."),),
    }
    assert said.sections == {"Source": ("Someone (1999): x^2.",), "Examples": ("None.",)}


@pytest.mark.parametrize("text", ["", "One line.", "One line.\n\nWords - with a dash."])
def test_a_docstring_without_sections_is_its_words(text):
    said = read_docstring(text)
    assert (said.summary, said.entries, said.sections) == (text.split("\n")[0], {}, {})


def test_formulas_are_set_with_signs_and_code_is_left_as_it_is():
    assert typeset("d +/- z sqrt(V / O) - x^2, p <= 2 x 1.96") == (
        "d ± z √(V / O) − x², p ≤ 2 × 1.96"
    )
    assert typeset("change * (by - year), V^-1 c, sums of n and x (Armitage)") == (
        "change × (by − year), V⁻¹ c, sums of n and x (Armitage)"
    )
    assert typeset("where `a <= b - 1`, nan") == "where ‘a <= b - 1’, not a number"
    assert typeset("pages 404-412, x^25, the nanny") == "pages 404-412, x^25, the nanny"


def test_a_signature_is_short_and_names_constants():
    home = ModuleType("home")
    home.STANDARD = np.arange(3.0)

    def method(x, y=None, *, standard=home.STANDARD, level=0.95, errors="raise"):
        """Not called."""

    assert signature(method, home) == (
        '(x, y=None, *, standard=STANDARD, level=0.95, errors="raise")'
    )


def test_helpers_imported_from_elsewhere_are_not_shown_twice():
    shown = [(part.__module__, part.__name__) for part in [*FUNCTIONS, *CLASSES]]
    assert len(shown) == len(set(shown))
    assert ("lbbd_jsna.statistics.intervals", "wilson") in shown
    assert not [each for _, each in shown if each.startswith("_")]
