"""The models by their names on the command line, and the files of weights that know what they hold."""

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from coursekit import weights as files
from coursekit.data.still_life import CLASSES
from coursekit.models.detector import Detector
from coursekit.models.faster_rcnn import FasterRCNN
from coursekit.models.localiser import Localiser
from coursekit.models.mask_rcnn import MaskRCNN
from coursekit.models.retinanet import RetinaNet
from coursekit.models.ssd import SSD
from coursekit.models.yolo import Yolo
from coursekit.models.yolo_modern import YoloModern
from coursekit.nets.backbone import EfficientNetLite0, efficientnet_lite0
from coursekit.recipes import detection, localisation, two_stage

FINE_TUNED = ("C5",)  # the stages that learn with --fine-tune
STILL_LIFE_SIZE = (192, 192)


@dataclass(frozen=True)
class Named:
    """A model that can be trained from the command line, with what its recipe takes."""

    make: Callable[..., Detector]
    recipe: Callable
    batch_size: int = 16
    splits: tuple[str, str] = ("train", "val")  # of the still lifes, to train and to evaluate on
    masks: bool = False  # learns them, and finds them

    @property
    def steps(self) -> int:
        return inspect.signature(self.recipe).parameters["steps"].default


MODELS = {
    "localiser": Named(Localiser, localisation.localiser, splits=("single_train", "single_val")),
    "yolo": Named(Yolo, detection.yolo),
    "yolo_modern": Named(YoloModern, detection.yolo_modern),
    "ssd": Named(SSD, detection.ssd, batch_size=8),
    "retinanet": Named(RetinaNet, detection.retinanet, batch_size=8),
    "faster_rcnn": Named(FasterRCNN, two_stage.faster_rcnn, batch_size=8),
    "mask_rcnn": Named(MaskRCNN, two_stage.mask_rcnn, batch_size=8, masks=True),
}


def model_named(name: str) -> Named:
    """Raises: ValueError when there is no such model."""
    if name not in MODELS:
        raise ValueError(f"There is no model {name!r}: choose {', '.join(MODELS)}.")
    return MODELS[name]


@dataclass(frozen=True)
class Facts:
    """What a file of weights says of itself, besides the weights.

    Attributes:
        name: of the model, one of MODELS.
        classes: the K names; label k is `classes[k - 1]`.
        size: (height, width) in pixels that its images are brought to.
        fine_tuned: whether the backbone learned too.
        step, steps: how far the training came.
    """

    name: str
    classes: tuple[str, ...]
    size: tuple[int, int]
    fine_tuned: bool = False
    step: int = 0
    steps: int = 0

    def header(self) -> dict[str, str]:
        """As `save_weights` takes it: texts only."""
        values = {"classes": list(self.classes), "size": list(self.size), "fine_tuned": self.fine_tuned}
        values |= {"step": self.step, "steps": self.steps}
        return {key: json.dumps(value) for key, value in values.items()}

    def backbone(self) -> EfficientNetLite0:
        return efficientnet_lite0(trainable=FINE_TUNED if self.fine_tuned else ())


def read_facts(path: Path, name: str | None = None) -> Facts:
    """What the file says of itself. A recipe's file says little: it is of the still lifes.

    Args:
        name: of the model that is expected, if any.
    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is damaged, or of another model.
    """
    _, header = files.read_tensors(path)
    of_class = {named.make.__name__: known for known, named in MODELS.items()}
    found = of_class.get(header.get("model"))
    if found is None:
        raise ValueError(f"{path} holds no model that this command knows: train one with `coursekit train`.")
    if name is not None and found != model_name(name):
        raise ValueError(f"{path} holds the weights of {found}, not of {name}.")
    try:
        values = {key: json.loads(text) for key, text in header.items() if key != "model"}
        size, classes = values.pop("size", STILL_LIFE_SIZE), values.pop("classes", CLASSES)
        return Facts(found, tuple(classes), tuple(size), **values)
    except (ValueError, TypeError) as error:
        raise ValueError(f"What {path} says of itself is damaged: train the model again.") from error


def model_name(name: str) -> str:
    model_named(name)
    return name


def load_model(path: Path, facts: Facts, on_features: bool = False) -> Detector:
    """The model of a file, ready to detect.

    Args:
        on_features: without a backbone, for cached feature maps.
    Raises:
        ValueError: the weights do not fit.
    """
    backbone = None if on_features else facts.backbone()
    model = model_named(facts.name).make(len(facts.classes), backbone=backbone)
    files.load_weights(model, path)
    return model.eval()


def check_classes(path: Path, ours: Sequence[str], theirs: Sequence[str]) -> None:
    """Raises: ValueError when a dataset has other classes than the model of the file."""
    if tuple(ours) != tuple(theirs):
        raise ValueError(
            f"{path} was trained on the classes {', '.join(ours)}, but the data has {', '.join(theirs)}: "
            "name its own data with --data."
        )
