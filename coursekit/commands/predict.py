"""`coursekit predict IMAGE --weights FILE`: what a trained model finds in one picture, in words and drawn."""

from argparse import Namespace
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from typing import Literal

import matplotlib.pyplot as plt
import torch
from matplotlib.figure import Figure
from PIL import Image
from torch import Tensor

from coursekit import distributed, draw, training
from coursekit.commands.datasets import in_original_pixels
from coursekit.commands.models import Facts, load_model, over_scales, read_facts
from coursekit.data.image_files import read_image
from coursekit.data.transforms import resize
from coursekit.ops import rle_decode
from coursekit.schema import Prediction

Rows = Literal["boxes", "labels", "scores", "masks"]
ROWS: tuple[Rows, ...] = ("boxes", "labels", "scores", "masks")  # one row per object
LONGER_SIDE = 8  # inches of the drawing


def predict(chosen: Namespace) -> int:
    """Print one line for each object that is found, and draw them all.

    Raises:
        ValueError, OSError: bad weights, a bad picture or an unknown kind of file to draw in.
    """
    out = Path(chosen.out or f"{Path(chosen.image).stem}_found.webp")
    check_drawing(out, Path(chosen.image))
    facts = read_facts(Path(chosen.weights))
    image = read_image(chosen.image)
    torch.set_num_threads(chosen.threads)
    path, device = Path(chosen.weights), distributed.device_of(chosen.device)
    if chosen.scales:
        model = over_scales(path, facts, chosen.scales).to(device)
        found = sure(training.predict(model, [(image, {})])[0], chosen.threshold)
    else:
        found = find(load_model(path, facts).to(device), image, facts, chosen.threshold)
    for line in lines(found, facts.classes):
        print(line)
    with plt.rc_context(draw.STYLE):
        save_drawing(drawing(image, found, facts), out)
    print(f"{len(found['scores'])} objects of a score above {chosen.threshold:g}, drawn in {out}.")
    return 0


def check_drawing(out: Path, image: Path) -> None:
    """Raises: ValueError when the drawing cannot be written, or would replace the picture."""
    Image.init()
    if Image.EXTENSION.get(out.suffix.lower()) not in Image.SAVE:
        raise ValueError(f"{out} is no kind of picture: name a .webp, .png or .jpg file with --out.")
    if out.exists() and image.exists() and out.samefile(image):
        raise ValueError(f"{out} is the picture itself: name another file with --out.")


def sure(found: Prediction, threshold: float) -> Prediction:
    """The objects whose score is above the threshold."""
    kept, chosen = found["scores"] > threshold, found.copy()
    for key in ROWS:
        if key in found:
            chosen[key] = found[key][kept]
    return chosen


def find(model: torch.nn.Module, image: Tensor, facts: Facts, threshold: float) -> Prediction:
    """The objects of a picture (3, H, W) whose score is above the threshold, in its own pixels."""
    small, _ = resize(image, {}, facts.size) if image.shape[1:] != facts.size else (image, {})
    (found,) = training.predict(model, [(small, {})])
    height, width = image.shape[1:]
    found = in_original_pixels(sure(found, threshold), facts.size, (height, width))
    if "masks" in found:
        none = torch.zeros(0, *image.shape[1:], dtype=torch.bool)
        found["masks"] = torch.cat([none, *(rle_decode(code)[None] for code in found["masks"])])  # (D, H, W)
    return found


def lines(found: Prediction, classes: Sequence[str]) -> Iterator[str]:
    """What is found, in words."""
    for i, box in enumerate(found["boxes"]):
        name, score = classes[int(found["labels"][i]) - 1], float(found["scores"][i])
        corners = ", ".join(f"{number:.0f}" for number in box.tolist())
        mask = f"  mask of {int(found['masks'][i].sum())} pixels" if "masks" in found else ""
        yield f"{name:12s} {score:.2f}  box ({corners}){mask}"


def drawing(image: Tensor, found: Prediction, facts: Facts) -> Figure:
    height, width = image.shape[1:]
    scale = LONGER_SIDE / max(height, width)
    figure, ax = plt.subplots(figsize=(width * scale, height * scale))
    draw.draw_image(ax, image)
    if "masks" in found:
        draw.draw_masks(ax, None, found["masks"], found["labels"])
    draw.draw_boxes(ax, None, found["boxes"], found["labels"], found["scores"], facts.classes)
    return figure


def save_drawing(figure: Figure, out: Path) -> None:
    pixels = BytesIO()
    figure.savefig(pixels, format="png")
    plt.close(figure)
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.open(pixels).convert("RGB").save(out, quality=90)
