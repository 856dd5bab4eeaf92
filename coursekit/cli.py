"""The command `coursekit`: train, evaluate and use models, look at the data."""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from coursekit.folders import RESTORE, data_folder, words_of

DESCRIPTION = "Object detection and segmentation: train models, evaluate and use them, look at the data."
SKIP: dict[str, Any] = {"action": "store_true", "help": "go on without images and annotations that are wrong"}


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 if all is well, 1 if something needs attention."""
    return run_command(parser(), arguments)


def run_command(whole: argparse.ArgumentParser, arguments: list[str] | None) -> int:
    """Run what the arguments ask for; an error becomes one sentence and the exit code 1."""
    chosen = whole.parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (OSError, ValueError) as error:
        print(words_of(error), file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; each sets `run`, a function of the parsed arguments."""
    whole = argparse.ArgumentParser("coursekit", description=DESCRIPTION)
    command = command_adder(whole)
    add_training(command("train", later("train"), "train a model, on the still lifes or on your own images"))
    sub = command("evaluate", later("evaluate"), "print COCO's twelve numbers of a trained model")
    sub.add_argument("model", nargs="?", metavar="MODEL", help="the model that the file must hold")
    sub.add_argument(
        "--data", help="a split of the still lifes, or a folder of annotated images; by default val"
    )
    sub.add_argument("--json", metavar="FILE", help="also write the numbers to this file")
    sub.add_argument("--skip-bad", **SKIP)
    sub.add_argument(
        "--threshold", type=share, default=0.3, help="of the score, for precision and recall (0.3)"
    )
    add_trained(sub)
    add_predicting(command("predict", later("predict"), "find the objects in images or videos and draw them"))
    sub = command("export", later("export"), "write a trained model as ONNX, or as a program of PyTorch")
    sub.add_argument("weights", metavar="WEIGHTS", help="a file of `coursekit train`, or shipped weights")
    sub.add_argument("out", metavar="FILE", help="model.onnx, or model.pt2 for PyTorch")
    add_data(command("data", data, "inspect a folder of annotated images, convert it, or empty the cache"))
    return whole


def command_adder(whole: argparse.ArgumentParser) -> Callable[..., argparse.ArgumentParser]:
    """Return a function that adds a command (its name, the function that it runs, its help) and returns its parser."""
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        return sub

    return command


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number above 0")
    return int(text)


def sides(text: str) -> tuple[int, ...]:
    return tuple(positive(part) for part in text.split(","))


def rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return value


def share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return value


def add_training(sub: argparse.ArgumentParser) -> None:
    names = (
        "localiser; the detectors yolo, yolo_modern, ssd, retinanet, fcos, cornernet, centernet, detr, detr_modern, "
        "faster_rcnn; mask_rcnn; or the segmenters fcn32s, fcn16s, fcn8s, unet, deconvnet, hourglass_segmenter"
    )
    add = sub.add_argument
    add("model", metavar="MODEL", help=names)
    add(
        "--data",
        help="a split of the still lifes, or a folder of annotated images; by default the split train",
    )
    add(
        "--val",
        metavar="DATA",
        help="score on these images while it trains, or none; by default the other split",
    )
    add("--val-every", type=positive, metavar="N", help="steps between two scores (a tenth of all)")
    add("--weights", metavar="FILE", help="where to write the weights; by default MODEL.safetensors")
    add(
        "--init",
        metavar="FILE",
        help="begin with these or shipped weights, such as retinanet; classes by names",
    )
    length = sub.add_mutually_exclusive_group()
    length.add_argument("--steps", type=positive, help="by default chosen from the number of images")
    length.add_argument(
        "--epochs", type=positive, help="how often each image, and each changed copy, is seen"
    )
    add("--batch-size", type=positive, help="images per step, of each process")
    add("--lr", type=rate, help="the peak of the learning rate (0.003; of DETR, and in fine-tuning, 0.001)")
    add("--seed", type=int, default=0)
    add("--size", type=positive, metavar="PIXELS", help="resize images to squares of this side")
    add("--letterbox", action="store_true", help="keep their proportions and pad, instead of stretching them")
    add(
        "--augment",
        default="flip",
        metavar="CHANGES",
        help="copies to train on too: flip,scale,crop,colour or none",
    )
    add(
        "--backbone",
        choices=("lite0", "lite1", "lite2", "darknet"),
        help="the network that computes the feature maps (lite0)",
    )
    add("--record", metavar="FILE", help="write what the training cost to this file, as JSON")
    add("--fine-tune", action="store_true", help="also train the last stage of the backbone")
    add("--skip-bad", **SKIP)
    add("--save-every", type=positive, default=50, metavar="N", help="steps between checkpoints (50)")
    add_machine(sub)


