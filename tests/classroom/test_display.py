"""Figures in a notebook: what they say without eyes, and how large they are."""

import matplotlib.pyplot as plt
import pytest
import torch

from classroom import show
from classroom.display import image_tag, webp
from classroom.figures.gallery import gallery


def test_show_needs_a_text_alternative():
    for alt in ("", "  "):
        with pytest.raises(ValueError, match="alt"):
            show(plt.figure(), alt)


def test_show_closes_the_figure_and_says_it_in_plain_python(capsys):
    figure = plt.figure()
    show(figure, "A line that rises.")
    assert "A line that rises." in capsys.readouterr().out
    assert not plt.fignum_exists(figure.number)


def test_image_tag_escapes_the_alternative_and_holds_a_picture():
    tag = image_tag(plt.figure(figsize=(2, 1)), 'IoU < 0.5, "b" & a', width=200)
    assert 'alt="IoU &lt; 0.5, &quot;b&quot; &amp; a"' in tag and 'width="200"' in tag
    assert 'src="data:image/webp;base64,UklGR' in tag


def test_a_figure_of_two_photographs_stays_small():
    noise = torch.rand(3, 40, 60, generator=torch.Generator().manual_seed(0))
    figure = gallery([torch.nn.functional.interpolate(noise[None], (400, 600), mode="bicubic")[0]] * 2)
    assert len(webp(figure)) < 150_000
