"""Figures of lab 17: boxes in the colours of their tracks with trails, identities over time, a film that plays once."""

import base64
import io
import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
from PIL import Image

from classroom.display import show_film
from classroom.figures import tracking as figures
from coursekit.tracking import Motion

IMAGES = torch.rand(3, 3, 40, 60)
ROWS = [
    {"boxes": torch.tensor([[10.0 + 5 * t, 10, 20 + 5 * t, 25]]), "tracks": torch.tensor([7])}
    for t in range(3)
]


def test_a_film_strip_has_a_row_for_each_tracker():
    figure = figures.film_strip(IMAGES, {"one": ROWS, "other": ROWS}, [0, 2])
    assert [ax.get_title() for ax in figure.axes] == [
        "one, frame 0",
        "one, frame 2",
        "other, frame 0",
        "other, frame 2",
    ]
    last = figure.axes[1]
    (trail,) = last.lines
    assert trail.get_xdata().tolist() == [15, 20, 25] and last.texts[0].get_text() == "7"
    assert last.get_xlim() == (0, 60) and last.get_ylim() == (40, 0)
    plt.close(figure)


def test_a_frame_without_tracks_is_drawn():
    nothing = {"boxes": torch.zeros(0, 4), "tracks": torch.zeros(0, dtype=torch.int64)}
    plt.close(figures.film_strip(IMAGES, {"one": [ROWS[0], nothing]}, [1]))


def test_identities_over_time():
    figure, ax = plt.subplots()
    figures.draw_identities(ax, np.array([[1, 0], [1, 2], [3, 2]]))
    assert len(ax.patches) == 5 and sorted(text.get_text() for text in ax.texts) == ["1", "2", "3"]
    plt.close(figure)


def test_the_band_of_a_motion():
    figure, ax = plt.subplots()
    figures.draw_motion(
        ax, [Motion(*torch.tensor([1.0 * t, 1, 4, 0, 1])) for t in range(3)], [0.0, None, 2.0], [0, 1, 2]
    )
    band = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert band.min() == -2 and band.max() == 4 and len(ax.collections[1].get_offsets()) == 2
    plt.close(figure)


def test_a_film_plays_once(monkeypatch):
    published = []
    monkeypatch.setattr("classroom.display.publish", lambda markup, text: published.append((markup, text)))
    show_film(figures.film(IMAGES, {"one": ROWS}), alt='A box that moves to the "right".', seconds=0.1)
    ((markup, text),) = published
    assert text == '[film: A box that moves to the "right".]' and "&quot;right&quot;" in markup
    film = Image.open(io.BytesIO(base64.b64decode(re.search(r"base64,([^\"]+)", markup)[1])))
    assert film.n_frames == 3 and film.info["loop"] == 1 and not plt.get_fignums()
    with pytest.raises(ValueError, match="needs figures"):
        show_film([], alt="nothing")