def add_predicting(sub: argparse.ArgumentParser) -> None:
    add = sub.add_argument
    add("image", nargs="*", metavar="IMAGE", help="image files, videos, or folders of them")
    add("--camera", type=int, metavar="N", help="look through this camera, 0 being the first, until Ctrl-C")
    add("--frames", type=positive, metavar="N", help="look at no more frames of a video or a camera")
    out = "where to draw: by default IMAGE_found.webp in this folder, or the folder found for several images"
    add("--out", metavar="FILE", help=out)
    add("--json", metavar="FILE", help="also write the detections to this file, in COCO's format with scores")
    add("--threshold", type=share, default=0.3, help="draw the detections that score above it (0.3)")
    add_trained(sub)


def add_trained(sub: argparse.ArgumentParser) -> None:
    help = "a file that `coursekit train` wrote, or shipped weights such as retinanet"
    sub.add_argument("--weights", metavar="FILE", required=True, help=help)
    sub.add_argument(
        "--scales",
        type=sides,
        metavar="SIDES",
        help="average over several longest sides of the image, in pixels, such as 96,128,160,192,224,256",
    )
    add_machine(sub)


def add_machine(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--device", choices=("cpu", "cuda"), help="by default a GPU if there is one")
    sub.add_argument(
        "--threads", type=positive, default=1, help="of the CPU (1, as for the published scores)"
    )


def later(verb: str) -> Callable[[argparse.Namespace], int]:
    """Return a function that runs a command; its module, and PyTorch with it, is imported only then."""

    def run(chosen: argparse.Namespace) -> int:
        return getattr(import_module(f"coursekit.commands.{verb}"), verb)(chosen)

    return run


def add_data(sub: argparse.ArgumentParser) -> None:
    sub.add_argument(
        "words",
        nargs="*",
        metavar="FOLDER",
        help="a folder or file to look at; or `convert FOLDER TO`; or `cache`; by default, check the still lifes",
    )
    sub.add_argument("--sheet", metavar="FILE", help="draw some annotated images into this file")
    sub.add_argument("--format", choices=("coco", "voc", "yolo"), default="coco", help="to convert to (coco)")
    sub.add_argument("--skip-bad", **SKIP)
    sub.add_argument("--clear", action="store_true", help="empty the cache of features")


def data(chosen: argparse.Namespace) -> int:
    """Look at a folder; or verify the still lifes' checksums and count the objects of each class in each split."""
    if chosen.words:
        return later("data")(chosen)
    from coursekit.data.still_life import CLASSES, SPLITS, still_life

    folder = data_folder() / "still_life"
    damaged = list(damaged_files(folder))
    for line in damaged:
        print(line, file=sys.stderr)
    print(f"{'split':20s} images " + " ".join(f"{name:>10s}" for name in CLASSES))
    for split in SPLITS:
        if (folder / f"{split}.json").is_file():
            annotations = still_life(split).annotations
            count = Counter(instance["category_id"] for instance in annotations["annotations"])
            counts = " ".join(f"{count[k]:10d}" for k in range(1, len(CLASSES) + 1))
            print(f"{split:20s} {len(annotations['images']):6d} {counts}")
    return 1 if damaged else 0


def damaged_files(folder: Path) -> Iterator[str]:
    """Yield one sentence for each file that checksums.sha256 lists and that is missing or different.

    Raises:
        FileNotFoundError: the list of checksums is missing.
    """
    listing = folder / "checksums.sha256"
    if not listing.is_file():
        raise FileNotFoundError(f"There are no still lifes, nor their list {listing}: {RESTORE}")
    for line in listing.read_text(encoding="utf-8").splitlines():
        checksum, name = line.split(maxsplit=1)
        path = folder / name.lstrip("*")
        if not path.is_file():
            yield f"{name} is missing: restore it with `git checkout -- data`."
        elif hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            yield f"{name} is damaged: restore it with `git checkout -- data`."


if __name__ == "__main__":
    sys.exit(main())
