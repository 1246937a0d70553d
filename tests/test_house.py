"""The house keeps its own rules: sizes, words, addresses, dependencies."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from atlas.io import catalogue
from atlas.operations.folder import PROJECT

MODULE_LINES, MODULE_AIM, FUNCTION_LINES, PAGE_LINES = 400, 200, 60, 80
MODULES = sorted((PROJECT / "atlas").rglob("*.py"))
PAGES = sorted((PROJECT / "pages").glob("*.py"))
FRAME = PROJECT / "streamlit_app.py"
LOCKS = [*sorted((PROJECT / "locks").iterdir()), PROJECT / "package-lock.json"]
LAYERS = PROJECT / "layers"
KEY = re.compile(r"[a-z0-9_.:-]{1,40}")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b")
CHINESE = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]")
ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*:)?//[\w{\[][^\s\"'`)>,]*", re.IGNORECASE)
LOCAL_ADDRESSES = ("http://www.w3.org/2000/svg", "http://{", "http://127.0.0.1", "http://localhost")
"""A name of an XML vocabulary, and the addresses of the machine itself."""
CONDA_NAMES = {"brotli-python": "brotli", "matplotlib-base": "matplotlib"}


def name_of(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_there_is_a_house() -> None:
    assert len(MODULES) > 20
    assert PAGES
    assert len(LOCKS) == 4


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_small(path: Path) -> None:
    lines = lines_of(path)
    if lines > MODULE_AIM:
        print(f"{name_of(path)}: {lines} lines, aim at {MODULE_AIM}")
    assert lines <= MODULE_LINES


@pytest.mark.parametrize("path", [*MODULES, FRAME], ids=name_of)
def test_a_function_is_small(path: Path) -> None:
    long = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno - node.lineno + 1 > FUNCTION_LINES
    }
    assert long == {}


@pytest.mark.parametrize("path", [*MODULES, *PAGES, FRAME], ids=name_of)
def test_nothing_catches_everything(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"bare except in line {node.lineno}"
            names = {part.id for part in ast.walk(node.type) if isinstance(part, ast.Name)}
            assert not names & {"Exception", "BaseException"}, f"line {node.lineno}"


@pytest.mark.parametrize("path", PAGES, ids=name_of)
class TestPages:
    """A page asks and shows; what it says, draws and computes lies elsewhere."""

    def test_it_is_short(self, path: Path) -> None:
        assert lines_of(path) <= PAGE_LINES

    def test_it_defines_nothing(self, path: Path) -> None:
        made = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
        assert [node.lineno for node in ast.walk(tree_of(path)) if isinstance(node, made)] == []

    def test_it_imports_no_frames_and_no_maps(self, path: Path) -> None:
        foreign = {"pandas", "geopandas", "folium", "streamlit_folium", "matplotlib", "numpy"}
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & foreign
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] not in foreign

    def test_it_holds_no_colour_and_no_chinese(self, path: Path) -> None:
        text = path.read_text("utf-8")
        assert COLOUR.findall(text) == []
        assert CHINESE.findall(text) == []

    def test_its_texts_are_keys(self, path: Path) -> None:
        tree = tree_of(path)
        ast.get_docstring(tree)
        title = tree.body[0].value if ast.get_docstring(tree) else None
        texts = [
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node is not title
        ]
        assert [text for text in texts if not KEY.fullmatch(text)] == []


def code_files() -> Iterator[Path]:
    """Code, styles and words of the atlas; fact tables name their sources and are data."""
    for path in sorted((PROJECT / "atlas").rglob("*")):
        if path.suffix in {".py", ".js", ".css", ".toml", ".html"} and "facts" not in path.parts:
            yield path
    yield from PAGES
    yield FRAME


@pytest.mark.parametrize("path", list(code_files()), ids=name_of)
def test_code_holds_no_online_address(path: Path) -> None:
    code = path.read_text("utf-8")
    if path.suffix == ".js":
        code = re.sub(r"(?m)(^|\s)//.*$", "", code)
    found = [address for address in ADDRESS.findall(code) if ":" in address or "." in address]
    assert [address for address in found if not address.startswith(LOCAL_ADDRESSES)] == []


@pytest.mark.parametrize("path", LOCKS, ids=name_of)
def test_lock_files_hold_no_address(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "://" not in text
    for option in ("--index-url ", "--extra-index-url", "--find-links ", "--trusted-host"):
        assert option not in text
    hosts = re.findall(r"\b[\w-]+\.(?:org|com|net|io|cn|dev)\b", text)
    assert hosts == []


@pytest.mark.parametrize("path", [p for p in LOCKS if p.suffix == ".txt"], ids=name_of)
def test_locks_pin_every_package_with_its_hash(path: Path) -> None:
    entries = re.split(r"\n(?=[a-z0-9])", path.read_text("utf-8"), flags=re.IGNORECASE)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.-]+==\S+ ", entry), entry[:60]
        assert "--hash=sha256:" in entry, entry[:60]


def requirement(text: str) -> tuple[str, frozenset[str]]:
    """Name and version range of ``name>=1,<2``, both in one form."""
    found = re.fullmatch(r"([A-Za-z0-9._-]+?)\s*((?:[<>=!~].*)?)", text.strip())
    assert found, text
    name = re.sub(r"[._-]+", "-", found[1].lower())
    ranges = found[2].replace(" ", "").replace("==", "=").split(",")
    return CONDA_NAMES.get(name, name), frozenset(filter(None, ranges))


def conda_lines() -> list[str]:
    """Dependencies of environment.yml, those under ``pip:`` too."""
    text = (PROJECT / "environment.yml").read_text("utf-8").partition("\ndependencies:\n")[2]
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    return [line[2:].strip() for line in lines if line.startswith("- ") and line != "- pip:"]


def test_version_control_changes_no_hashed_byte() -> None:
    lines = (PROJECT / ".gitattributes").read_text("utf-8").splitlines()
    hashed = {"layers/** -text", "locks/** -text", "atlas/sources/facts/** -text", "*.tif binary"}
    assert hashed <= set(lines)


def test_both_environments_name_the_same_packages_and_ranges() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [line for group in project["optional-dependencies"].values() for line in group]
    wanted = dict(map(requirement, [*project["dependencies"], *extras]))
    listed = conda_lines()
    found = dict(map(requirement, listed))
    assert len(found) == len(listed), "each package once"
    assert found.pop("python") == requirement("python" + project["requires-python"])[1]
    found.pop("pip")
    assert found == wanted


def test_only_locks_pin_what_the_app_needs() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    assert [line for line in project["dependencies"] if "==" in line] == []


@pytest.mark.parametrize("layer", catalogue.list_layer_ids(LAYERS))
def test_every_layer_speaks_both_languages(layer: str) -> None:
    info = catalogue.read_info(LAYERS, layer)
    for column in info.columns:
        assert set(column.title) == {"zh", "en"}, column.name
        assert all(title.strip() for title in column.title.values()), column.name
    assert len({column.name for column in info.columns}) == len(info.columns)
