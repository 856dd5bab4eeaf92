"""The models by their names on the command line, and files of weights that describe their contents."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from coursekit import weights as files
from coursekit.data.still_life import CLASSES
from coursekit.folders import checkpoint
from coursekit.models.image_model import ImageModel
from coursekit.models.segmenter import Segmenter
from coursekit.models.several_scales import SeveralScales
from coursekit.nets.backbone import Backbone
from coursekit.nets.csp_darknet import csp_darknet
from coursekit.nets.efficientnet import efficientnet_lite0, efficientnet_lite1, efficientnet_lite2
from coursekit.published import SHIPPED, STILL_LIFE_SIZE
from coursekit.recipes.recipe import Recipe
from coursekit.recipes.table import RECIPES

FINE_TUNED = ("C5",)  # the stages that learn with --fine-tune
DETECTORS = (
    "yolo", "yolo_modern", "ssd", "retinanet", "fcos", "faster_rcnn", "mask_rcnn", "cornernet", "centernet", "detr",
    "detr_modern",
)  # fmt: skip
SEGMENTERS = ("fcn32s", "fcn16s", "fcn8s", "unet", "deconvnet", "hourglass_segmenter")
BACKBONES: dict[str, Callable[..., Backbone]] = {
    "EfficientNetLite0": efficientnet_lite0,
    "EfficientNetLite1": efficientnet_lite1,
    "EfficientNetLite2": efficientnet_lite2,
    "CSPDarknet": csp_darknet,
}
BACKBONE_OF = {  # the words of --backbone
    "lite0": "EfficientNetLite0",
    "lite1": "EfficientNetLite1",
    "lite2": "EfficientNetLite2",
    "darknet": "CSPDarknet",
}
MODELS = {"localiser": RECIPES["localiser-spatial"]} | {
    name: RECIPES[name] for name in (*DETECTORS, *SEGMENTERS)
}


def recipe_of(name: str) -> Recipe:
    """Return the recipe of a model that can be trained from the command line.

    Raises:
        ValueError: the model does not exist.
    """
    known = name.replace("-", "_")
    if known not in MODELS:
        only = ", only shipped weights of that name" if known in SHIPPED else ""
        raise ValueError(f"Unknown model {name!r}{only}: choose {', '.join(MODELS)}.")
    return MODELS[known]


def class_of(recipe: Recipe) -> type[ImageModel]:
    """Return the class of the models that a recipe makes, whatever options it sets."""
    model: Any = recipe.model
    return getattr(model, "func", model)


def kind_of(recipe: Recipe) -> Literal["boxes", "masks", "semantic"]:
    """Return what a model of the recipe learns: boxes, instance masks or a label map."""
    if issubclass(class_of(recipe), Segmenter):
        return "semantic"
    return "masks" if recipe.task.masks else "boxes"


@dataclass(frozen=True)
class Facts:
    """The facts that a file of weights holds besides the weights.

    Attributes:
        name: of the model, one of MODELS.
        classes: the K names; label k is `classes[k - 1]`.
        size: (height, width) in pixels that its images are brought to.
        fine_tuned: whether the backbone learned too.
        step, steps: how far the training came.
        backbone_name: one of BACKBONES.
        letterbox: whether its images keep their proportions and are padded, instead of being stretched.
        pictures: what it was trained on: eight hexadecimal digits of each image, from `picture_keys`.
    """

    name: str
    classes: tuple[str, ...]
    size: tuple[int, int]
    fine_tuned: bool = False
    step: int = 0
    steps: int = 0
    backbone_name: str = "EfficientNetLite0"
    letterbox: bool = False
    pictures: str = ""

    def header(self) -> dict[str, str]:
        """As `save_weights` takes it: texts only."""
        values = asdict(self)
        del values["name"]  # the class of the model tells it
        return {key: json.dumps(value) for key, value in values.items()}

    def backbone(self) -> Backbone:
        return BACKBONES[self.backbone_name](trainable=FINE_TUNED if self.fine_tuned else ())


def read_facts(path: Path, name: str | None = None) -> Facts:
    """Return the facts in a file of weights. A recipe's file has few: it was trained on the still lifes.

    Args:
        name: of the model that is expected, if any.
    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: it is damaged, or of another model.
    """
    header = files.read_header(path)
    of_class = {class_of(recipe).__name__: known for known, recipe in MODELS.items()}
    said = header.get("model", "")
    found = of_class.get(said)
    if found is None and (names := shipped_as(said)):
        raise ValueError(
            f"{path} holds a {said}, which `coursekit train` does not make: give the name of the shipped weights, "
            f"{names[0]}, instead of a file."
        )
    if found is None:
        raise ValueError(
            f"{path} does not hold a model that this command knows: train one with `coursekit train`."
        )
    if name is not None and recipe_of(name) is not MODELS[found]:
        raise ValueError(f"{path} holds the weights of {found}, not of {name}.")
    try:
        values = {key: json.loads(text) for key, text in header.items() if key != "model"}
        size, classes = values.pop("size", STILL_LIFE_SIZE), values.pop("classes", CLASSES)
        return Facts(found, tuple(classes), tuple(size), **values)
    except (ValueError, TypeError) as error:
        raise ValueError(f"The facts in {path} are damaged: train the model again.") from error


def shipped_as(model: str) -> list[str]:
    """The names of the shipped weights of a class of models.

    >>> shipped_as("PromptableSegmenter"), shipped_as("Nothing")
    (['promptable'], [])
    """
    classes = {name: getattr(known.model, "func", known.model) for name, known in SHIPPED.items()}
    return [name for name, each in classes.items() if each.__name__ == model]


def file_of(name: str) -> Path:
    """Return the file of weights that a word of the command line names: a path, or else that of shipped weights.

    Raises:
        FileNotFoundError: it is a single word, and neither.
    """
    if Path(name).exists() or (name not in SHIPPED and (Path(name).suffix or Path(name).name != name)):
        return Path(name)
    if name not in SHIPPED:
        raise FileNotFoundError(
            f"The file of weights {name} does not exist, and no shipped weights have this name: name a file of "
            f"`coursekit train`, or one of {', '.join(SHIPPED)}."
        )
    return checkpoint(name)


def load_model(path: Path, facts: Facts, on_features: bool = False) -> ImageModel:
    """Return the model of a file, ready to predict.

    Args:
        on_features: without a backbone, for cached feature maps.
    Raises:
        ValueError: the weights do not fit.
    """
    usual = (
        facts.backbone_name == Facts.backbone_name
    )  # without a backbone a model has the layout of this one
    backbone = None if on_features and usual else facts.backbone()
    model = recipe_of(facts.name).model(len(facts.classes), backbone=backbone)
    files.load_weights(model, path)
    return model.eval()


def over_scales(path: Path, facts: Facts, scales: Sequence[int]) -> SeveralScales:
    """Return the model of a file, averaged over several sizes of an image, each given by its longest side.

    Raises:
        ValueError: it finds no boxes, or masks as well.
    """
    if facts.name not in DETECTORS or recipe_of(facts.name).task.masks:
        raise ValueError(f"--scales averages boxes alone, not what {facts.name} finds: leave --scales out.")
    return SeveralScales(load_model(path, facts), scales)


def check_classes(path: Path, ours: Sequence[str], theirs: Sequence[str]) -> None:
    """Raises: ValueError if a dataset has different classes from the model of the file."""
    if tuple(ours) != tuple(theirs):
        raise ValueError(
            f"{path} was trained on the classes {', '.join(ours)}, but the data has {', '.join(theirs)}: "
            "name its own data with --data."
        )
