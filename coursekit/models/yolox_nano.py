"""YOLOX-Nano, trained on COCO: photographs in, boxes of 80 everyday classes out.

letterbox -> CSP darknet -> path aggregation -> decoupled heads -> decode -> non-maximum suppression

Who trained the weights, and their licence, is in data/checkpoints/README.md.
Source: Ge et al., "YOLOX: Exceeding YOLO Series in 2021", arXiv:2107.08430.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from coursekit.folders import checkpoint
from coursekit.nets.csp_darknet import Convolution, Darknet, PathAggregation, SeparableConvolution
from coursekit.ops import batched_nms, box_area, box_convert, clip_boxes_to_image
from coursekit.schema import Prediction, Target, validate

YoloxOutputs = dict[str, dict[str, Tensor]]  # of each level, its maps: see `YoloxNano.outputs`
STRIDES = {"P3": 8, "P4": 16, "P5": 32}
INPUT_SIZE = 416  # pixels; the network was trained around this size
NOTHING: Target = {"boxes": torch.zeros(0, 4), "labels": torch.zeros(0, dtype=torch.int64)}
GREY = 114 / 255  # what the network saw around its training photographs

COCO_NAMES = """
    person, bicycle, car, motorcycle, airplane, bus, train, truck, boat, traffic light, fire hydrant,
    stop sign, parking meter, bench, bird, cat, dog, horse, sheep, cow, elephant, bear, zebra, giraffe,
    backpack, umbrella, handbag, tie, suitcase, frisbee, skis, snowboard, sports ball, kite,
    baseball bat, baseball glove, skateboard, surfboard, tennis racket, bottle, wine glass, cup, fork,
    knife, spoon, bowl, banana, apple, sandwich, orange, broccoli, carrot, hot dog, pizza, donut, cake,
    chair, couch, potted plant, bed, dining table, toilet, tv, laptop, mouse, remote, keyboard,
    cell phone, microwave, oven, toaster, sink, refrigerator, book, clock, vase, scissors, teddy bear,
    hair drier, toothbrush
