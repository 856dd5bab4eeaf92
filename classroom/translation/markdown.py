"""Find the texts of a markdown source: each heading, paragraph, list item and row of a table is one."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

FENCE = re.compile(r"^\s*(```+|~~~+)")
MARKER = re.compile(r"^\s*(?:#{1,6} +|[-*+] +|\d+\. +|> +|\[\^[^\]]+\]: +)")
VERBATIM = re.compile(r"^\s*(?::{3,}|---+\s*$|\$\$)")
NO_WORDS = re.compile(r"`[^`]*`|\$[^$]*\$|\]\([^)]*\)|\{[^}]*\}")
WORD = re.compile(r"[^\W\d_]{2,}")
KEPT = {  # what a translation must have as often as the original; more code is welcome
    "code": re.compile(r"`[^`]+`"),
    "a link": re.compile(r"\]\(([^)\s]+)\)"),
    "a footnote": re.compile(r"\[\^[^\]]+\]"),
    "a formula": re.compile(r"\$[^$]+\$"),
    "a cell of a table": re.compile(r" \| "),
}


def rewrite(text: str, translate: Callable[[str], str]) -> str:
    r"""Return markdown with each of its texts replaced by what `translate` makes of it; everything else stays as it is.

    >>> rewrite("## One\nTwo\nthree.\n\n- four\n\n```python\nfive\n```", str.upper)
    '## ONE\nTWO\nTHREE.\n\n- FOUR\n\n```python\nfive\n```'
    """
    return "\n".join(_translated(prefix, said, translate) for prefix, said in pieces(text))


def pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before a text, and the text; lines without one come as a prefix with an empty text.

    Code blocks, block formulas, the fences of slides and rows of numbers are lines without a text.
    """
    waiting: list[str] = []
    closing = None
    for line in text.split("\n"):
        if closing or VERBATIM.match(line) or FENCE.match(line) or not line.strip():
            yield from _flush(waiting)
            yield line, ""
            closing = _closing(line, closing)
        elif line.startswith("|") or MARKER.match(line):
            yield from _flush(waiting)
            waiting.append(line)
            if line.startswith(("#", "|")):
                yield from _flush(waiting)
        else:
            waiting.append(line)
    yield from _flush(waiting)


def lost(original: str, translated: str) -> str | None:
    """Return what a translation lacks of the original, or has too often, or None.

    >>> lost("Call `check` [here](lab:01).", "Appelez `chekc` [ici](lab:01).")
    'code: `check`'
    """
    for what, pattern in KEPT.items():
        before, after = Counter(pattern.findall(original)), Counter(pattern.findall(translated))
        wrong = (before - after) or (Counter() if what == "code" else after - before)
        if wrong:
            return f"{what}: {next(iter(wrong))}".strip()
    return None


def _flush(waiting: list[str]) -> Iterator[tuple[str, str]]:
    if waiting:
        text = "\n".join(waiting)
        marker = "| " if text.startswith("| ") else (MARKER.match(text) or [""])[0]
        yield marker, text[len(marker) :]
        waiting.clear()


def _closing(line: str, closing: str | None) -> str | None:
    """What ends the block that a line is in, or None when it is in none."""
    if closing:
        return None if line.strip().startswith(closing) else closing
    if fence := FENCE.match(line):
        return fence[1]
    return "$$" if line.count("$$") == 1 else None


def _translated(prefix: str, text: str, translate: Callable[[str], str]) -> str:
    if not WORD.search(NO_WORDS.sub("", text)):
        return prefix + text
    end = " |" if prefix == "| " and text.endswith(" |") else ""
    return prefix + translate(text.removesuffix(end)) + end
