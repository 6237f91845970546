"""Jinja for templates of unknown authors: its sandbox, in which every value passes the bounds of `template_bounds`.

Every expression is compiled into a call of `admit` around it. Operations whose result may be much larger than their operands
are checked before they run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from types import BuiltinMethodType, MethodType
from typing import Any

from jinja2 import Template, nodes, pass_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError
from jinja2.runtime import BlockReference, Context, LoopContext, Macro, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, SandboxedFormatter
from jinja2.utils import Cycler, Joiner, Namespace

from ctxshape.backends.llama._generation.template_bounds import DEPTH, ITEMS, TemplateBounds, TemplateTooCostly

# Statements with variables of their own, whose whole content Jinja's compiler reads again.
SCOPES = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.Block, nodes.With, nodes.AssignBlock)
NODES = 100_000  # parts of a template, each counted once for itself and once for each scope that it is in
# Filters that make markup, print Python objects or draw at random have no place in a prompt.
LEFT_OUT = ("forceescape", "pprint", "random", "striptags", "urlize", "wordwrap", "xmlattr")
METHODS = {
    str: frozenset(
        "capitalize casefold center count endswith expandtabs find index isalnum isalpha isascii isdecimal isdigit "
        "isidentifier islower isnumeric isprintable isspace istitle isupper join ljust lower lstrip partition removeprefix "
        "removesuffix replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
        "upper zfill".split()
    ),
    dict: frozenset({"copy", "get", "items", "keys", "values"}),
    list: frozenset({"copy", "count", "index"}),
    tuple: frozenset({"count", "index"}),
    float: frozenset({"is_integer"}),
    LoopContext: frozenset({"changed", "cycle"}),
    Cycler: frozenset({"next", "reset"}),
}


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Renders templates, all of them together within the bounds. Raises TemplateTooCostly beyond them."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        # Nothing is evaluated at compile time: without the optimizer, and with a `finalize` that needs a context.
        super().__init__(optimized=False, finalize=pass_context(lambda _context, value: value), **options)
        self.bounds, self._depth = TemplateBounds(), 0
        self.concat = self._join  # type: ignore[method-assign]  # Jinja joins all output with it
        self.globals |= {"range": self._range, "namespace": _Names}
        del self.globals["lipsum"]  # random text
        for name in LEFT_OUT:
            del self.filters[name]

    def compiled(self, source: str) -> Template:
        """Returns the template, after its filters and tests are bounded and its size is checked."""
        self.filters = {name: self._bounded(function) for name, function in self.filters.items()}
        self.tests = {name: self._bounded(test) for name, test in self.tests.items()}  # type: ignore[arg-type]
        parsed, cost = self.parse(source), 0
        ahead: list[tuple[nodes.Node, int]] = [(parsed, 1)]
        while ahead:
            node, weight = ahead.pop()
            cost += weight
            if cost > NODES:
                raise TemplateTooCostly("it has too many parts in too many nested statements")
            ahead += [(child, weight + isinstance(node, SCOPES)) for child in node.iter_child_nodes()]
        return self.from_string(parsed)

    def admit(self, value: Any) -> Any:  # noqa: ANN401
        """Returns a value if it is within the bounds. An iterator is returned as one whose items are bounded."""
        if isinstance(value, Iterator) and not isinstance(value, LoopContext):
            self.bounds.spend(1)
            return value if isinstance(value, _Counted) else _Counted(value, self.admit)
        self.bounds.weigh(value)
        return value

    def call(self, context: Context, obj: Any, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        if not any(obj is known for known in self.globals.values()):
            self._check_callable(obj)
            if isinstance(obj, BuiltinMethodType | MethodType):
                self.bounds.check_growth(obj.__self__, _arguments(args, kwargs))
        if self._depth >= DEPTH:
            raise TemplateTooCostly(f"calls are nested more than {DEPTH} deep")
        self._depth += 1
        try:
            return self.admit(super().call(context, obj, *args, **kwargs))
        finally:
            self._depth -= 1

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401
        if operator == "*":
            self.bounds.check_product(left, right)
        elif operator == "**":
            self.bounds.check_power(left, right)
        elif operator == "%" and isinstance(left, str):
            self.bounds.check_printf(left, right)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:  # noqa: ANN401
        if isinstance(value, BuiltinMethodType | MethodType) and value.__name__ in ("format", "format_map"):
            return _Format(self, value.__self__, value.__name__) if isinstance(value.__self__, str) else None
        return None

    def _check_callable(self, obj: object) -> None:
        """Raises SecurityError for what a chat template has no reason to call."""
        if isinstance(obj, BuiltinMethodType | MethodType):
            owner = next((kind for kind in METHODS if isinstance(obj.__self__, kind)), None)
            if owner is None or obj.__name__ not in METHODS[owner]:
                raise SecurityError(f"the method {obj.__name__!r} is not available in chat templates")
        elif not isinstance(obj, Macro | LoopContext | BlockReference | Undefined | Joiner | _Format):
            raise SecurityError(f"{type(obj).__name__} objects cannot be called in chat templates")

    def _bounded(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns a filter or test with bounded arguments, work and result."""
        own = 1 if hasattr(function, "jinja_pass_arg") else 0  # Jinja's context or environment comes first

        @wraps(function)
        def bounded(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
            value, *rest = (self.admit(one) for one in args[own:])
            self.bounds.check_growth(value, _arguments(rest, kwargs))
            if function.__name__ == "do_format":
                self.bounds.check_printf(str(value), kwargs or tuple(rest))
            return self.admit(function(*args[:own], value, *rest, **kwargs))

        return bounded

    def _range(self, *limits: int) -> range:
        made = range(*limits)
        if len(made) > ITEMS:
            raise TemplateTooCostly(f"a range has more than {ITEMS:,} items")
        return made

    def _join(self, pieces: Iterable[Any]) -> str:
        size, texts = 0, []
        for piece in pieces:
            texts.append(str(piece))
            size += len(texts[-1])
            self.bounds.check_size(size)
        return "".join(texts)


class _Generator(CodeGenerator):
    """Compiles every expression into a call of `admit` around it, and counts every run of a block of statements."""

    def visit(self, node: nodes.Node, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        value = isinstance(node, nodes.Expr) and not isinstance(node, nodes.TemplateData | nodes.Slice | nodes.NSRef)
        if value and getattr(node, "ctx", "load") == "load":
            self.write("environment.admit(")
            super().visit(node, *args, **kwargs)
            self.write(")")
        else:
            super().visit(node, *args, **kwargs)

    def blockvisit(self, nodes: Iterable[nodes.Node], frame: Frame) -> None:
        self.writeline("environment.bounds.spend(1)")
        super().blockvisit(nodes, frame)

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:
        self.write("environment.concat((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")


BoundedEnvironment.code_generator_class = _Generator


class _Names(Namespace):
    """Jinja's namespace. Its text does not show what it holds, which may hold it in turn."""

    def __repr__(self) -> str:
        return "<Namespace>"


class _Counted:
    """A lazy sequence whose items are counted and bounded as they are read."""

    def __init__(self, items: Iterator[Any], admit: Callable[[Any], Any]) -> None:
        self._items = items
        self._admit = admit

    def __iter__(self) -> _Counted:
        return self

    def __next__(self) -> Any:  # noqa: ANN401
        return self._admit(next(self._items))


class _Format:
    """`str.format` or `str.format_map` of one text, with bounded widths and a bounded result."""

    def __init__(self, environment: BoundedEnvironment, text: str, name: str) -> None:
        self._environment, self._text, self._name = environment, text, name

    def __call__(self, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401
        if self._name == "format_map":
            (kwargs,), args = args, ()
        return _Formatter(self._environment).vformat(self._text, args, kwargs)


class _Formatter(SandboxedFormatter):
    """Jinja's formatter, which stops at the bound of one value."""

    def __init__(self, environment: BoundedEnvironment) -> None:
        super().__init__(environment)
        self._environment = environment
        self._total = 0

    def format_field(self, value: Any, format_spec: str) -> Any:  # noqa: ANN401
        bounds = self._environment.bounds
        bounds.check_format(format_spec)
        made = super().format_field(self._environment.admit(value), format_spec)
        self._total += len(made)
        bounds.check_size(self._total)
        return made


def _arguments(args: Iterable[Any], kwargs: dict[str, Any]) -> list[Any]:
    """Returns all arguments of a call but those that Jinja adds itself."""
    return [*args, *(value for name, value in kwargs.items() if not name.startswith("_"))]
