"""The command `coursekit`: build and check labs, train models, look at the data."""

import argparse
import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

DESCRIPTION = (
    "A course on finding things in pictures: build and check its labs, train its models, look at its data."
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code: 0 when all is well, 1 when something is to be done."""
    chosen = parser().parse_args(arguments)
    try:
        return chosen.run(chosen)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 1


def parser() -> argparse.ArgumentParser:
    """Return the parser of every command; each sets `run`, a function of the parsed arguments."""
    whole = argparse.ArgumentParser("coursekit", description=DESCRIPTION)
    commands = whole.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, run: Callable, help: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(run=run)
        return sub

    sub = command("build", build, "make the students' and the instructors' notebooks from labs/source")
    sub.add_argument("labs", nargs="*", metavar="LAB", help="such as 01 or 01_localisation; all by default")
    sub.add_argument("--check", action="store_true", help="only say which notebooks are not up to date")
    sub = command("check", check, "run a lab as it is now and say which exercises are still open")
    sub.add_argument("lab", metavar="LAB", help="such as 01, or the path of a notebook")
    add_training(command("train", train, "train a model, on the still lifes or on your own pictures"))
    sub = command("evaluate", evaluate, "print COCO's twelve numbers of a trained model")
    sub.add_argument("model", nargs="?", metavar="MODEL", help="to be sure that it is this one")
    sub.add_argument("--data", help="a split of the still lifes, or a COCO folder; by default the split val")
    sub.add_argument("--json", metavar="FILE", help="write the numbers to this file too")
    add_trained(sub)
    sub = command("predict", predict, "find the objects in one picture and draw them")
    sub.add_argument("image", metavar="IMAGE", help="a picture file")
    sub.add_argument("--out", metavar="FILE", help="the drawing; by default IMAGE_found.webp, here")
    sub.add_argument("--threshold", type=float, default=0.3, help="draw what scores above it (0.3)")
    add_trained(sub)
    sub = command("slides", slides, "make the deck from slides/: one HTML file, one a part, a PDF")
    sub.add_argument("--check", action="store_true", help="look at every slide in a browser, as CI does")
    sub.add_argument(
        "--serve", action="store_true", help="show the deck, and show it anew when a source changes"
    )
    command("data", data, "verify the still lifes against their checksums and count them")
    return whole


def positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number above 0")
    return int(text)


def rate(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number above 0")
    return value


def add_training(sub: argparse.ArgumentParser) -> None:
    names = "localiser, yolo, yolo_modern, ssd, retinanet, faster_rcnn or mask_rcnn"
    sub.add_argument("model", metavar="MODEL", help=names)
    sub.add_argument(
        "--data", help="a split of the still lifes, or a COCO folder; by default the split train"
    )
    sub.add_argument("--weights", metavar="FILE", help="where the weights go; by default MODEL.safetensors")
    sub.add_argument("--steps", type=positive, help="by default as in the model's recipe")
    sub.add_argument("--batch-size", type=positive, help="images a step, of each process")
    sub.add_argument("--lr", type=rate, help="the peak of the learning rate (0.003; fine-tuning 0.001)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument(
        "--size", type=positive, metavar="PIXELS", help="stretch pictures to squares of this side"
    )
    sub.add_argument("--fine-tune", action="store_true", help="let the last stage of the backbone learn too")
    sub.add_argument(
        "--save-every", type=positive, default=50, metavar="N", help="steps between checkpoints (50)"
    )
    add_machine(sub)


def add_trained(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--weights", metavar="FILE", required=True, help="a file that `coursekit train` wrote")
    add_machine(sub)


def add_machine(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--device", choices=("cpu", "cuda"), help="by default a GPU if there is one")
    sub.add_argument(
        "--threads", type=positive, default=1, help="of the CPU (1, as for the published scores)"
    )


def build(chosen: argparse.Namespace) -> int:
    """Build the notebooks of the chosen labs, or only say which are stale."""
    from coursekit.build import LABS, find_sources, stale
    from coursekit.build import build as build_lab
    from coursekit.execution import BuildError

    try:
        sources = find_sources(LABS, chosen.labs)
        lines = [line for source in sources for line in stale(source)] if chosen.check else None
        for source in [] if chosen.check else sources:
            for line in build_lab(source):
                print(line, flush=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if lines:
        print(*lines, "Run `coursekit build`.", sep="\n", file=sys.stderr)
    return 1 if lines else 0


def check(chosen: argparse.Namespace) -> int:
    """Run a notebook with COURSEKIT_STRICT=1 and a tenth of the training; list what `check` said."""
    import nbformat

    from coursekit.execution import BuildError, execute, verdicts

    path = notebook_of(chosen.lab)
    print(f"Running {path.name} …", flush=True)
    settings = {"COURSEKIT_STRICT": "1", "COURSEKIT_STEPS": "0.1"}
    try:
        notebook = execute(nbformat.read(path, 4), path.parent, settings, allow_errors=True)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    lines = dict.fromkeys(line for output in outputs for line in verdicts(output))
    unsolved = [line for line in lines if line[0] != "✅"]
    print(*lines, f"{len(unsolved)} of {len(lines)} exercises are open.", sep="\n")
    errors = [] if unsolved else [output for output in outputs if output.output_type == "error"]
    for error in errors:
        print(f"A cell raised {error.ename}: {error.evalue}")
    return 1 if unsolved or errors else 0


def notebook_of(lab: str) -> Path:
    """Return the notebook that the student works on.

    Raises:
        FileNotFoundError: there is no such lab, or it was not built.
    """
    from coursekit.build import LABS, find_sources, student_path

    path = Path(lab) if lab.endswith(".ipynb") else student_path(find_sources(LABS, [lab])[0])
    if not path.is_file():
        raise FileNotFoundError(f"There is no notebook {path}: run `coursekit build {lab}` first.")
    return path


def train(chosen: argparse.Namespace) -> int:
    from coursekit.commands.train import train as run

    return run(chosen)


def evaluate(chosen: argparse.Namespace) -> int:
    from coursekit.commands.evaluate import evaluate as run

    return run(chosen)


def predict(chosen: argparse.Namespace) -> int:
    from coursekit.commands.predict import predict as run

    return run(chosen)


def slides(chosen: argparse.Namespace) -> int:
    """Build the deck; show it at each change, or look for what is wrong on its slides."""
    try:
        from coursekit.deck.command import build_all, check, serve
    except ModuleNotFoundError as error:
        remedy = "run `python course.py slides`, or `pip install -e .[slides]`"
        raise ValueError(f"The slides need the package {error.name}: {remedy}.") from None
    run = serve if chosen.serve else check if chosen.check else build_all
    return run()


def data(chosen: argparse.Namespace) -> int:
    """Verify the still lifes' checksums, then print how many objects of each class each split has."""
    from coursekit.data.still_life import CLASSES, SPLITS, still_life
    from coursekit.folders import data_folder

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
        FileNotFoundError: there is no list of checksums.
    """
    listing = folder / "checksums.sha256"
    if not listing.is_file():
        raise FileNotFoundError(f"There is no {listing}: restore it with `git checkout -- data`.")
    for line in listing.read_text(encoding="utf-8").splitlines():
        checksum, name = line.split(maxsplit=1)
        path = folder / name.lstrip("*")
        if not path.is_file():
            yield f"{name} is missing: restore it with `git checkout -- data`."
        elif hashlib.sha256(path.read_bytes()).hexdigest() != checksum:
            yield f"{name} is damaged: restore it with `git checkout -- data`."


if __name__ == "__main__":
    sys.exit(main())
