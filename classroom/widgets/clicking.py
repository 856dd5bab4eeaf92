"""Clicking on a picture: the mask follows, with the three answers of the network and the IoU that it predicts for each."""

from collections.abc import Sequence

import numpy as np
import torch
import traitlets
from torch import Tensor

from classroom.widgets.page import page
from classroom.widgets.picture_widget import PictureWidget, rows
from classroom.widgets.pictures import address_of
from coursekit.models.clicked_image import LONGEST_SIDE, ClickedImage
from coursekit.models.clicks import Clicks
from coursekit.models.promptable import Answers, PromptableSegmenter

COLOUR = (0, 2, 207)  # of the mask, with a yellow outline, seen on every picture
OUTLINE = (255, 212, 0)


class ClickSegmenter(PictureWidget):
    """Segments what is clicked on; a click with Shift says "not this". The best of three answers is chosen, or another.

    `.mask` is the chosen mask, (H, W) bool, empty without clicks.

    Args:
        model: the segmenter, with a backbone.
        image: (3, H, W) in [0, 1].
        longest_side: that the network sees, pixels.
        clicks: the first clicks, rows x, y, 1 for the object or 0 for "not this".

    >>> from coursekit import shipped
    >>> widget = ClickSegmenter(shipped("promptable"), torch.rand(3, 60, 80))
    >>> widget.clicks = [[40.0, 30.0, 1.0]]
    >>> len(widget.ious), widget.mask.shape
    (3, torch.Size([60, 80]))
    """

    _esm = page("click_segmenter.js")
    clicks = rows()
    ious = traitlets.List(traitlets.Float()).tag(sync=True)
    masks = traitlets.List(traitlets.Unicode()).tag(sync=True)  # their pictures
    chosen = traitlets.Int(-1).tag(sync=True)  # an answer; -1 for the one with the highest predicted IoU
    shown = traitlets.Int(0).tag(sync=True)  # the answer that is drawn

    def __init__(
        self,
        model: PromptableSegmenter,
        image: Tensor,
        longest_side: int = LONGEST_SIDE,
        clicks: Sequence[Sequence[float]] = (),
    ) -> None:
        self.model, self.longest_side = model, longest_side
        super().__init__(image, clicks=[list(map(float, click)) for click in clicks])
        self._encode(image)
        self.observe(self._click, "clicks")
        self.observe(self._choose, "chosen")
        self._click()

    def show(self, image: Tensor) -> None:
        """Take another picture, without clicks."""
        super().show(image)
        self._encode(image)
        self.clicks = []
        self._click()

    def _encode(self, image: Tensor) -> None:
        self.clicked = ClickedImage(self.model, image, self.longest_side)
        self.steps: list[
            tuple[list[float], Answers, int]
        ] = []  # a click, the answers after it, the chosen one

    @property
    def mask(self) -> Tensor:
        """The chosen mask, (H, W) bool."""
        if not self.steps:
            return torch.zeros(self.clicked.size, dtype=torch.bool)
        return self.clicked.masks(self.steps[-1][1])[0, self.shown]

    def _click(self, _change: object = None) -> None:
        """Keep the answers of the clicks that stay, and answer those that are new, one after the other."""
        same = 0
        while same < min(len(self.steps), len(self.clicks)) and self.steps[same][0] == self.clicks[same]:
            same += 1
        del self.steps[same:]
        for click in self.clicks[same:]:
            self.steps.append((click, answers := self._answer(click), int(answers.iou[0].argmax())))
        self.chosen = -1
        self._draw()

    def _answer(self, click: list[float]) -> Answers:
        before = [*(step[0] for step in self.steps), click]
        points = torch.tensor([each[:2] for each in before])[None]  # (1, C, 2)
        inside = torch.tensor([each[2] > 0 for each in before])[None]
        so_far = None
        if self.steps:
            _, answers, chosen = self.steps[-1]
            so_far = answers.masks[:, chosen]
        return self.clicked.answers(Clicks(points, inside), so_far=so_far)

    def _choose(self, _change: object = None) -> None:
        """Remember which answer the next click goes on from."""
        if self.steps:
            click, answers, _ = self.steps[-1]
            best = int(answers.iou[0].argmax())
            self.steps[-1] = (click, answers, self.chosen if 0 <= self.chosen < len(answers.iou[0]) else best)
        self._draw()

    def _draw(self) -> None:
        with self.hold_sync():
            if not self.steps:
                self.masks, self.ious, self.shown = [], [], 0
                self.label = "Click on an object."
                return
            _, answers, self.shown = self.steps[-1]
            self.masks = [mask_url(mask) for mask in self.clicked.masks(answers)[0]]
            self.ious = [round(value, 4) for value in answers.iou[0].tolist()]
            self.label = self._words()

    def _words(self) -> str:
        count, share = len(self.clicks), self.mask.float().mean().item()
        clicks = f"{count} click{'s' * (count > 1)}"
        return f"{clicks}: answer {self.shown + 1}, predicted IoU {self.ious[self.shown]:.2f}, {share:.0%} of the picture."

    def __repr__(self) -> str:
        return f"ClickSegmenter: {self.width} x {self.height} pixels. {self.label}"[:110]


def mask_url(mask: Tensor) -> str:
    """Return a mask (H, W) bool as a picture that is transparent outside it and has an outline, as an address."""
    inner = torch.nn.functional.max_pool2d((~mask)[None].float(), 3, 1, 1)[0] == 0  # (H, W)
    pixels = np.zeros((*mask.shape, 4), np.uint8)
    pixels[mask.numpy()] = (*OUTLINE, 255)
    pixels[inner.numpy()] = (*COLOUR, 110)
    return address_of(pixels, "png")
