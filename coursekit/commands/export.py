"""`coursekit export WEIGHTS FILE`: a trained model as an ONNX file, or as a program of PyTorch (.pt2).

What is exported goes from one image (1, 3, H, W) in [0, 1], RGB, of the size that the model was trained on, to
tensors of fixed shapes: all candidate boxes and their scores before suppression, the maps of a model that looks for peaks,
or the logits of each pixel. Thresholds and suppression stay outside, for how many boxes they leave is known only at run time.
"""

import json
import os
import warnings
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from coursekit import ops
from coursekit.commands.models import SEGMENTERS, Facts, file_of, load_model, read_facts
from coursekit.models.image_model import ImageModel, Inputs
from coursekit.models.retinanet import RetinaNet
from coursekit.models.set_prediction import in_pixels
from coursekit.models.ssd import OFFSET_WEIGHTS
from coursekit.models.yolo import class_scores
from coursekit.models.yolox_nano import COCO_CLASSES, INPUT_SIZE, YoloxNano, decode, yolox_nano

Outputs = tuple[Tensor, ...]
BOXES = ("boxes", "scores")  # (1, A, 4) xyxy pixels, (1, A, K) in [0, 1]
TWO_STAGES = ("faster_rcnn", "mask_rcnn")


def export(chosen: Namespace) -> int:
    """Write the file, and compare it with the model if onnxruntime is there to run it.

    Raises:
        ValueError, OSError: bad weights, a model that cannot be exported, or a package that is missing.
    """
    out = Path(chosen.out)
    if out.suffix not in (".onnx", ".pt2"):
        raise ValueError(
            f"{out} is neither .onnx nor .pt2: name the file model.onnx, or model.pt2 for PyTorch."
        )
    network, facts, names = exportable(chosen.weights)
    height, width = facts.size
    image = torch.rand(1, 3, height, width, generator=torch.Generator().manual_seed(0))
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_name(f"{out.stem}.partial{out.suffix}")
    try:
        (write_onnx if out.suffix == ".onnx" else write_program)(network, image, names, facts, partial)
        os.replace(partial, out)
    finally:
        partial.unlink(missing_ok=True)
    print(f"{out}: image (1, 3, {height}, {width}) in [0, 1], RGB -> {shapes_of(network, image, names)}.")
    if out.suffix == ".onnx":
        print(compared(network, image, out))
    return 0


def exportable(weights: str) -> tuple["Exported", Facts, tuple[str, ...]]:
    """Return what to export of a file or of shipped weights, what is known of it, and the names of its outputs.

    Raises:
        ValueError, OSError: bad weights, or a model whose shapes are known only at run time.
    """
    if weights == "yolox_nano" and not Path(weights).exists():
        facts = Facts(weights, COCO_CLASSES, (INPUT_SIZE, INPUT_SIZE), letterbox=True)
        return Exported(yolox_nano(), of_yolox), facts, BOXES
    path = file_of(weights)
    facts = read_facts(path)
    if facts.name in TWO_STAGES:
        raise ValueError(
            f"{facts.name} cannot be exported: how many proposals reach its second stage is known only at run time. "
            "Train a detector of one stage, such as retinanet or fcos."
        )
    names, outputs = OUTPUTS["segmenter" if facts.name in SEGMENTERS else facts.name]
    return Exported(load_model(path, facts), outputs), facts, names


class Exported(nn.Module):
    """From one image to the tensors of `outputs`, without the checks of inputs, which depend on values."""

    def __init__(self, model: nn.Module, outputs: Callable[[Any, Any], Outputs]) -> None:
        super().__init__()
        self.model, self.outputs = model.eval(), outputs
        model.requires_grad_(False)
        if isinstance(model, ImageModel):
            vars(model)["check_inputs"] = lambda *inputs: None

    def forward(self, image: Tensor) -> Outputs:
        if not isinstance(self.model, ImageModel):
            return self.outputs(self.model, image)
        backbone: Any = self.model.backbone
        x, features = backbone.normalise(image), {}
        for level, stage in backbone.stages.items():
            x = stage(x)  # (1, C, h, w)
            features[level] = x[0]
        return self.outputs(self.model, [{level: features[level] for level in backbone.channels}])


def of_yolo(model: Any, batch: Inputs) -> Outputs:
    grid = model.outputs(batch)
    boxes = model.decode(grid.boxes, model.padded_size(batch[0])).flatten(1, 3)
    return boxes, class_scores(grid.confidences, grid.classes).flatten(1, 3)


def of_yolo_modern(model: Any, batch: Inputs) -> Outputs:
    (cells,) = model.outputs(batch).images()
    return cells.boxes[None], cells.scores()[None]


def of_ssd(model: Any, batch: Inputs) -> Outputs:
    logits, offsets, boxes = model.outputs(batch)
    return model.decode(offsets, boxes, OFFSET_WEIGHTS), logits.softmax(-1)[..., 1:]


