"""Who takes part in the league: every shipped detector of the still lifes, the COCO detector, and files of one's own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from torch import Tensor, nn

from classroom.league.folders import relabelled
from coursekit import SHIPPED, shipped, training
from coursekit.commands import finding
from coursekit.commands.datasets import stretched
from coursekit.commands.models import SEGMENTERS, load_model, read_facts
from coursekit.data.still_life import CLASSES
from coursekit.data.transforms import resize
from coursekit.models.yolox_nano import COCO_CLASSES, YoloxNano, yolox_nano
from coursekit.published import record
from coursekit.schema import Prediction

LEAST_SCORE = 0.01  # of the COCO detector; ours have their own


@dataclass(frozen=True)
class Contestant:
    """A detector in the league.

    Attributes:
        name: as in the table.
        find: (3, H, W) -> what it finds, in pixels of the image, labels as `classes`.
        classes: the names that it knows.
        parameters: how many numbers it has, its backbone included.
        minutes: of CPU that its training took, where that is known.
    """

    name: str
    find: Callable[[Tensor], Prediction]
    classes: tuple[str, ...]
    parameters: int
    minutes: float | None = None

    def found(self, image: Tensor, classes: Sequence[str]) -> Prediction:
        """Return what it finds, with labels numbered as the league's classes."""
        return relabelled(self.find(image), self.classes, classes)


def shipped_contestants(names: Sequence[str] | None = None) -> list[Contestant]:
    """Return the shipped detectors of these names; by default all of the still lifes, and YOLOX-Nano."""
    return [shipped_contestant(name) for name in (shipped_detectors() if names is None else names)]


def shipped_detectors() -> list[str]:
    """Return the names of the shipped detectors.

    >>> shipped_detectors()[:3], shipped_detectors()[-1]
    (['yolo', 'yolo_modern', 'retinanet'], 'yolox_nano')
    """
    ours = [name for name, known in SHIPPED.items() if known.classes == CLASSES and not known.prefix]
    return [name for name in ours if "AP" in SHIPPED[name].scores.get("test_scenes", {})] + ["yolox_nano"]


def shipped_contestant(name: str) -> Contestant:
    """Return one shipped detector, which sees photographs with their longer side as in its training.

    Raises:
        ValueError: no shipped detector has this name.
    """
    if name not in shipped_detectors():
        raise ValueError(f"Unknown shipped detector {name!r}: choose {', '.join(shipped_detectors())}.")
    if name == "yolox_nano":
        coco = yolox_nano()
        return Contestant(name, partial(found_by_coco, coco), COCO_CLASSES, numbers_of(coco))
    known, model = SHIPPED[name], shipped(name)
    minutes = record(known.recipe).get("cpu_minutes")
    find = partial(found_in, model, max(known.scales or known.size))
    return Contestant(name, find, known.classes, numbers_of(model), minutes)


def contestant_of_file(path: str | Path, minutes: float | None = None) -> Contestant:
    """Return the detector of a file that `coursekit train` wrote, which sees photographs at the size of its training.

    Raises:
        FileNotFoundError, ValueError: the file does not exist, it is damaged, or finds no boxes.
    """
    path = Path(path)
    facts = read_facts(path)
    if facts.name == "localiser":
        raise ValueError(f"{path} holds a localiser, which finds one object per image: train a detector.")
    if facts.name in SEGMENTERS:
        raise ValueError(f"{path} holds a segmenter, which finds no boxes: train a detector.")
    model = load_model(path, facts)
    find = partial(found_in, model, facts.size)
    if facts.letterbox:
        find = partial(finding.found_in, model, size=facts.size, letterbox=True, threshold=0.0)
    return Contestant(path.stem, find, facts.classes, numbers_of(model), minutes)


def found_by_coco(model: YoloxNano, image: Tensor) -> Prediction:
    return model.detect([image], LEAST_SCORE)[0]


def found_in(model: nn.Module, size: int | tuple[int, int], image: Tensor) -> Prediction:
    """What a model detects in an image, in the image's own pixels.

    Args:
        size: (height, width) that the image is stretched to for the model, or the length of its longer side.
    """
    size = fitting(image, size) if isinstance(size, int) else size
    small, _ = resize(image, {}, size)
    (found,) = training.predict(model, [(small, {})])
    boxes = stretched(found["boxes"], size, (image.shape[1], image.shape[2]))
    return {"boxes": boxes, "labels": found["labels"], "scores": found["scores"]}


def fitting(image: Tensor, side: int) -> tuple[int, int]:
    """(height, width) of an image whose longer side is made `side` pixels long.

    >>> import torch
    >>> fitting(torch.zeros(3, 480, 640), 192)
    (144, 192)
    """
    scale = side / max(image.shape[1:])
    height, width = (max(1, round(each * scale)) for each in image.shape[1:])
    return height, width


def numbers_of(model: nn.Module) -> int:
    return sum(parameter.numel() for parameter in model.parameters())
