"""Every reason that a page may show exists in Chinese, too."""

from __future__ import annotations

import ast
import tomllib
from string import Formatter
from typing import TYPE_CHECKING

import pytest

from atlas.errors import FigureRefused, FileDamaged, WrongKind
from atlas.i18n import LOCALES, say_error, say_reason
from atlas.operations.folder import PROJECT

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS_ONLY = (
    "analysis/diff.py", "commands", "sources", "core/raster.py", "core/register_rules.py",
    "io/arrow.py", "io/geopackage.py", "io/geoparquet.py", "io/register.py", "io/store.py",
    "io/stream.py", "operations/audit.py", "operations/check.py", "operations/diff_files.py",
    "operations/overlap_batch.py", "operations/overlap_cluster.py", "operations/overlap_files.py",
    "operations/overlap_files_output.py", "operations/plane_shapes.py", "operations/publish.py",
    "operations/register.py", "operations/show.py",
)  # fmt: skip
"""What no page calls, or not with anything of a reader's: the command line speaks English."""
FIELD = "7"
OF_THE_SYSTEM = {
    "No such file or directory", "Permission denied", "Is a directory", "No space left on device",
}  # fmt: skip
"""What the operating system says when a file cannot be read or written."""
REASONS: dict[str, str] = tomllib.loads((LOCALES / "reasons.zh.toml").read_text("utf-8"))


class Anything(dict[str, str]):
    """A figure for each field."""

    def __missing__(self, name: str) -> str:
        return FIELD


def sentences(node: ast.AST) -> Iterator[str]:
    """Texts that an expression may be, a figure for each of their fields."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(
            part.value if isinstance(part, ast.Constant) else FIELD for part in node.values
        )
    elif isinstance(node, ast.IfExp):
        yield from sentences(node.body)
        yield from sentences(node.orelse)
    elif isinstance(node, ast.Dict):
        for key in node.keys:
            if key is not None:
                yield from sentences(key)


def reasons_in(source: str) -> Iterator[str]:
    """Reasons that a module gives: as ``problem``, or to its own ``_refuse``."""
    for node in ast.walk(ast.parse(source)):
        for expression in given_by(node):
            yield from sentences(expression)


def given_by(node: ast.AST) -> list[ast.expr]:
    """Expressions of a node that hold a reason, or a part of one."""
    match node:
        case ast.Call(func=ast.Name(id="_refuse"), args=[_, reason, *_]):
            return [reason]
        case ast.Call(keywords=words):
            return [word.value for word in words if word.arg == "problem"]
        case ast.Assign(targets=[ast.Name(id="problem" | "problems" | "way_out" | "where")]):
            return [node.value]
        case ast.FunctionDef(name="place_problem"):
            return [part.value for part in ast.walk(node)
                    if isinstance(part, ast.Return) and part.value]  # fmt: skip
    return []


def modules() -> list[str]:
    folder = PROJECT / "atlas"
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*.py"))]
    return [name for name in names if not name.startswith(COMMANDS_ONLY)]


def test_every_reason_has_chinese_words() -> None:
    lacking = {
        f"{name}: {reason}"
        for name in modules()
        for reason in reasons_in((PROJECT / "atlas" / name).read_text("utf-8"))
        if reason.strip(FIELD + " :") and say_reason(reason, "zh") == reason
    }
    assert lacking == set()


def test_no_reason_is_said_that_nobody_gives() -> None:
    given = {
        text
        for path in (PROJECT / "atlas").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for text in sentences(node)
    }
    known = [english for english in REASONS if english not in OF_THE_SYSTEM]
    filled = {english: Formatter().vformat(english, (), Anything()) for english in known}
    assert {english for english, text in filled.items() if text not in given} == set()


@pytest.mark.parametrize("english", REASONS)
def test_fields_are_the_same_and_words_are_chinese(english: str) -> None:
    chinese = REASONS[english]
    fields = [{name for _, name, *_ in Formatter().parse(text) if name}
              for text in (english, chinese)]  # fmt: skip
    assert fields[0] == fields[1]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)


def test_a_reason_within_a_reason_is_said_too() -> None:
    reason = "cells of rows 1 to 2, columns 3 to 4 cannot be unpacked: its content is damaged"
    told = say_error(FileDamaged(file="a.tif", problem=reason), "zh")
    assert told == "a.tif：第 1 至 2 行、第 3 至 4 列的像元无法解压：内容已损坏"


def test_what_stands_before_a_reason_stays() -> None:
    told = say_reason("苏州市: the title is too long for this paper: shorten it", "zh")
    assert told == "苏州市：标题放不进这张纸：请缩短"


def test_signs_of_a_pattern_in_a_name_are_signs() -> None:
    told = say_reason("two zones are named '{x}.* (a' in 'b'", "zh")
    assert told == "“b”列中有两个区域都叫“{x}.* (a”"


def test_a_kind_of_layer_is_a_word() -> None:
    problem = "zones are polygons; choose cities, districts, provinces or a plan"
    told = say_error(WrongKind(layer="rail-lines", kind="line", problem=problem), "zh")
    assert told == "图层“rail-lines”的类型是“线”：区域须是面；请选择城市、区县、省份或某一规划"


def test_what_has_no_chinese_stays() -> None:
    error = FigureRefused(problem="the ink is out")
    assert say_error(error, "zh") == "无法制图：the ink is out"
    assert say_error(error, "en") == "The figure cannot be drawn: the ink is out"
