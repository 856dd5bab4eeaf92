"""The HTML for `![alt](address)` on a slide: a figure, a widget, or a picture or video from a file."""

import base64
import difflib
import html
import io
import json
from pathlib import Path
from urllib.parse import quote, unquote

from markdown_it.token import Token
from PIL import Image

from classroom.deck.context import Context
from classroom.deck.drawing import Drawing, FigureError

LARGEST_SIDE = 2560  # pixels: a screen of 1280 x 720 with twice the pixels
TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".svg": "image/svg+xml",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
}
MOVING = (".gif", ".svg", ".mp4", ".webm")  # are kept as they are
ADDRESSES = "a file beside the slides such as my.png or my.mp4, or figure:NAME or widget:NAME"


def picture(token: Token, context: Context) -> str:
    """Return the HTML of a picture, or report the mistake."""
    line, source = token.meta["line"], unquote(str(token.attrGet("src")))
    kind, colon, name = source.partition(":")
    alts = [alt.strip() for alt in token.content.split(" | ")]
    if not all(alts):
        return context.report(line, f"{source} has no alternative text: write ![what it shows]({source}).")
    if not token.meta.get("alone"):
        return context.report(line, f"{source} shares its paragraph: leave a blank line above and below it.")
    if colon and kind in ("figure", "widget"):
        return drawn(token, kind, name, alts, context)
    if colon:
        return context.report(
            line, f"{source!r} cannot be shown, because a deck asks no network: use {ADDRESSES}."
        )
    return from_file(token, context.slide.place.path.parent / source, context)


def drawn(token: Token, kind: str, name: str, alts: list[str], context: Context) -> str:
    """Return a figure or a widget, or report the mistake."""
    try:
        drawing = context.figures.draw(name, kind)
    except FigureError as error:
        return context.report(token.meta["line"], str(error))
    if len(alts) not in (1, len(drawing.frames) or 1):
        steps = f"{kind}:{name} has {len(drawing.frames)} steps but {len(alts)} texts: give one each."
        return context.report(token.meta["line"], steps)
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
    """Return a data address of the picture, as text where possible: a quarter shorter than base64."""
    return "data:image/svg+xml," + quote(svg, safe=" <>/:;=,()+'.!*-_[]{}@$~")


def widget(token: Token, drawing: Drawing, alts: list[str]) -> str:
    """Return the element in which the page's script starts an interactive figure."""
    data = html.escape(json.dumps(drawing.widget))
    label = html.escape(alts[0])
    return f'<figure class="{classes(token, "widget")}" data-widget="{data}" aria-label="{label}"{wide(token)}></figure>'


def from_file(token: Token, path: Path, context: Context) -> str:
    """Return a picture or a video with its file inside, or report why it cannot be shown."""
    line, alt = token.meta["line"], html.escape(token.content.strip())
    if not path.is_file():
        near = difflib.get_close_matches(path.name, [other.name for other in path.parent.glob("*.*")], 1)
        remedy = f"did you mean {near[0]}?" if near else f"use {ADDRESSES}."
        return context.report(line, f"{path.name} is not in {path.parent.name}/: {remedy}")
    kind = TYPES.get(path.suffix.lower())
    if kind is None:
        return context.report(line, f"{path.name} cannot be shown: convert it to one of {', '.join(TYPES)}.")
    try:
        data = contents(path)
    except OSError:
        return context.report(line, f"{path.name} is damaged, or is not the kind of file that its name says.")
    address = f"data:{kind};base64,{base64.b64encode(data).decode()}"
    inside = f'<img alt="{alt}" src="{address}">'
    if kind.startswith("video"):
        plays = "loop muted data-autoplay" if "loop" in classes(token).split() else "controls"
        inside = f'<video {plays} playsinline preload="auto" aria-label="{alt}" src="{address}"></video>'
    return f'<figure class="{classes(token, "own")}"{wide(token)}>{inside}</figure>'


def contents(path: Path) -> bytes:
    """Return the bytes of a file; a photograph with more pixels than a slide can show is made smaller.

    Raises:
        OSError: it is not an image of the kind that its name says.
    """
    if path.suffix.lower() in MOVING:
        return path.read_bytes()
    with Image.open(path) as image:
        image.load()
        if max(image.size) <= LARGEST_SIDE:
            return path.read_bytes()
        small, kept = io.BytesIO(), image.format
        image.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
        image.save(small, format=kept, exif=image.getexif())
        return small.getvalue()


def classes(token: Token, *names: str | bool) -> str:
    """Return the text of a class attribute: these names and those written in braces."""
    return html.escape(" ".join(filter(None, [*names, str(token.attrGet("class") or "")])))


def wide(token: Token) -> str:
    """Return a style with the width that is written in braces."""
    width = token.attrGet("width")
    return f' style="width: {html.escape(str(width))}"' if width else ""
