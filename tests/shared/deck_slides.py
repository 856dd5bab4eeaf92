"""Slides of a part around a made-up deck's folders, rendered one by one."""

from classroom.deck.figures import Figures
from classroom.deck.render import render_slide
from classroom.deck.source import read_part

HEAD = '---\ntitle: A part\naccent: "#0b4f8a"\npart: 1\n---\n'
NOTES = "\n::: notes 2 min\nSay it.\n:::\n"
FIGURES = '''
"""Figures of a made-up deck."""

from pathlib import Path

import matplotlib.pyplot as plt
import neighbour

from classroom.deck import Widget


def line():
    figure, ax = plt.subplots(figsize=(5, 4))
    ax.plot(neighbour.VALUES)
    return figure


def steps():
    return [line(), line(), line()]


def broken():
    values = []
    return values[3]


def number():
    return 3


def button():
    module = Path(__file__).with_name("button.js").read_text(encoding="utf-8")
    return Widget(module, {"count": 1}, "(values) => ({ double: 2 * values.count })")


def _hidden():
    return line()


def needs(argument):
    return line()
'''


def render(folders, *slides):
    """The slides of a part, without anything that is wrong; the source begins on line 6."""
    path = folders.slides / "1_part.md"
    path.write_text(HEAD + "\n---\n".join(slides), encoding="utf-8")
    part, figures = read_part(path), Figures(folders.figures, lambda line: None)
    return [render_slide(slide, part, figures, folders) for slide in part.slides]
