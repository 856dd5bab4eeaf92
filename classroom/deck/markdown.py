"""The deck's markdown: containers, maths, footnotes, attributes, and the preparation of a slide's tokens."""

import re
from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs import attrs_plugin
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

CONTAINERS = ("columns", "column", "steps", "notes")
MINUTES = re.compile(r"notes\s+(\d+(?:\.\d+)?)\s*min")
REFERENCE = re.compile(r"\[\^([^\]\s]+)\](?!:)")
COLONS = re.compile(r"^(?P<indent>[ \t]*):{3,}(?P<rest>[ \t]*(?P<name>\w*).*)$")
FENCE = re.compile(r"^[ \t]*(```+|~~~+)")
DEEPEST = 11
PER_CENT = re.compile(r"(?<=width=)\d+(?:\.\d+)?%")


def parser() -> MarkdownIt:
    """Return CommonMark with tables and what the slides add; raw HTML is recognised, to be refused."""
    markdown = MarkdownIt("commonmark", {"html": True, "typographer": True})
    markdown.enable(["table", "smartquotes"]).disable("lheading")
    markdown.use(attrs_plugin, spans=True).use(footnote_plugin, inline=False)
    markdown.use(dollarmath_plugin, allow_digits=False, double_inline=True)
    for name in CONTAINERS:
        markdown.use(container_plugin, name=name)
    return markdown


def complete(text: str, definitions: dict[str, str]) -> str:
    """Return a slide's markdown with quotes around per cents and, below, the footnotes that stand elsewhere."""
    keys = dict.fromkeys(REFERENCE.findall(text))
    missing = [definitions[key] for key in keys if key in definitions and definitions[key] not in text]
    return "\n\n".join([PER_CENT.sub(r'"\g<0>"', text), *missing])


def walk(tokens: list[Token]) -> Iterator[tuple[Token, int]]:
    """Yield each token, children too, with the line on which it stands, counted from 0."""
    line = 0
    for token in tokens:
        line = token.map[0] if token.map else line
        yield token, line
        within = line
        for child in token.children or []:
            yield child, within
            within += child.type in ("softbreak", "hardbreak")


def container(tokens: list[Token], start: int) -> int:
    """Return where the container that opens at `start` closes."""
    name, level = tokens[start].type.removesuffix("_open"), tokens[start].level
    closing = (i for i in range(start, len(tokens)) if tokens[i].type == f"{name}_close")
    return next(i for i in closing if tokens[i].level == level)


def take_notes(tokens: list[Token]) -> tuple[list[Token], list[Token], Token | None]:
    """Return the slide's tokens, those of its notes, and the token that opens the notes."""
    for i, token in enumerate(tokens):
        if token.type == "container_notes_open":
            end = container(tokens, i)
            return tokens[:i] + tokens[end + 1 :], tokens[i + 1 : end], token
    return tokens, [], None


def minutes_of(opening: Token) -> float | None:
    """Return the planned minutes of `::: notes 3 min`, or None when there are none."""
    found = MINUTES.search(opening.info)
    return float(found[1]) if found else None


def mark_fragments(tokens: list[Token]) -> None:
    """Give every block and every list item inside `::: steps` the class with which reveal.js steps through."""
    for i, token in enumerate(tokens):
        if token.type != "container_steps_open":
            continue
        inside, lists = tokens[i + 1 : container(tokens, i)], token.level + 1
        for block in inside:
            is_list = block.type in ("bullet_list_open", "ordered_list_open")
            item = block.type == "list_item_open" and block.level == lists + 1
            if (block.level == lists and block.nesting >= 0 and not is_list) or item:
                block.attrJoin("class", "fragment")


def free_figures(tokens: list[Token]) -> None:
    """Take a picture that is alone in its paragraph out of it: HTML allows no figure inside one."""
    for before, inline, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type == "paragraph_open" and [child.type for child in inline.children or []] == ["image"]:
            before.hidden = after.hidden = True
            inline.children[0].meta["alone"] = True
            if classes := before.attrGet("class"):
                inline.children[0].attrJoin("class", str(classes))


def nest(text: str) -> tuple[str, list[tuple[int, str]]]:
    """Return the markdown with fewer colons the deeper a block is nested, as the parser needs them, and mistakes.

    Each mistake is a line, counted from 0, and a sentence.

    >>> nest("::: columns\\n::: column\\n:::\\n:::")[0].splitlines()
    [':::::::::: columns', '::::::::: column', ':::::::::', '::::::::::']
    """
    lines, opened, mistakes, fence = [], [], [], None
    for number, line in enumerate(text.split("\n")):
        mark = FENCE.match(line)
        if mark and fence in (None, mark[1][:3]):
            fence = None if fence else mark[1][:3]
        found = None if fence else COLONS.match(line)
        if found and found["name"]:
            if found["name"] not in CONTAINERS:
                mistakes.append((number, f"`::: {found['name']}` is not one of {', '.join(CONTAINERS)}."))
            opened.append(number)
        elif found and not opened:
            mistakes.append((number, "`:::` closes nothing: remove it, or open a block with `::: steps`."))
        colons = ":" * max(3, DEEPEST - len(opened))
        lines.append(f"{found['indent']}{colons}{found['rest']}" if found else line)
        if found and not found["name"] and opened:
            opened.pop()
    mistakes += [
        (number, "this block is never closed: write `:::` below its last line.") for number in opened
    ]
    return "\n".join(lines), mistakes
