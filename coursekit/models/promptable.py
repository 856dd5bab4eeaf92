"""Promptable segmentation: the image is encoded once, then clicks or a box select an object.

features -- pyramid -- P3, stride 8 --+
                                      +-- convolutions -- x 2 --+-- x 2 --> three masks, stride 2
clicks, box, mask so far -- 5 x 5 ----+          |              |
C2, stride 4 ------------------------------------|--------------+
                                                 +--------------------> the IoU that each mask will have

One click may mean more than one thing. So the decoder gives several masks, only the best of them is trained, and each
comes with its predicted IoU, which chooses among them where no ground truth does.

Source: Kirillov et al., "Segment Anything", 2023, arXiv:2304.02643. Its prompts are tokens of a transformer; the maps
of clicks are those of Sofiiuk et al., "Reviving Iterative Training with Mask Guidance", 2021, arXiv:2102.06583.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from coursekit import ops
from coursekit.distributed import shared_count
from coursekit.models.answers import answer_ious, best_answer_loss, mask_nms
from coursekit.models.clicks import Clicks, mean_probability, prompt_maps, random_clicks
from coursekit.models.image_model import ImageModel, Inputs
from coursekit.models.mask_rcnn import check_masks
from coursekit.nets.backbone import Backbone
from coursekit.nets.fpn import FeaturePyramid
from coursekit.schema import Prediction, Target

ANSWERS = 3
FINE = "C2"  # the level that sharpens the outlines
MASK_STRIDE = 2  # pixels per cell of the masks
OBJECTS_PER_IMAGE = 2  # in training: a few per image, so that every step sees several images
LATER_CLICKS = 3  # in training: up to as many, where the mask so far is wrong
BOX_SHARE = 0.25  # in training: of the steps whose first prompt is a box
STRIDE = 8  # pixels per cell of the prompts
GRID, SURE, OVERLAP = 12, 0.6, 0.5  # segment everything: clicks per side; predicted IoU; IoU of two masks
SMALLEST = 8  # cells of a mask: smaller objects are not trained on; and pixels of one that is found


class Encoded(NamedTuple):
    """What is computed once per image."""

    coarse: Tensor  # (N, channels, h, w), stride 8
    fine: Tensor  # (N, 32, 2 h, 2 w), stride 4

    def of(self, owner: Tensor) -> "Encoded":
        """Return the maps of the image that each prompt belongs to: (P,) -> P images."""
        return Encoded(self.coarse[owner], self.fine[owner])


class Answers(NamedTuple):
    """What the decoder predicts for each prompt."""

    masks: Tensor  # (P, 3, 4 h, 4 w) logits, stride 2
    iou: Tensor  # (P, 3) in [0, 1]: the IoU that each mask is expected to have

    def best(self) -> Tensor:
        """Return the logits of the mask with the highest predicted IoU: (P, 4 h, 4 w)."""
        return self.masks[torch.arange(len(self.masks)), self.iou.argmax(1)]


class PromptableSegmenter(ImageModel):
    """Segments what a prompt points at, of any class; small enough to be trained on a CPU.

    Args:
        num_classes, backbone: as `ImageModel`; the classes are not learned.
        channels: width of the pyramid and of the decoder.
        dilations: of the residual convolutions that bring prompt and image together; large ones reach across an object.
        clicks: masks so far (P, h, w), true ones, stride -> where is clicked next in training, as `random_clicks`.
        loss: as `best_answer_loss`.
        shrink: makes a prompt of the mask so far, as `mean_probability`.
    """

    levels = ("C2", "C3", "C4", "C5")

    def __init__(
        self,
        num_classes: int,
        backbone: Backbone | None = None,
        channels: int = 64,
        dilations: Sequence[int] = (1, 2, 4, 1),
        clicks: Callable[[Tensor, Tensor, int], Clicks] = random_clicks,
        loss: Callable[[Tensor, Tensor], Tensor] = best_answer_loss,
        shrink: Callable[[Tensor, int], Tensor] = mean_probability,
    ) -> None:
        super().__init__(num_classes, backbone)
        self.clicks, self.loss, self.shrink = clicks, loss, shrink
        self.pyramid = FeaturePyramid({level: self.channels[level] for level in self.levels[1:]}, channels)
        self.fine = nn.Conv2d(self.channels[FINE], 32, 1)
        self.prompt = nn.Conv2d(7, channels, 5, padding=2)
        self.together = nn.ModuleList(block(channels, channels, step) for step in dilations)
        self.up = nn.ConvTranspose2d(channels, 32, 2, 2)
        self.sharpen = block(32, 32)
        self.masks = nn.Sequential(nn.ConvTranspose2d(32, 16, 2, 2), nn.ReLU(), nn.Conv2d(16, ANSWERS, 1))
        self.iou = nn.Sequential(nn.Linear(2 * channels, 64), nn.ReLU(), nn.Linear(64, 1))

    def encode(self, batch: Inputs) -> Encoded:
        """Return what is computed once per image, whatever is asked about it."""
        maps = self.feature_maps(batch)
        return Encoded(F.relu(self.pyramid(maps)["P3"]), self.fine(maps[FINE]))

    def decode(self, encoded: Encoded, prompts: Tensor, so_far: Tensor | None = None) -> Answers:
        """Return the answers to P prompts, each about the image in its row.

        Shapes: prompts (P, 3, h, w), as `prompt_maps`; so_far (P, 4 h, 4 w), logits of the mask of earlier clicks.
        """
        size = (encoded.coarse.shape[2], encoded.coarse.shape[3])
        before = prompts.new_zeros(len(prompts), 1, *size)  # (P, 1, h, w)
        if so_far is not None:
            before = self.shrink(so_far, STRIDE // MASK_STRIDE)
        known = torch.cat([prompts, likeness(encoded.coarse, prompts), before], 1)  # (P, 7, h, w)
        x = encoded.coarse + self.prompt(known)  # (P, channels, h, w)
        for layer in self.together:
            x = x + layer(x)
        masks = self.masks(self.sharpen(F.relu(self.up(x) + encoded.fine)))  # (P, 3, 4 h, 4 w)
        return Answers(masks, self.predicted_iou(x, masks.detach()))

    def predicted_iou(self, x: Tensor, masks: Tensor) -> Tensor:
        """The IoU that each answer is expected to have, from what lies under it and around: (P, 3)."""
        under = F.adaptive_avg_pool2d(masks.sigmoid(), (x.shape[2], x.shape[3])).flatten(2)  # (P, 3, h * w)
        share = under / under.sum(2, keepdim=True).clamp(min=1e-3)
        inside = share @ x.flatten(2).transpose(1, 2)  # (P, 3, channels)
        around = x.mean((2, 3))[:, None].expand_as(inside)
        return self.iou(torch.cat([inside, around], 2))[..., 0].sigmoid()

    def losses(self, batch: Inputs, targets: Sequence[Target]) -> dict[str, Tensor]:
        """The loss of the best answer per object, and the squared error of all predicted IoUs.

        Clicks are simulated: one on the object, or a box in every fourth step, then a few where the mask is wrong.
        """
        self.check_targets(batch, targets)
        encoded = self.encode(batch)
        owner, truth = objects_of(targets, self.padded_size(batch[0]), encoded.coarse.device)
        encoded = encoded.of(owner)
        answers = self.after_clicks(encoded, truth, later=int(torch.randint(LATER_CLICKS + 1, ())))
        count = shared_count(owner.new_tensor(len(owner)))
        error = (answers.iou - answer_ious(answers.masks.detach(), truth)) ** 2  # (P, 3)
        return {
            "mask": self.loss(answers.masks, truth).sum() / count,
            "iou": error.mean(1).sum() / count,
        }

    def after_clicks(self, encoded: Encoded, truth: Tensor, later: int) -> Answers:
        """The answers after a first prompt and `later` more clicks on what was wrong."""
        clicks = self.clicks(torch.zeros_like(truth), truth, MASK_STRIDE)
        boxes = None
        if torch.rand(()) < BOX_SHARE:
            boxes = MASK_STRIDE * ops.masks_to_boxes(truth).to(clicks.points)
            clicks = Clicks(clicks.points[:, :0], clicks.inside[:, :0])
        so_far = None
        for _ in range(later):
            with torch.no_grad():
                so_far = self.decode(encoded, self.prompts(encoded, clicks, boxes), so_far).best()
            clicks = clicks.and_then(self.clicks(so_far > 0, truth, MASK_STRIDE))
        return self.decode(encoded, self.prompts(encoded, clicks, boxes), so_far)

    def prompts(self, encoded: Encoded, clicks: Clicks, boxes: Tensor | None = None) -> Tensor:
        """The maps of prompts for the decoder: (P, 3, h, w)."""
        height, width = encoded.coarse.shape[-2:]
        return prompt_maps(clicks, boxes, (height, width), STRIDE)

    @torch.no_grad()
    def predict(self, batch: Inputs) -> list[Prediction]:
        """Everything in each image: the distinct answers to a grid of clicks, with label 1 and their predicted IoU."""
        encoded = self.encode(batch)
        return [
            self.everything(encoded.of(torch.tensor([i])), self.image_size(x)) for i, x in enumerate(batch)
        ]

    def everything(self, encoded: Encoded, size: tuple[int, int]) -> Prediction:
        """The objects of one image of `size` (height, width)."""
        points = ops.grid_centers((GRID, GRID), 1) / GRID * torch.tensor([size[1], size[0]])  # (GRID ** 2, 2)
        clicks = Clicks(points[:, None], torch.ones(len(points), 1, dtype=torch.bool))
        answers = self.decode(
            encoded.of(torch.zeros(len(points), dtype=torch.int64)), self.prompts(encoded, clicks)
        )
        logits, scores = answers.best(), answers.iou.amax(1)
        sure = scores >= SURE
        masks, scores = full_size(logits[sure], size), scores[sure]
        found = masks > 0.5
        seen = found.flatten(1).sum(1) >= SMALLEST
        masks, found, scores = masks[seen], found[seen], scores[seen]
        kept = mask_nms(found, scores, OVERLAP)
        boxes = ops.masks_to_boxes(found[kept]).float()
        labels = torch.ones(len(kept), dtype=torch.int64)
        return {"boxes": boxes, "labels": labels, "scores": scores[kept], "masks": masks[kept, None]}

    def check_targets(self, inputs: Inputs, targets: Sequence[Target]) -> None:
        super().check_targets(inputs, targets)
        for i, (x, target) in enumerate(zip(inputs, targets, strict=True)):
            check_masks(target, self.image_size(x), i, "PromptableSegmenter learns from masks (G, H, W)")


def likeness(maps: Tensor, prompts: Tensor) -> Tensor:
    """Return how similar each cell is to what lies under each kind of prompt: the cosine, 0 where there is no prompt.

    Shapes: (P, C, h, w), (P, 3, h, w) -> (P, 3, h, w) in [-1, 1].
    """
    cells = F.normalize(maps.flatten(2), dim=1)  # (P, C, h * w)
    under = prompts.flatten(2) @ cells.transpose(1, 2)  # (P, 3, C)
    return (F.normalize(under, dim=2) @ cells).view_as(prompts)


def block(channels: int, out: int, dilation: int = 1) -> nn.Sequential:
    """A 3 x 3 convolution, normalised in groups of channels: prompts of one image in a batch must not mix."""
    return nn.Sequential(
        nn.Conv2d(channels, out, 3, padding=dilation, dilation=dilation, bias=False),
        nn.GroupNorm(8, out),
        nn.ReLU(),
    )


def objects_of(
    targets: Sequence[Target], size: tuple[int, int], device: torch.device
) -> tuple[Tensor, Tensor]:
    """Return some objects of each image: the number of their image (P,), and their masks at stride 2, (P, h, w) bool.

    An object counts that covers at least eight cells; at most two are drawn from an image.
    """
    height, width = (side // MASK_STRIDE for side in size)
    owners, masks = [torch.zeros(0, dtype=torch.int64)], [torch.zeros(0, height, width, dtype=torch.bool)]
    for i, target in enumerate(targets):
        drawn = torch.randperm(len(target["labels"]))[:OBJECTS_PER_IMAGE]
        full = target["masks"][drawn]
        full = F.pad(full, (0, size[1] - full.shape[2], 0, size[0] - full.shape[1])).float()
        small = F.avg_pool2d(full, MASK_STRIDE) >= 0.5 if len(full) else masks[0]
        small = small[small.flatten(1).sum(1) >= SMALLEST]
        masks.append(small)
        owners.append(torch.full((len(small),), i))
    return torch.cat(owners).to(device), torch.cat(masks).to(device)


def full_size(logits: Tensor, size: tuple[int, int]) -> Tensor:
    """The probabilities of every pixel of an image: (P, h, w) -> (P, *size)."""
    height, width = (MASK_STRIDE * side for side in logits.shape[1:])
    large = F.interpolate(logits[:, None], (height, width), mode="bilinear")[:, 0]
    return large[:, : size[0], : size[1]].sigmoid()
