"""`coursekit export WEIGHTS FILE`: a trained model as an ONNX file, or as a program of PyTorch (.pt2).

What is exported goes from one image (1, 3, H, W) in [0, 1], RGB, of the size that the model was trained on, to
tensors of fixed shapes: all candidate boxes and their scores before suppression, the maps of a model that looks for peaks,
or the logits of each pixel. Thresholds and suppression stay outside, because the number of boxes that they leave is known only at run time.
"""

import json
import os
import warnings
from argparse import Namespace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from coursekit.commands.exported import BOXES, OUTPUTS, Exported, of_yolox
from coursekit.commands.models import SEGMENTERS, Facts, file_of, load_model, read_facts
from coursekit.commands.room import check_writable
from coursekit.folders import checkpoint
from coursekit.models.several_scales import SeveralScales
from coursekit.models.yolox_nano import COCO_CLASSES, INPUT_SIZE, yolox_nano
from coursekit.published import SHIPPED, shipped

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
    check_writable(out, "")
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


def exportable(weights: str) -> tuple[Exported, Facts, tuple[str, ...]]:
    """Return the network to export, the facts about its weights, and the names of its outputs.

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
    if weights in SHIPPED and path == checkpoint(weights):
        model = shipped(weights)
        model = model.detector if isinstance(model, SeveralScales) else model
    else:
        model = load_model(path, facts)
    return Exported(model, outputs), facts, names


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


def first_line(error: BaseException) -> str:
    """Return the first line of the original error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


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
    """Return a sentence with the largest difference between the outputs of onnxruntime and PyTorch for an image."""
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
