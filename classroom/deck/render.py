"""A slide's markdown as HTML; every mistake in it becomes one line with file, line and remedy."""

import html
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import math_core
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from classroom.deck import markdown as md
from classroom.deck.context import Context
from classroom.deck.figures import Figures
from classroom.deck.folders import Folders
from classroom.deck.numbers import fill
from classroom.deck.pictures import classes, picture
from classroom.deck.source import Part, Slide

HTML = "write `![what it shows](file.mp4)` for a picture or a video, **bold** for words, and `\\<` for the sign itself"
NOTES = "add `::: notes 3 min`, what to say, and `:::`"


@dataclass
class Rendered:
    """A slide as HTML: `body` is all that is seen, `notes` what the lecturer sees, `place` the file and line."""

    place: str
    title: str
    body: str
    notes: str
    minutes: float
    problems: list[str] = field(default_factory=list)


def render_slide(slide: Slide, part: Part, figures: Figures, folders: Folders) -> Rendered:
    """Return a slide as HTML with a line for each mistake."""
    context = Context(slide, figures, folders)
    tokens = prepare(slide, part, context)
    tokens, notes, opening = md.take_notes(tokens)
    minutes = md.minutes_of(opening) if opening else None
    if opening is None or not notes:
        context.report(0, f"this slide has no notes: {NOTES}.")
    elif minutes is None:
        context.report(opening.map[0], "how many minutes? Write `::: notes 3 min`.")
    heading, tokens = take_heading(tokens, context)
    footnotes = next(
        (i for i, token in enumerate(tokens) if token.type == "footnote_block_open"), len(tokens)
    )
    pieces = [as_html(piece, context) for piece in (heading, tokens[:footnotes], tokens[footnotes:], notes)]
    body = f'{pieces[0]}<div class="body">{pieces[1]}</div>{pieces[2]}'
    title = heading[1].content if heading else ""
    return Rendered(str(slide.place), title, body, pieces[3], minutes or 0, context.problems)


def prepare(slide: Slide, part: Part, context: Context) -> list[Token]:
    """Return the slide's tokens, each with its line in `meta`."""
    text, mistakes = md.nest(fill(md.complete(slide.text, part.footnotes), context.report))
    for line, sentence in mistakes:
        context.report(line, sentence)
    tokens = rules().parse(text)
    for token, line in md.walk(tokens):
        token.meta["line"] = line
        if token.type == "text" and (key := md.REFERENCE.search(token.content)):
            context.report(line, f"the footnote {key[0]} is not defined: add a line `{key[0]}: …`.")
    md.mark_fragments(tokens)
    md.free_figures(tokens)
    return tokens


def take_heading(tokens: list[Token], context: Context) -> tuple[list[Token], list[Token]]:
    """Return the three tokens of the slide's title, and the others."""
    first = next((i for i, token in enumerate(tokens) if token.type == "heading_open"), None)
    if first is None or tokens[first].tag not in ("h1", "h2"):
        context.report(0, "this slide has no title: begin it with `## Title`.")
        return [], tokens
    return tokens[first : first + 3], tokens[:first] + tokens[first + 3 :]


def title_of(slide: Slide) -> str:
    """Return a slide's title, as `render_slide` does, without rendering it."""
    tokens = rules().parse(md.nest(slide.text)[0])
    return next(
        (
            after.content
            for token, after in zip(tokens, tokens[1:], strict=False)
            if token.type == "heading_open"
        ),
        "",
    )


def as_html(tokens: list[Token], context: Context) -> str:
    return rules().renderer.render(tokens, rules().options, {"context": context})


@cache
def rules() -> MarkdownIt:
    """Return the parser with our way to write some of its tokens."""
    markdown = md.parser()
    for name, rule in RULES.items():
        markdown.add_render_rule(
            name, lambda self, tokens, i, _, env, rule=rule: rule(tokens[i], env["context"])
        )
    return markdown


def formula(token: Token, context: Context) -> str:
    """Return LaTeX as MathML."""
    block = token.type != "math_inline"
    try:
        text = math_core.LatexToMathML(fancy_error=False).convert_with_local_state(
            token.content, displaystyle=block
        )
    except math_core.LatexError as error:
        return context.report(
            token.meta["line"], f"the formula `{token.content.strip()}` is not right: {error}."
        )
    return f'<div class="{classes(token, "formula")}">{text}</div>' if block else text


def code(token: Token, context: Context) -> str:
    """Return code with its syntax highlighted."""
    language = token.info.split()[0] if token.info.strip() else "text"
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return context.report(
            token.meta["line"], f"unknown language {language!r}: write ```python or ```text."
        )
    text = highlight(token.content, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    return f'<pre class="{classes(token, "code")}" tabindex="0"><code>{text}</code></pre>'


def raw_html(token: Token, context: Context) -> str:
    """Refuse HTML, which markdown would pass through; a comment is left out."""
    text = token.content.strip()
    if text.startswith("<!--"):
        return ""
    return context.report(
        token.meta["line"], f"`{text.splitlines()[0][:60]}` is HTML, which a slide does not take: {HTML}."
    )


def column(token: Token, _context: Context) -> str:
    share = re.search(r"(\d+(?:\.\d+)?)%", token.info)
    return f'<div class="{classes(token, "column")}" style="flex: {share[1] if share else 50} 1 0">'


def link(token: Token, context: Context) -> str:
    """Return the beginning of a link; `lab:01` leads to that lab's notebook."""
    address = str(token.attrGet("href"))
    if not address.startswith("lab:"):
        return f'<a href="{html.escape(address)}">'
    number, labs = address.removeprefix("lab:"), context.folders.labs
    notebooks = sorted(labs.glob(f"{number}_*.ipynb"))
    if not number or not notebooks:
        remedy = "build it with `classroom build`, or correct the link"
        return context.report(token.meta["line"], f"there is no lab {number!r} in {labs.name}/: {remedy}.")
    way = html.escape(address_of_lab(notebooks[0], context.folders))
    return f'<a class="lab" href="{way}" title="python course.py lab labs/{notebooks[0].name}">'


def address_of_lab(notebook: Path, folders: Folders) -> str:
    """Return where a link to a lab leads: to the rendered labs if their address is known, else to the notebook."""
    if not folders.rendered_labs:
        return Path(os.path.relpath(notebook, folders.out)).as_posix()
    if "{lab}" in folders.rendered_labs:
        return folders.rendered_labs.replace("{lab}", notebook.stem)
    return f"{folders.rendered_labs.rstrip('/')}/{notebook.stem}.html"


def footnote_number(token: Token, _context: Context) -> str:
    return f'<sup class="number">{token.meta["id"] + 1}</sup>'


RULES = {
    "image": picture,
    "math_inline": formula,
    "math_inline_double": formula,
    "math_block": formula,
    "fence": code,
    "html_block": raw_html,
    "html_inline": raw_html,
    "container_column_open": column,
    "link_open": link,
    "footnote_ref": footnote_number,
    "footnote_open": lambda token, context: f'<div class="footnote">{footnote_number(token, context)}',
    "footnote_close": lambda token, context: "</div>",
    "footnote_block_open": lambda token, context: '<div class="footnotes">',
    "footnote_block_close": lambda token, context: "</div>",
    "footnote_anchor": lambda token, context: "",
}
