"""One image of any size that is encoded once, and then answers clicks: what a person at a widget needs."""

import torch
import torch.nn.functional as F
from torch import Tensor

from coursekit.models.clicks import Clicks
from coursekit.models.promptable import Answers, PromptableSegmenter, full_size

LONGEST_SIDE = 192  # pixels: of the images that the shipped weights were trained on


class ClickedImage:
    """An image and what a promptable segmenter makes of it; clicks, boxes and masks are in the pixels of the image.

    Args:
        model: in evaluation, with a backbone.
        image: (3, H, W) in [0, 1].
        longest_side: to which the image is brought for the network, in its own proportions, pixels.

    >>> from coursekit import shipped
    >>> clicked = ClickedImage(shipped("promptable"), torch.rand(3, 60, 80))
    >>> answers = clicked.answers(Clicks(torch.tensor([[[40.0, 30.0]]]), torch.tensor([[True]])))
    >>> clicked.masks(answers).shape, answers.iou.shape
    (torch.Size([1, 3, 60, 80]), torch.Size([1, 3]))
    """

    @torch.no_grad()
    def __init__(self, model: PromptableSegmenter, image: Tensor, longest_side: int = LONGEST_SIDE) -> None:
        self.model, self.size = model.eval(), (image.shape[1], image.shape[2])
        self.scale = longest_side / max(self.size)
        self.small = (max(1, round(self.size[0] * self.scale)), max(1, round(self.size[1] * self.scale)))
        resized = F.interpolate(image[None], self.small, mode="bilinear", antialias=True)[0].clamp(0, 1)
        self.encoded = model.encode([resized])

    @torch.no_grad()
    def answers(self, clicks: Clicks, boxes: Tensor | None = None, so_far: Tensor | None = None) -> Answers:
        """Return the answers to the clicks on P objects: C may be 0 where there is a box.

        Shapes: clicks (P, C, 2); boxes (P, 4) xyxy; so_far (P, h, w), logits as in `Answers.masks`.
        """
        count = len(clicks.points)
        encoded = self.encoded.of(torch.zeros(count, dtype=torch.int64))
        clicks = Clicks(clicks.points.float() * self.scale, clicks.inside)
        scaled = None if boxes is None else boxes.float() * self.scale
        return self.model.decode(encoded, self.model.prompts(encoded, clicks, scaled), so_far)

    def masks(self, answers: Answers) -> Tensor:
        """Return the masks of all answers at the size of the image: (P, 3, H, W) bool."""
        small = full_size(answers.masks.flatten(0, 1), self.small)
        large = F.interpolate(small[:, None], self.size, mode="bilinear")  # (P * 3, 1, H, W)
        return (large[:, 0] > 0.5).unflatten(0, (-1, answers.masks.shape[1]))
