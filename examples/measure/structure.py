"""Measures the structure of a checkout: lines, longest file, arrows between packages, upward imports and homonyms.

    python examples/measure/structure.py [CHECKOUT] [--layers OTHER/pyproject.toml] [--check]

CHECKOUT is the root of a checkout, by default this one; an older one works too. An arrow is a pair of packages of which the
first imports the second. A package is a folder or a module directly below the root package. An import is upward if the list
of layers of import-linter's contract in pyproject.toml puts the imported package above the importing one, or beside it where
a layer's packages are independent; imports for type checking do not count. A homonym is a public top-level name that several
modules define. `--check` exits with 1 for an upward import and for a file over 300 lines.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = "ctxshape"
LONGEST = 300  # lines of a file that --check accepts


class Layer(NamedTuple):
    """The rank of a layer, 0 for the lowest; the packages of an independent layer must not import each other."""

    rank: int
    independent: bool


class Module(NamedTuple):
    """A module: its name, lines, imports of the root package (with line numbers), public names, and if it is a folder."""

    name: str
    lines: int
    imports: tuple[tuple[int, str], ...]
    names: frozenset[str]
    is_folder: bool

    @property
    def package(self) -> str:
        """The folder or module directly below the root package."""
        return package_of(self.name)


def package_of(name: str) -> str:
    """Returns the folder or module directly below the root package that a dotted name belongs to.

    >>> package_of("ctxshape.core.types"), package_of("ctxshape")
    ('core', '')
    """
    return name.split(".")[1] if "." in name else ""


def read_modules(checkout: Path) -> list[Module]:
    """Reads all modules of the root package. Raises SystemExit without the package."""
    files = sorted((checkout / ROOT).rglob("*.py"))
    if not files:
        raise SystemExit(f"{checkout} has no package {ROOT}; give the root of a checkout")
    names = {file: _dotted(file.relative_to(checkout)) for file in files}
    known = set(names.values())
    modules = []
    for file, name in names.items():
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        is_folder = file.name == "__init__.py"
        imports = tuple(_imports(tree, name, is_folder, known))
        modules.append(Module(name, len(text.splitlines()), imports, frozenset(_public_names(tree)), is_folder))
    return modules


def _dotted(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imports(tree: ast.Module, name: str, is_folder: bool, known: set[str]) -> Iterator[tuple[int, str]]:
    """Yields the line and the imported module of each import of the root package."""
    for node in _outside_type_checking(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = name.split(".") if is_folder else name.split(".")[:-1]
            relative = parents[: len(parents) - node.level + 1] if node.level else []
            base = ".".join([*relative, *([node.module] if node.module else [])])
            # `from package import module` imports the module; other names come from the package itself.
            targets = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in known else base for alias in node.names]
        else:
            continue
        for target in dict.fromkeys(targets):
            if target == ROOT or target.startswith(f"{ROOT}."):
                yield node.lineno, target


def _outside_type_checking(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        yield child
        yield from _outside_type_checking(child)


def _public_names(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names = [node.name]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        else:
            continue
        yield from (name for name in names if not name.startswith("_"))


def read_layers(pyproject: Path) -> dict[str, Layer] | None:
    """Reads the layer of each package from import-linter's contract; None if the file or the contract is missing."""
    if not pyproject.is_file():
        return None
    tools = tomllib.loads(pyproject.read_text(encoding="utf-8")).get("tool", {})
    contracts = tools.get("importlinter", {}).get("contracts", [])
    listed = next((contract["layers"] for contract in contracts if contract.get("type") == "layers"), None)
    if listed is None:
        return None
    layers = {}
    for rank, line in enumerate(reversed(listed)):
        for package in re.split(r"[|:]", line):
            layers[package.strip(" ()").removeprefix(f"{ROOT}.")] = Layer(rank, "|" in line)
    return layers


def listed_as(name: str, layers: dict[str, Layer]) -> str | None:
    """Returns the entry of the layer list that a module belongs to: itself or the nearest package around it."""
    parts = name.split(".")[1:]
    return next((entry for n in range(len(parts), 0, -1) if (entry := ".".join(parts[:n])) in layers), None)


def upward_imports(modules: list[Module], layers: dict[str, Layer]) -> list[str]:
    """Returns each import that runs upward, or between the packages of an independent layer."""
    upward = []
    for module in modules:
        source = listed_as(module.name, layers)
        for line, imported in module.imports:
            target = listed_as(imported, layers)
            if source is None or target is None or source == target:
                continue
            above, here = layers[target], layers[source]
            if above.rank > here.rank or (above.rank == here.rank and here.independent):
                upward.append(f"{module.name}:{line} imports {imported}")
    return upward


def homonyms(modules: list[Module]) -> dict[str, list[str]]:
    """Returns the public top-level names that several modules define, with these modules."""
    defined: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for name in module.names:
            defined[name].append(module.name.removeprefix(f"{ROOT}."))
    return {name: places for name, places in sorted(defined.items()) if len(places) > 1}


def main() -> int:
    """Prints the numbers; returns 1 if --check finds a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", nargs="?", type=Path, default=Path(__file__).parents[2])
    parser.add_argument("--layers", type=Path, help="the pyproject.toml with the layers; that of the checkout if not given")
    parser.add_argument("--check", action="store_true", help="exit with 1 for an upward import or a file that is too long")
    arguments = parser.parse_args()
    modules = read_modules(arguments.checkout)
    lines = Counter[str]()
    for module in modules:
        lines[module.package or "the root"] += module.lines
    at_root = sorted(module.package for module in modules if module.name.count(".") == 1 and not module.is_folder)
    print(f"modules at the root: {len(at_root)} of {len(modules)} ({', '.join(at_root)})")
    print(f"lines: {lines.total():,}")
    for package, count in lines.most_common():
        print(f"  {package:16} {count:6,}")
    longest = max(modules, key=lambda module: module.lines)
    print(f"longest file: {longest.name}, {longest.lines} lines")
    arrows = {(module.package, package_of(target)) for module in modules for _, target in module.imports}
    arrows = {(source, target) for source, target in arrows if source and target and source != target}
    print(f"arrows between packages: {len(arrows)}")
    layers = read_layers(arguments.layers or arguments.checkout / "pyproject.toml")
    upward = [] if layers is None else upward_imports(modules, layers)
    print("upward imports: no layer list" if layers is None else f"upward imports: {len(upward)}")
    unlisted = {module.package for module in modules if layers and not listed_as(module.name, layers)} - {""}
    if unlisted:
        print(f"  in no layer: {', '.join(sorted(unlisted))}")
    for line in upward:
        print(f"  {line}")
    shared = homonyms(modules)
    print(f"homonyms: {len(shared)}")
    for name, places in shared.items():
        print(f"  {name}: {', '.join(places)}")
    too_long = [module for module in modules if module.lines > LONGEST]
    if not arguments.check:
        return 0
    for module in too_long:
        print(f"too long: {module.name} has {module.lines} lines, over {LONGEST}", file=sys.stderr)
    for line in upward:
        print(f"upward: {line}", file=sys.stderr)
    return int(bool(upward or too_long))


if __name__ == "__main__":
    sys.exit(main())