def of_retinanet(model: RetinaNet, batch: Inputs) -> Outputs:
    logits, offsets, anchors = model.outputs(batch)
    return ops.decode_boxes(offsets, anchors), logits.sigmoid()


def of_fcos(model: Any, batch: Inputs) -> Outputs:
    logits, boxes, quality, *_ = model.outputs(batch)
    return boxes, (logits.sigmoid() * quality.sigmoid()[..., None]).sqrt()


def of_detr(model: Any, batch: Inputs) -> Outputs:
    logits, boxes = (layers[-1] for layers in model.outputs(batch))
    focal = getattr(model, "focal", False)
    return in_pixels(boxes, model.padded_size(batch[0])), logits.sigmoid() if focal else logits.softmax(-1)[
        ..., 1:
    ]


def of_localiser(model: Any, batch: Inputs) -> Outputs:
    boxes, logits = model.outputs(batch)
    return boxes[:, None], logits.softmax(-1)[:, None]


def of_yolox(model: YoloxNano, image: Tensor) -> Outputs:
    return decode(model.outputs(image))


def of_centernet(model: Any, batch: Inputs) -> Outputs:
    heat, sides = model.outputs(batch)
    return heat.sigmoid(), sides


def of_cornernet(model: Any, batch: Inputs) -> Outputs:
    return tuple(each for corner in model.outputs(batch) for each in corner)


def of_segmenter(model: Any, batch: Inputs) -> Outputs:
    return (model.outputs(batch),)


CORNERS = tuple(
    f"{corner}_{maps}"
    for corner in ("top_left", "bottom_right")
    for maps in ("heat", "embeddings", "offsets")
)
OUTPUTS: dict[str, tuple[tuple[str, ...], Callable[[Any, Any], Outputs]]] = {
    "localiser": (BOXES, of_localiser),
    "yolo": (BOXES, of_yolo),
    "yolo_modern": (BOXES, of_yolo_modern),
    "ssd": (BOXES, of_ssd),
    "retinanet": (BOXES, of_retinanet),
    "fcos": (BOXES, of_fcos),
    "detr": (BOXES, of_detr),
    "detr_modern": (BOXES, of_detr),
    "cornernet": (CORNERS, of_cornernet),
    "centernet": (("heat", "sides"), of_centernet),
    "segmenter": (("logits",), of_segmenter),
}


def write_onnx(network: Exported, image: Tensor, names: tuple[str, ...], facts: Facts, out: Path) -> None:
    """Write the ONNX file; its metadata say the model, the classes and the size. Raises: ValueError when it cannot be."""
    for package in ("onnx", "onnxscript"):
        needed(package)
    try:
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            program: Any = torch.onnx.export(
                network, (image,), dynamo=True, input_names=["image"], output_names=list(names), verbose=False
            )
    except Exception as error:  # each model fails in its own way
        raise ValueError(f"{facts.name} cannot be exported to ONNX: {first_line(error)}.") from error
    program.model.metadata_props.update({"model": facts.name} | facts.header())
    program.save(str(out), external_data=False)


def write_program(network: Exported, image: Tensor, names: tuple[str, ...], facts: Facts, out: Path) -> None:
    """Write what `torch.export.load` reads. Raises: ValueError when the model cannot be exported."""
    try:
        with torch.no_grad():
            program = torch.export.export(network, (image,))
    except Exception as error:
        raise ValueError(f"{facts.name} cannot be exported by torch.export: {first_line(error)}.") from error
    said = json.dumps({"model": facts.name, "outputs": names} | facts.header())
    torch.export.save(program, str(out), extra_files={"facts.json": said})


def first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__


def needed(package: str) -> None:
    """Raises: ValueError when a package of the extra `export` is missing."""
    try:
        import_module(package)
    except ImportError:
        raise ValueError(
            f"ONNX files are written with the package {package}: run `python -m pip install 'coursekit[export]'`."
        ) from None


@torch.no_grad()
def shapes_of(network: Exported, image: Tensor, names: tuple[str, ...]) -> str:
    pairs = zip(names, network(image), strict=True)
    return ", ".join(f"{name} {tuple(value.shape)}" for name, value in pairs)


def compared(network: Exported, image: Tensor, out: Path) -> str:
    """Return the largest difference between what onnxruntime and PyTorch make of an image, in a sentence."""
    try:
        largest = difference(network, image, out)
    except ImportError:
        return (
            "It was not run: `python -m pip install onnxruntime` lets this command compare it with the model."
        )
    return f"onnxruntime runs it: the largest difference to PyTorch is {largest:.1e}."


@torch.no_grad()
def difference(network: Exported, image: Tensor, out: Path) -> float:
    """Return the largest difference of any output, as a share of the largest value of that output or of 1.

    Raises:
        ImportError: onnxruntime is not installed.
    """
    runtime: Any = import_module("onnxruntime")
    session = runtime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"image": image.numpy()})
    ours = [value.numpy() for value in network(image)]
    return max(
        float(np.abs(a - b).max() / max(1.0, np.abs(b).max())) for a, b in zip(theirs, ours, strict=True)
    )
