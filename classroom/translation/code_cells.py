"""Find the texts of a code cell: comments, docstrings, printed strings, and the words on and about figures."""

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator

KEYWORDS = ("alt", "title", "xlabel", "ylabel", "label")
CALLS = ("print", "set_title", "set_xlabel", "set_ylabel")
STRING = re.compile(r"""([fF]?)(\"""|"|')(.*)\2""", re.DOTALL)
NO_COMMENT = re.compile(r"#\s*(?:(?:BEGIN|END) SOLUTION|noqa|type:|ruff:|\(.*\)(?:, \(.*\))*$)")
WORD = re.compile(r"[^\W\d_]{2,}")


def rewrite(source: str, translate: Callable[[str], str]) -> str:
    r"""Return a cell with each of its texts replaced by what `translate` makes of it; one that is not Python stays.

    >>> rewrite('def f(x):  # once\n    "Say it."\n    print(f"now {x}", x)', str.title)
    'def f(x):  # Once\n    "Say It."\n    print(f"Now {X}", x)'
    """
    try:
        found = sorted([*_strings_of(source), *_comments_of(source)])
    except (SyntaxError, tokenize.TokenError):
        return source
    parts, done = [], 0
    for start, end in found:
        text = source[start:end]
        has_words = WORD.search(re.sub(r"\{[^}]*\}", "", text))
        parts += [source[done:start], translate(text) if has_words else text]
        done = end
    return "".join([*parts, source[done:]])


def same_code(source: str, translated: str) -> bool:
    """Whether two cells differ in nothing but their texts: what a printed string computes is the same, in any order."""
    try:
        return source == translated or _skeleton(source) == _skeleton(translated)
    except SyntaxError:
        return False


def _strings(tree: ast.AST) -> Iterator[ast.expr]:
    """The nodes of strings that people read."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node, clean=False):
            yield node.body[0].value
        elif isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            yield from (argument for argument in node.args if name in CALLS and _is_text(argument))
            yield from (word.value for word in node.keywords if word.arg in KEYWORDS and _is_text(word.value))


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _strings_of(source: str) -> Iterator[tuple[int, int]]:
    """Where the words of each string begin and end, without prefix and quotes."""
    lines = source.splitlines(keepends=True)
    for node in _strings(ast.parse(source)):
        start = _place(lines, node.lineno, _characters(lines[node.lineno - 1], node.col_offset))
        end = _place(lines, node.end_lineno, _characters(lines[node.end_lineno - 1], node.end_col_offset))
        literal = STRING.fullmatch(source[start:end])
        if literal and literal[2] not in literal[3]:
            yield start + literal.start(3), start + literal.end(3)


def _comments_of(source: str) -> Iterator[tuple[int, int]]:
    lines = source.splitlines(keepends=True)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and not NO_COMMENT.match(token.string):
            start = _place(lines, *token.start)
            yield start + len(token.string) - len(token.string.lstrip("# ")), start + len(token.string)


def _characters(line: str, byte: int) -> int:
    """The column of a byte: the parser counts bytes."""
    return len(line.encode()[:byte].decode())


def _place(lines: list[str], line: int, column: int) -> int:
    return sum(map(len, lines[: line - 1])) + column


def _skeleton(source: str) -> str:
    """The code without the words of its texts."""
    tree = ast.parse(source)
    for node in list(_strings(tree)):
        if isinstance(node, ast.JoinedStr):
            node.values = sorted((v for v in node.values if isinstance(v, ast.FormattedValue)), key=ast.dump)
        else:
            node.value = ""
    return ast.dump(tree)
