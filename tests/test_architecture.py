"""The house rules that a reader relies on: one-way imports, thin notebooks, one list of needs."""

import ast
import json
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lbbd_jsna"
# Rooms in the order a figure passes through them; a module imports from earlier rooms or its own.
ROOMS = (
    {"errors", "quarters", "periods", "schema", "whole_files", "disk", "stopping"},
    {"catalogue"},
    {"sources"},
    {"statistics"},
    {"wards"},
    {"disclosure"},
    {"workspace"},
    {"findings"},
    {"facts"},
    {"selection"},
    {"exhibits"},
    {"reporting"},
    {"fetching"},
    {"cli"},
    {"__main__"},
)
SIBLINGS = ({"sources", "statistics", "disclosure"},)
NO_DISK = {"os", "pathlib", "shutil", "tempfile", "socket", "urllib", "http", "httpx", "requests"}
MODULES = sorted(PACKAGE.rglob("*.py"))


def room_of(module: Path) -> str:
    return module.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(module: Path) -> list[str]:
    names = []
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            names.append(node.module)
            if node.module == "lbbd_jsna":
                names[-1:] = [f"lbbd_jsna.{alias.name}" for alias in node.names]
    return names


def place(room: str) -> int:
    return next(i for i, rooms in enumerate(ROOMS) if room in rooms)


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.relative_to(PACKAGE).as_posix())
def test_imports_go_one_way(module):
    room = room_of(module)
    if room == "__init__":
        return
    for name in imports(module):
        if not name.startswith("lbbd_jsna.") or name == "lbbd_jsna.__version__":
            continue
        other = name.split(".")[1]
        assert place(other) <= place(room), f"{room} must not import from {other}"
        for siblings in SIBLINGS:
            assert not ({other, room} <= siblings and other != room), f"{room} imports {other}"


@pytest.mark.parametrize("room", ["statistics", "exhibits"])
def test_statistics_and_exhibits_touch_no_disk_and_no_network(room):
    for module in (PACKAGE / room).rglob("*.py"):
        found = {name.split(".")[0] for name in imports(module)} & NO_DISK
        assert not found, f"{module.name} imports {found}"


NETWORK = {"http", "httpx", "requests", "socket", "ssl", "tenacity", "truststore", "urllib"}


def test_only_the_fetching_room_touches_the_network():
    """A pack is built from what lies on disk: building one must never ask anybody anything."""
    for module in MODULES:
        found = {name.split(".")[0] for name in imports(module)} & NETWORK
        assert room_of(module) == "fetching" or not found, f"{module.name} imports {found}"


def test_no_pickle_anywhere():
    for module in MODULES:
        assert not {"pickle", "joblib", "shelve"} & set(imports(module)), module


def test_modules_stay_small():
    long = {m.name: n for m in MODULES if (n := len(m.read_text("utf-8").splitlines())) > 400}
    assert not long


NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").rglob("*.ipynb"))
BOARD_NOTEBOOKS = [n for n in NOTEBOOKS if "explore" not in n.parts]
PARAMETER = re.compile(r'^[a-z_]+ = ("[^"]*"|\d+(\.\d+)?|True|False)  # .{10,}$')


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_committed_notebooks_hold_no_outputs(path):
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("path", BOARD_NOTEBOOKS, ids=lambda p: p.stem)
def test_notebook_contract(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    about, parameters = cells[0], cells[1]
    assert about["metadata"]["tags"] == ["about"]
    for word in ("# ", "**Question:**", "**Reads**", "**Writes**"):
        assert word in "".join(about["source"])
    assert parameters["metadata"]["tags"] == ["parameters"]
    for line in "".join(parameters["source"]).strip().splitlines():
        assert PARAMETER.match(line), line
    code = ["".join(c["source"]) for c in cells[2:] if c["cell_type"] == "code"]
    assert code[0].startswith("from ")
    for source in code:
        check_code(source)
    for cell in cells[2:]:
        if cell["cell_type"] == "markdown":
            text = "".join(cell["source"])
            assert not re.search(r"\d", text), f"a figure is typed in prose: {text}"
            assert not re.search(r"<\w", text)


FORBIDDEN = (ast.FunctionDef, ast.ClassDef, ast.For, ast.While, ast.Lambda, ast.ListComp, ast.If)


def check_code(source: str) -> None:
    assert len(source.strip().splitlines()) <= 10
    assert "sys.path" not in source
    assert not re.search(r"^\s*[%!]", source, re.MULTILINE)
    assert not re.search(r"""["'](/|[A-Za-z]:\\)""", source), "an absolute path"
    tree = ast.parse(source)
    assert not [node for node in ast.walk(tree) if isinstance(node, FORBIDDEN)]
    shown = [node for node in tree.body if isinstance(node, ast.Expr)]
    assert len(shown) <= 1
    assert not shown or shown[0] is tree.body[-1]


def named(requirement: str) -> tuple[str, str]:
    name, bound = re.match(r"([A-Za-z0-9_.-]+?)\s*(>=.*)$", requirement).groups()
    return name.lower().replace("_", "-").replace("matplotlib-base", "matplotlib"), bound


def wanted_by_the_project() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"]
    return dict(map(named, [*project["dependencies"], *extras["test"], *extras["lab"]]))


def test_environment_yml_is_in_step_with_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    listed = [item for item in environment["dependencies"] if isinstance(item, str)]
    by_pip = next(item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    listed += [item for item in by_pip if not item.startswith("-")]
    conda = dict(named(item) for item in listed if item != "pip" and not item.startswith("python>"))
    assert conda == wanted_by_the_project()
    python = next(item for item in listed if item.startswith("python>"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert python == "python" + project["requires-python"]


def locked() -> dict[str, set[tuple[int, ...]]]:
    found: dict[str, set[tuple[int, ...]]] = {}
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        match = re.match(r"([a-z0-9.-]+)==([0-9.]+)", line)
        if match:
            version = tuple(int(part) for part in match[2].strip(".").split("."))
            found.setdefault(match[1].replace("_", "-"), set()).add(version)
    return found


OURS = ("lbbd_jsna", "tests", "benchmarks")
DISTRIBUTIONS = {
    "bs4": "beautifulsoup4", "python_calamine": "python-calamine", "yaml": "pyyaml",
}


def test_every_library_imported_is_declared():
    declared = set(wanted_by_the_project())
    for module in [*MODULES, *(ROOT / "tests").glob("*.py")]:
        for name in {imported.split(".")[0] for imported in imports(module)}:
            ours = name in OURS or (ROOT / "tests" / f"{name}.py").exists()
            if ours or name in sys.stdlib_module_names:
                continue
            assert DISTRIBUTIONS.get(name, name) in declared, f"{module.name} imports {name}"


def test_requirements_lock_is_in_step_with_pyproject():
    versions = locked()
    for name, bound in wanted_by_the_project().items():
        if name == "jupyterlab":
            assert name not in versions, "JupyterLab slows every notebook of the batch"
            continue
        lowest = tuple(int(part) for part in re.match(r">=([0-9.]+)", bound)[1].split("."))
        assert name in versions, f"{name} is not in requirements.lock: run make lock"
        assert min(versions[name]) >= lowest, f"{name} is locked below {bound}: run make lock"


def test_every_locked_package_has_hashes_and_no_host():
    text = (ROOT / "requirements.lock").read_text("utf-8")
    packages = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text
