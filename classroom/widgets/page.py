"""The page of a widget: an ES module that exports `render({ model, el })`, as anywidget asks."""

from pathlib import Path

FOLDER = Path(__file__).parent


def page(*names: str) -> str:
    """The ES module in the files of these names, after the functions that all of them share.

    >>> "function svg" in page("box_states.js")
    True
    """
    return "\n".join((FOLDER / file).read_text(encoding="utf-8") for file in ("elements.js", *names))
