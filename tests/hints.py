"""Every hint of an error, as the sources write it: what is added is found by itself."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import trailseal

SOURCES = sorted(Path(trailseal.__file__).parent.rglob("*.py"))
TEXTS = {"message", "counted", "N_", "Message"}


@functools.cache
def hints() -> dict[str, str]:
    """Return each template that is the hint of an error, with a module in which it stands."""
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in SOURCES}
    errors = {"TrailsealError"}
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _ in classes:
        more = {c.name for c in classes if any(isinstance(b, ast.Name) and b.id in errors for b in c.bases)}
        if more <= errors:
            break
        errors |= more
    found: dict[str, str] = {}
    for path, tree in trees.items():
        for node in ast.walk(tree):
            for hint in _hints_of(node, errors):
                found |= dict.fromkeys(_templates(hint, tree, set()), path.stem)
    return found


def _hints_of(node: ast.AST, errors: set[str]) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (each.value for each in node.keywords if each.arg == "hint")
        if isinstance(node.func, ast.Name) and node.func.id in errors and len(node.args) > 1:
            yield node.args[1]


def _templates(  # noqa: C901 - one case for each form of an expression
    node: ast.expr, tree: ast.Module, seen: set[int]
) -> Iterator[str]:
    """Yield the templates that an expression comes to, through names and functions of its module."""
    if id(node) in seen:
        return
    seen.add(id(node))
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield from (*_templates(body, tree, seen), *_templates(other, tree, seen))
        case ast.Call(func=ast.Name(id=name), args=args) if name in TEXTS:
            yield from (a.value for a in args if isinstance(a, ast.Constant) and isinstance(a.value, str))
            yield from (text for a in args if not isinstance(a, ast.Constant) for text in _texts_in(a, tree))
        case ast.Call(func=ast.Name(id=name)):
            for each in ast.walk(tree):
                if isinstance(each, ast.FunctionDef) and each.name == name:
                    for value in _returned(each):
                        yield from _templates(value, tree, seen)
        case ast.Name(id=name):
            for value in _assigned(name, tree):
                yield from _templates(value, tree, seen)
        case ast.Tuple(elts=[*_, last]):  # an error's two texts
            yield from _templates(last, tree, seen)


def _texts_in(node: ast.expr, tree: ast.Module) -> Iterator[str]:
    """Yield the marked texts of a constant of the module, or of a table of them that is looked into."""
    name = node.value if isinstance(node, ast.Subscript) else node
    if isinstance(name, ast.Name):
        for value in _assigned(name.id, tree):
            for each in ast.walk(value):
                if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "N_":
                    yield str(ast.literal_eval(each.args[0]))


def _returned(function: ast.FunctionDef) -> Iterator[ast.expr]:
    yield from (n.value for n in ast.walk(function) if isinstance(n, ast.Return) and n.value is not None)


def _assigned(name: str, tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each for target in targets for each in ast.walk(target)]
            if any(isinstance(each, ast.Name) and each.id == name for each in names):
                yield node.value
