"""Small changes of a function, one at a time, each of which a good set of cases must notice."""

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import CodeType, FunctionType

from coursekit import ops

COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Div,
    ast.Mod: ast.FloorDiv,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Pow: ast.Mult,
}
PARTNERS = (
    *(("min", "max"), ("amin", "amax"), ("argmin", "argmax"), ("minimum", "maximum"), ("sum", "mean")),
    *(("floor", "ceil"), ("round", "floor"), ("any", "all"), ("zeros", "ones"), ("triu", "tril")),
    *(("softmax", "sigmoid"), ("cummax", "cummin"), ("exp", "log"), ("unsqueeze", "squeeze")),
)
OTHER = {a: b for pair in PARTNERS for a, b in (pair, pair[::-1])} | {"floor": "ceil"}
REMOVED = {
    "clamp",
    "detach",
    "flip",
    "sigmoid",
    "abs",
    "log",
    "long",
    "float",
    "unique",
    "sort",
    "round",
    "floor",
}


SYMMETRIC = {"max", "min", "maximum", "minimum", "box_iou", "isclose", "allclose", "equal"}
NO_MATTER = {"device", "stable", "strict", "retain_graph", "pin_memory"}  # of keywords, for values on one CPU
DEPTH = 2  # a reference often hands its work on
HOMES = ("coursekit.ops", "classroom.exercises")


def mutants(function: Callable) -> Iterator[tuple[str, AbstractContextManager]]:
    """Yield each change of the function or of what it calls, in words, and a context in which it is made."""
    for part in parts(function):
        for said, code in changed_codes(part):
            yield f"{part.__name__}: {said}", _with_code(part, code)


def parts(function: Callable, depth: int = DEPTH) -> list[FunctionType]:
    """Return the function and those of the operators and the exercises that it calls, each once."""
    found = {function: None} if isinstance(function, FunctionType) else {}
    for name in function.__code__.co_names if found and depth else ():
        called = function.__globals__.get(name, getattr(ops, name, None))
        if isinstance(called, FunctionType) and called.__module__.startswith(HOMES):
            found |= dict.fromkeys(parts(called, depth - 1))
    return list(found)


def _unchanged(tree: ast.Module) -> set[int]:
    """The nodes of the signature, which a mutant shares with the function, of refusals and of NO_MATTER's values."""
    nodes = list(ast.walk(tree))
    kept: list[ast.AST] = [tree.body[0].args]
    kept += [n for n in nodes if isinstance(n, ast.If) and isinstance(n.body[-1], ast.Raise)]
    kept += [n for n in nodes if isinstance(n, ast.keyword) and n.arg in NO_MATTER]
    return {id(inside) for node in kept for inside in ast.walk(node)}


@contextmanager
def _with_code(function: FunctionType, code: CodeType) -> Iterator[None]:
    """Everyone who calls the function runs the changed code."""
    before, function.__code__ = function.__code__, code
    try:
        yield
    finally:
        function.__code__ = before


def changed_codes(function: FunctionType) -> Iterator[tuple[str, CodeType]]:
    """Yield each change of one function in words, with the line that it is in, and the code."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        return
    definition.decorator_list, definition.returns = [], None
    unchanged = _unchanged(tree)
    for place, node in enumerate(ast.walk(tree)):
        for said, change in changes(node) if id(node) not in unchanged else ():
            other = copy.deepcopy(tree)
            change(next(n for i, n in enumerate(ast.walk(other)) if i == place))
            line = ast.unparse(_statement_of(tree, node)).splitlines()[0]
            yield f"{said} in {line}", _compiled(other, function)
    yield from _ignored_arguments(tree, function)


def changes(node: ast.AST) -> Iterator[tuple[str, Callable]]:
    """Yield in words what can be changed at a node of the tree, and the function that changes it."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        new = COMPARISONS[type(node.ops[0])]
        yield f"{_sign(node.ops[0])} to {_sign(new())}", lambda n: n.ops.__setitem__(0, new())
    if isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign) and type(node.op) in OPERATORS:
        other = OPERATORS[type(node.op)]
        yield f"{_sign(node.op)} to {_sign(other())}", lambda n: setattr(n, "op", other())
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        for value in {int: (node.value + 1, node.value - 1), float: (node.value * 2 + 0.1,)}[
            type(node.value)
        ]:
            yield f"{node.value} to {value}", lambda n, value=value: setattr(n, "value", value)
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield f"{node.value} to {not node.value}", lambda n: setattr(n, "value", not n.value)
    negative_number = isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant)
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub | ast.Invert | ast.Not)
        and not negative_number
    ):
        yield (
            f"without {_sign(node.op)}",
            lambda n: setattr(n, "op", ast.UAdd() if _sign(n.op) == "-" else _Twice()),
        )
    if isinstance(node, ast.Call):
        yield from _changed_calls(node)


