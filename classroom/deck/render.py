"""A slide's markdown as HTML; every mistake in it becomes one line with file, line and remedy."""

import html
import json
import os
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

import math_core
from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from classroom.deck import markdown as md
from classroom.deck.figures import Drawing, FigureError, Figures
from classroom.deck.folders import Folders
from classroom.deck.problem import Place
from classroom.deck.source import Part, Slide

FIGURE = "the picture's address is figure:NAME or widget:NAME, a function in slides/figures"
NOTES = "add `::: notes 3 min`, what to say, and `:::`"


@dataclass
class Rendered:
    """A slide as HTML: `body` is all that is seen, `notes` what the lecturer sees."""

    title: str
    body: str
    notes: str
    minutes: float
    problems: list[str] = field(default_factory=list)


@dataclass
class Context:
    """What the rules that render a token need to know of the slide."""

    slide: Slide
    figures: Figures
    folders: Folders
    problems: list[str] = field(default_factory=list)

    def report(self, line: int, sentence: str) -> str:
        """Note a problem on a line of the slide, counted from 0, and return nothing to show."""
        place = Place(self.slide.place.path, self.slide.place.line + line)
        self.problems.append(place.problem(sentence))
        return ""


def render_slide(slide: Slide, part: Part, figures: Figures, folders: Folders) -> Rendered:
    """Return a slide as HTML with a line for each thing that is wrong."""
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
    return Rendered(title, body, pieces[3], minutes or 0, context.problems)


def prepare(slide: Slide, part: Part, context: Context) -> list[Token]:
    """Return the slide's tokens, each with its line in `meta`."""
    text, mistakes = md.nest(md.complete(slide.text, part.footnotes))
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


def picture(token: Token, context: Context) -> str:
    """Return the HTML of a picture, or report what is wrong with it."""
    line, source = token.meta["line"], str(token.attrGet("src"))
    kind, _, name = source.partition(":")
    alts = [alt.strip() for alt in token.content.split(" | ")]
    if kind not in ("figure", "widget") or not name:
        return context.report(line, f"{source!r} cannot be shown: {FIGURE}.")
    if not all(alts):
        return context.report(line, f"{source} has no alternative text: write ![what it shows]({source}).")
    if not token.meta.get("alone"):
        return context.report(line, f"{source} shares its paragraph: leave a blank line above and below it.")
    try:
        drawing = context.figures.draw(name, kind)
    except FigureError as error:
        return context.report(line, str(error))
    if len(alts) not in (1, len(drawing.frames) or 1):
        return context.report(
            line, f"{source} has {len(drawing.frames)} steps but {len(alts)} texts: give one each."
        )
    return (frames if kind == "figure" else widget)(token, drawing, alts)


def frames(token: Token, drawing: Drawing, alts: list[str]) -> str:
    """Return one picture, or several in one place, to be stepped through or played."""
    loop, count = "loop" in str(token.attrGet("class")).split(), len(drawing.frames)
    if len(alts) < count:
        alts = [f"{alts[0]} ({'frame' if loop else 'step'} {i + 1} of {count})" for i in range(count)]
    images = []
    for i, (frame, alt) in enumerate(zip(drawing.frames, alts, strict=True)):
        step = ' class="fragment"' if i and not loop else ""
        size = f'width="{frame.width:.0f}" height="{frame.height:.0f}" data-smallest="{frame.smallest:.1f}"'
        images.append(f'<img{step} alt="{html.escape(alt)}" {size} src="{address_of(frame.svg)}">')
    every = f' data-fps="{html.escape(str(token.attrGet("fps") or 4))}"' if loop else ""
    return f'<figure class="{classes(token, "drawing", count > 1 and "stack")}"{every}{wide(token)}>{"".join(images)}</figure>'


def address_of(svg: str) -> str:
    """Return an address that holds the picture itself, in words where it can: a quarter shorter than base64."""
    return "data:image/svg+xml," + quote(svg, safe=" <>/:;=,()+'.!*-_[]{}@$~")


def widget(token: Token, drawing: Drawing, alts: list[str]) -> str:
    """Return the place in which the page's script starts an interactive figure."""
    data = html.escape(json.dumps(drawing.widget))
    label = html.escape(alts[0])
    return f'<figure class="{classes(token, "widget")}" data-widget="{data}" aria-label="{label}"{wide(token)}></figure>'


def classes(token: Token, *names: str | bool) -> str:
    return html.escape(" ".join(filter(None, [*names, str(token.attrGet("class") or "")])))


def wide(token: Token) -> str:
    width = token.attrGet("width")
    return f' style="width: {html.escape(str(width))}"' if width else ""


def formula(token: Token, context: Context) -> str:
    """Return LaTeX as MathML."""
    block = token.type != "math_inline"
    try:
        text = math_core.LatexToMathML(fancy_error=False).convert_with_local_state(
            token.content, displaystyle=block
        )
    except math_core.LatexError as error:
        return context.report(
            token.meta["line"], f"the formula {token.content.strip()!r} is not right: {error}."
        )
    return f'<div class="{classes(token, "formula")}">{text}</div>' if block else text


def code(token: Token, context: Context) -> str:
    """Return a program with its words coloured."""
    language = token.info.split()[0] if token.info.strip() else "text"
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return context.report(
            token.meta["line"], f"there is no language {language!r}: write ```python or ```text."
        )
    text = highlight(token.content, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")
    return f'<pre class="{classes(token, "code")}" tabindex="0"><code>{text}</code></pre>'


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
        remedy = "build it with `classroom build`, or mend the link"
        return context.report(token.meta["line"], f"there is no lab {number!r} in {labs.name}/: {remedy}.")
    way = html.escape(Path(os.path.relpath(notebooks[0], context.folders.out)).as_posix())
    return f'<a class="lab" href="{way}" title="python course.py lab labs/{notebooks[0].name}">'


def footnote_number(token: Token, _context: Context) -> str:
    return f'<sup class="number">{token.meta["id"] + 1}</sup>'


RULES = {
    "image": picture,
    "math_inline": formula,
    "math_inline_double": formula,
    "math_block": formula,
    "fence": code,
    "container_column_open": column,
    "link_open": link,
    "footnote_ref": footnote_number,
    "footnote_open": lambda token, context: f'<div class="footnote">{footnote_number(token, context)}',
    "footnote_close": lambda token, context: "</div>",
    "footnote_block_open": lambda token, context: '<div class="footnotes">',
    "footnote_block_close": lambda token, context: "</div>",
    "footnote_anchor": lambda token, context: "",
}