"""
COCO_CLASSES = tuple(name.strip() for name in COCO_NAMES.split(","))
# Label k is category COCO_CATEGORY_IDS[k - 1] in COCO's own files, whose ids have gaps.
COCO_CATEGORY_IDS = tuple(sorted(set(range(1, 91)) - {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}))


def decode(outputs: YoloxOutputs) -> tuple[Tensor, Tensor]:
    """Return the box and the class scores of every cell of every level, P3 first, row by row.

    The cell at column x and row y says (dx, dy, log w, log h), in strides: its centre is (x + dx, y + dy).
    A score is the probability that there is an object, times that of the class.

    Shapes: from `outputs` -> boxes (N, A, 4) xyxy pixels of the batch, scores (N, A, 80) in [0, 1].
    Source: YOLOX, arXiv:2107.08430, section 2.1, "Anchor-free".
    """
    boxes = [decode_level(maps["offsets"], STRIDES[level]) for level, maps in outputs.items()]
    scores = [maps["objectness"].sigmoid() * maps["scores"].sigmoid() for maps in outputs.values()]
    return torch.cat(boxes, 1), torch.cat([one.flatten(2).transpose(1, 2) for one in scores], 1)


def decode_level(offsets: Tensor, stride: int) -> Tensor:
    """Return the boxes of one level: (N, 4, h, w) -> (N, h * w, 4) xyxy pixels."""
    rows, columns = (torch.arange(side, device=offsets.device) for side in offsets.shape[-2:])
    cells = torch.stack(torch.meshgrid(columns, rows, indexing="xy"))  # (2, h, w)
    centres, sides = (offsets[:, :2] + cells) * stride, offsets[:, 2:].exp() * stride  # (N, 2, h, w) each
    boxes = torch.cat([centres, sides], 1).flatten(2).transpose(1, 2)  # (N, h * w, 4)
    return box_convert(boxes, "cxcywh", "xyxy")


class YoloxNano(nn.Module):
    """A detector of the 80 COCO classes: list of (3, H, W) images -> list of predictions.

    >>> model = YoloxNano()
    >>> raw = model.outputs(letterbox([torch.rand(3, 60, 100)], size=96)[0])
    >>> {level: tuple(maps["scores"].shape) for level, maps in raw.items()}
    {'P3': (1, 80, 12, 12), 'P4': (1, 80, 6, 6), 'P5': (1, 80, 3, 3)}
    """

    def __init__(self) -> None:
        super().__init__()
        self.darknet = Darknet()
        self.pyramid = PathAggregation()
        self.heads = nn.ModuleDict(
            {"P3": DecoupledHead(64), "P4": DecoupledHead(128), "P5": DecoupledHead(256)}
        )

    def forward(self, images: Sequence[Tensor]) -> list[Prediction]:
        return self.detect(images)

    def outputs(self, batch: Tensor) -> YoloxOutputs:
        """Return what the heads predict at each cell of each level, before decoding: no sigmoid, no pixels.

        Shapes: (N, 3, H, W) -> {"P3": {"offsets": (N, 4, h, w), "objectness": (N, 1, h, w), "scores":
            (N, 80, h, w)}, "P4": ..., "P5": ...} with h = H / 8, H / 16 and H / 32.
        Args:
            batch: RGB images in [0, 1] from `letterbox`, H and W multiples of 32.
        Raises:
            ValueError: H or W is not a multiple of 32.
        """
        if batch.shape[-2] % 32 or batch.shape[-1] % 32:
            raise ValueError(
                f"the batch is {tuple(batch.shape)}, its sides no multiples of 32: letterbox it."
            )
        pixels = batch.flip(1) * 255  # the network was trained on BGR bytes
        pixels = pixels.contiguous(memory_format=torch.channels_last)  # a third less time on a CPU
        features = self.pyramid(self.darknet(pixels))
        return {level: head(features[level]) for level, head in self.heads.items()}

    @torch.no_grad()
    def detect(
        self,
        images: Sequence[Tensor],
        score_threshold: float = 0.3,
        nms_threshold: float = 0.45,
        *,
        decode: Callable[[YoloxOutputs], tuple[Tensor, Tensor]] = decode,
        nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = batched_nms,
    ) -> list[Prediction]:
        """Return the objects found in each image: boxes xyxy in pixels of the image as given, labels 1..80.

        Args:
            images: (3, H, W) RGB floats in [0, 1], of any sizes.
            score_threshold: detections below this confidence are left out.
            nms_threshold: of two boxes of a class with a larger IoU, the less confident is left out.
            decode, nms: the parts after the network, to be replaced by one's own; see `decode` and `ops.batched_nms`.
        Raises:
            ValueError: an image that is not a (3, H, W) float in [0, 1].
        """
        validate([NOTHING] * len(images), images)
        if not images:
            return []
        batch, scales = letterbox(images)
        sizes = [(image.shape[-2], image.shape[-1]) for image in images]
        found = zip(*decode(self.outputs(batch)), sizes, scales, strict=True)
        return [
            select(boxes / scale, scores, size, score_threshold, nms_threshold, nms)
            for boxes, scores, size, scale in found
        ]


def letterbox(images: Sequence[Tensor], size: int = INPUT_SIZE) -> tuple[Tensor, Tensor]:
    """Return the images, resized to fit, in the top left of grey squares, and the scales that it took.

    Shapes: N times (3, H, W) -> (N, 3, size, size), (N, 4).
        A box of the square, divided by the scales, is a box of the image.
    """
    batch = images[0].new_full((len(images), 3, size, size), GREY)
    scales = images[0].new_empty(len(images), 4)
    for i, image in enumerate(images):
        height, width = image.shape[-2:]
        ratio = size / max(height, width)
        rows, columns = max(round(height * ratio), 1), max(round(width * ratio), 1)
        batch[i, :, :rows, :columns] = F.interpolate(image[None], (rows, columns), mode="bilinear")[0]
        scales[i] = scales.new_tensor([columns / width, rows / height]).repeat(2)
    return batch, scales


class DecoupledHead(nn.Module):
    """One branch asks what, the other where. Source: YOLOX, arXiv:2107.08430, figure 2."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.stem = Convolution(channels, 64, 1)
        self.what = nn.Sequential(SeparableConvolution(64, 64), SeparableConvolution(64, 64))
        self.scores = nn.Conv2d(64, 80, 1)
        self.where = nn.Sequential(SeparableConvolution(64, 64), SeparableConvolution(64, 64))
        self.offsets = nn.Conv2d(64, 4, 1)
        self.objectness = nn.Conv2d(64, 1, 1)

    def forward(self, feature: Tensor) -> dict[str, Tensor]:
        x = self.stem(feature)  # (N, 64, h, w)
        scores = self.scores(self.what(x))  # (N, 80, h, w)
        where = self.where(x)  # (N, 64, h, w)
        return {"offsets": self.offsets(where), "objectness": self.objectness(where), "scores": scores}


def select(
    boxes: Tensor,
    scores: Tensor,
    size: tuple[int, int],
    score_threshold: float,
    nms_threshold: float,
    nms: Callable[[Tensor, Tensor, Tensor, float], Tensor] = batched_nms,
) -> Prediction:
    """Return the detections of one image of `size` (height, width): the best class of each confident box.

    Shapes: boxes (A, 4), scores (A, 80) -> D detections, the most confident first.
    """
    boxes = clip_boxes_to_image(boxes, size)
    best, classes = scores.max(1)  # (A,) each
    candidates = torch.nonzero((best >= score_threshold) & (box_area(boxes) > 0))[:, 0]
    kept = candidates[nms(boxes[candidates], best[candidates], classes[candidates], nms_threshold)]
    return {"boxes": boxes[kept], "labels": classes[kept] + 1, "scores": best[kept]}


def yolox_nano(pretrained: bool = True) -> YoloxNano:
    """Return the detector, with its COCO weights unless `pretrained` is False; nothing is downloaded.

    Raises:
        FileNotFoundError: the file of weights is not in the data folder.
        ValueError: it is damaged or of another network.
    """
    model = YoloxNano().eval()
    if pretrained:
        load_checkpoint(model, checkpoint("yolox_nano"))
    return model


def load_checkpoint(model: YoloxNano, path: Path) -> None:
    restore = (
        "restore them with `git checkout -- data/checkpoints`, or set COURSEKIT_DATA to the data folder."
    )
    if not path.is_file():
        raise FileNotFoundError(f"the weights of the detector are not at {path}: {restore}")
    try:
        model.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise ValueError(f"the weights of the detector in {path} are damaged: {restore}") from error
