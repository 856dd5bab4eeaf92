"""`coursekit predict IMAGE ... --weights FILE`: what a trained model detects in images or videos, printed and drawn."""

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import torch
from PIL import Image
from torch import Tensor

from coursekit import distributed, draw
from coursekit.commands.finding import Finder, as_masks, coco_rows, finder_of, lines
from coursekit.commands.room import check_writable
from coursekit.commands.sources import (
    FilmWriter,
    drawings_of,
    is_video,
    open_film,
    read_picture,
    sources_of,
)
from coursekit.data.coco_checks import number_of
from coursekit.folders import words_of
from coursekit.schema import Prediction

LONGER_SIDE = 8  # inches of the drawing


def predict(chosen: Namespace) -> int:
    """Print one line per detection, draw them all, and write them as JSON to the file named by `--json`.

    Raises:
        ValueError, OSError: bad weights, the only image is bad, or an unknown kind of file to draw in.
    """
    if (chosen.camera is None) == (not chosen.image):
        raise ValueError("Name images, folders or videos to look at, or a camera with --camera 0.")
    sources = sources_of(chosen.image)
    drawings = drawings_of(sources, chosen.out)
    for source, drawing in zip(sources, drawings, strict=True):
        check_drawing(drawing, source.path)
        check_writable(drawing, "--out")
    if chosen.json:
        check_writable(Path(chosen.json), "--json")
    torch.set_num_threads(chosen.threads)
    find, classes = finder_of(
        chosen.weights, chosen.threshold, chosen.scales, distributed.device_of(chosen.device)
    )
    results = Results(classes)
    if chosen.camera is not None:
        look_at_film(chosen.camera, Path(chosen.out or "camera_found.mp4"), find, results, chosen)
    failed = 0
    for source, drawing in zip(sources, drawings, strict=True):
        try:
            if is_video(source.path):
                look_at_film(str(source.path), drawing, find, results, chosen)
            else:
                look_at_picture(source.path, drawing, find, results, chosen, named=len(sources) > 1)
        except (ValueError, OSError) as error:
            if len(sources) == 1:
                raise
            print(words_of(error), file=sys.stderr)
            failed += 1
    if chosen.json:
        results.write(Path(chosen.json))
    if failed:
        print(f"{failed} of {len(sources)} files could not be looked at.", file=sys.stderr)
    return 1 if failed else 0


def look_at_picture(
    path: Path, drawing: Path, find: Finder, results: "Results", chosen: Namespace, named: bool
) -> None:
    """Print and draw the detections in one image."""
    image = read_picture(path)
    found = find(image)
    results.add(path.as_posix(), image, found)
    if named:
        print(f"{path}:")
    for line in lines(found, results.classes):
        print(line)
    save_drawing(drawn(image, found, results.classes), drawing)
    print(f"{said(found, chosen.threshold)}, drawn in {drawing}.", flush=True)


def look_at_film(
    source: str | int, drawing: Path, find: Finder, results: "Results", chosen: Namespace
) -> None:
    """Draw the detections in each frame of a video or a camera, until its end or Ctrl-C, and print how many there were."""
    film, name = (
        open_film(source, chosen.frames),
        f"camera {source}" if isinstance(source, int) else str(source),
    )
    writer, count, objects = FilmWriter(drawing, film.rate), 0, 0
    try:
        for image in film.frames:
            found = find(image)
            results.add(f"{name}#{count}", image, found)
            writer.add(drawn(image, found, results.classes))
            count, objects = count + 1, objects + len(found.get("scores", ()))
    except KeyboardInterrupt:
        if not isinstance(source, int):
            raise
    finally:
        writer.close()
    print(
        f"{name}: {count} frames, {objects / max(count, 1):.1f} objects per frame, drawn in {drawing}.",
        flush=True,
    )


def said(found: Prediction, threshold: float) -> str:
    if "semantic" in found:
        return number_of(len(as_masks(found)[1]), "class")
    what, scores = ("point", found["point_scores"]) if "points" in found else ("object", found["scores"])
    return f"{number_of(len(scores), what)} of a score above {threshold:g}"


class Results:
    """Return the detections in all images as one COCO file: images, categories, and annotations with scores."""

    def __init__(self, classes: Sequence[str]) -> None:
        self.classes = classes
        self.images: list[dict[str, Any]] = []
        self.annotations: list[dict[str, Any]] = []

    def add(self, name: str, image: Tensor, found: Prediction) -> None:
        number = len(self.images) + 1
        self.images.append(
            {"id": number, "file_name": name, "width": image.shape[-1], "height": image.shape[-2]}
        )
        for row in coco_rows(found):
            self.annotations.append({"id": len(self.annotations) + 1, "image_id": number} | row)

    def write(self, path: Path) -> None:
        categories = [{"id": k, "name": name} for k, name in enumerate(self.classes, start=1)]
        coco = {"images": self.images, "categories": categories, "annotations": self.annotations}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(coco) + "\n", encoding="utf-8")


def check_drawing(out: Path, image: Path) -> None:
    """Raises: ValueError when the drawing cannot be written, or would replace the image."""
    Image.init()
    if is_video(image):
        if out.suffix.lower() != ".mp4":
            raise ValueError(f"{out} is not a video file that can be written: name a .mp4 file with --out.")
    elif Image.EXTENSION.get(out.suffix.lower()) not in Image.SAVE:
        raise ValueError(f"{out} is not an image file name: name a .webp, .png or .jpg file with --out.")
    if out.exists() and image.exists() and out.samefile(image):
        raise ValueError(f"{out} is the image itself: name another file with --out.")


def drawn(image: Tensor, found: Prediction, classes: Sequence[str]) -> np.ndarray:
    """Return the drawing of what was found in an image, (H, W, 3) bytes; objects of one class have colours of their own."""
    height, width = image.shape[1:]
    scale = LONGER_SIDE / max(height, width)
    with plt.rc_context(draw.STYLE):
        figure, ax = plt.subplots(figsize=(width * scale, height * scale))
        draw.draw_image(ax, image)
        if "semantic" in found:
            draw.draw_masks(ax, None, *as_masks(found), classes=classes)
        elif "points" in found:
            draw.draw_points(ax, found["points"], found["point_labels"] // 3 + 1, classes)
        else:
            labels = found["labels"]
            one_class = len(labels) > 1 and bool((labels == labels[0]).all())
            if "masks" in found:
                draw.draw_masks(ax, None, found["masks"], None if one_class else labels)
            colours = [draw.colour_of(i + 1) for i in range(len(labels))] if one_class else None
            draw.draw_boxes(ax, None, found["boxes"], labels, found["scores"], classes, colours)
        pixels = BytesIO()
        figure.savefig(pixels, format="png")
        plt.close(figure)
    return np.array(Image.open(pixels).convert("RGB"))


def save_drawing(pixels: np.ndarray, out: Path) -> None:
    out.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(out, quality=90)