class _Twice(ast.Not):
    """Is replaced when the tree is compiled: the operand stands without its operator."""


def _changed_calls(node: ast.Call) -> Iterator[tuple[str, Callable]]:
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name in OTHER:
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield f"{name} to {OTHER[name]}", lambda n: setattr(n.func, field, OTHER[name])
    if name in REMOVED and isinstance(node.func, ast.Attribute):
        yield f"without .{name}", lambda n: _become_receiver(n)
    if (
        len(node.args) == 2
        and name not in SYMMETRIC
        and not any(isinstance(arg, ast.Starred) for arg in node.args)
    ):
        yield f"arguments of {name} exchanged", lambda n: n.args.reverse()
    for i, keyword in enumerate(node.keywords):
        if keyword.arg and keyword.arg not in NO_MATTER:
            yield f"without {keyword.arg} of {name}", lambda n, i=i: n.keywords.pop(i)


def _become_receiver(node: ast.Call) -> None:
    """`x.clamp(0)` becomes `(x)[...]`, which is `x`."""
    node.__class__ = ast.Subscript
    node.value, node.slice, node.ctx = node.func.value, ast.Constant(...), ast.Load()


def _ignored_arguments(tree: ast.Module, function: FunctionType) -> Iterator[tuple[str, CodeType]]:
    """An argument that has a default is taken to be the default."""
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.default is not parameter.empty and isinstance(parameter.default, int | float | str):
            other = copy.deepcopy(tree)
            ignored = ast.parse(f"{name} = {parameter.default!r}").body
            other.body[0].body[:0] = ignored
            yield f"argument {name} ignored", _compiled(other, function)


class _Unwrapped(ast.NodeTransformer):
    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        self.generic_visit(node)
        return node.operand if isinstance(node.op, _Twice) else node


def _compiled(tree: ast.Module, function: FunctionType) -> CodeType:
    definition = tree.body[0]
    for argument in (*definition.args.posonlyargs, *definition.args.args, *definition.args.kwonlyargs):
        argument.annotation = None
    definition.args.defaults = [ast.Constant(None) for _ in definition.args.defaults]
    namespace: dict = {}
    tree = ast.fix_missing_locations(_Unwrapped().visit(tree))
    exec(compile(tree, f"<mutant of {function.__name__}>", "exec"), namespace)
    return namespace[definition.name].__code__


def _statement_of(tree: ast.AST, node: ast.AST) -> ast.AST:
    """The innermost statement that holds a node."""
    holders = [s for s in ast.walk(tree) if isinstance(s, ast.stmt) and any(n is node for n in ast.walk(s))]
    return holders[-1]


def _sign(operator: ast.AST) -> str:
    signs = {
        "Lt": "<",
        "LtE": "<=",
        "Gt": ">",
        "GtE": ">=",
        "Eq": "==",
        "NotEq": "!=",
        "Add": "+",
        "Sub": "-",
    }
    signs |= {
        "Mult": "*",
        "Div": "/",
        "FloorDiv": "//",
        "Mod": "%",
        "BitAnd": "&",
        "BitOr": "|",
        "And": "and",
    }
    signs |= {"Or": "or", "Pow": "**", "USub": "-", "Invert": "~", "Not": "not"}
    return signs.get(type(operator).__name__, type(operator).__name__)
