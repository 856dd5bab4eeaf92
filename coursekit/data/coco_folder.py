"""A folder of annotated pictures, in COCO's format or another one, as a dataset: which part of it, and checked first."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from coursekit.data.coco import CocoDataset
from coursekit.data.coco_checks import number_of
from coursekit.data.formats.find import find_splits
from coursekit.data.formats.split import Fault, Split
from coursekit.data.holdout import FEWEST, held_out
from coursekit.data.inspection import Report, inspect, listing, shared_pictures

NAMES = {
    "train": ("train", "trainval"),
    "val": ("val", "test"),
}  # of the splits for a purpose, the best first
MOST_CLASSES = 4  # that are counted one by one in a sentence


def coco_folder(path: str | Path, purpose: str = "train") -> CocoDataset:
    """Return the dataset of a folder in COCO's format, or VOC's, YOLO's or labelme's, or of one file.

    Of several splits the one for the purpose is taken. The pictures of a COCO file may be beside it, in a folder
    `images` or `data`, or in one of the name of the split, as `train2017` for `annotations/instances_train2017.json`.

    Args:
        path: a folder, or a .json or .csv file.
        purpose: "train", or "val" for validation and test.
    Raises:
        FileNotFoundError: there is no such path, no annotation file or no folder with its pictures.
        ValueError: no file, or more than one, is for this purpose; or what `CocoDataset` raises.
    """
    split = chosen(find_splits(Path(path)), Path(path), purpose)
    content = split.content
    if content.faults:
        raise ValueError(listing(content.faults, "Fix it."))
    dataset = CocoDataset(split.source, split.image_folder, annotations=content.annotations)
    dataset.notes = (summary(split, dataset.annotations, Path(path)), *split.also, *content.notes)
    return dataset


def checked_folder(
    path: Path, purpose: str, masks: bool = False, skip_bad: bool = False, hold_out: bool = True
) -> CocoDataset:
    """Return the dataset of a folder as `coco_folder` does, but look at all pictures and annotations first.

    Where a folder has no validation set, `holdout.held_out` names one; a file that is named is never split.
    For training, the other splits are looked at too. `notes` says what was taken and what is odd.

    Args:
        masks: whether they are learned, so that segmentations are looked at too.
        skip_bad: leave out what is wrong.
        hold_out: whether to split a folder with one set.
    Raises:
        FileNotFoundError: as `coco_folder`.
        ValueError: something is wrong and not to be skipped, with all of it listed; or there is nothing to learn.
    """
    splits = find_splits(path, masks)
    split = chosen(splits, path, purpose)
    reports = [inspect(split, masks)]
    if purpose == "train":
        reports += [inspect_other(other, masks) for other in splits if other is not split]
    faults = [fault for report in reports for fault in report.faults]
    if faults and not skip_bad:
        raise ValueError(listing(faults, advice(faults)))
    annotations, part = reports[0].annotations, ""
    if hold_out and path.is_dir() and len(splits) == 1 and split.name not in NAMES[purpose][:1] + ("test",):
        annotations, part = side_of(annotations, purpose)
    check_not_empty(annotations, split)
    dataset = CocoDataset(split.source, split.image_folder, annotations=annotations)
    dataset.notes = (summary(split, annotations, path) + part, *notes_of(reports), *split.also)
    return dataset


def advice(faults: Sequence[Fault]) -> str:
    them = "it" if len(faults) == 1 else "them"
    return f"Fix {them}, or go on without {them} with --skip-bad."


def inspect_other(split: Split, masks: bool) -> Report:
    """What is wrong in a split that is not used now; if it cannot be read, only that."""
    try:
        return inspect(split, masks)
    except (ValueError, OSError) as error:
        return Report(split, {"images": [], "annotations": [], "categories": []}, [Fault(str(error))], [])


def notes_of(reports: Sequence[Report]) -> list[str]:
    """What is odd, in sentences; first what was left out."""
    faults = [fault for report in reports for fault in report.faults]
    lines = [listing(faults, "Left out." if len(faults) == 1 else "They are left out.")] if faults else []
    lines += reports[0].notes
    for report in reports[1:]:
        lines += [f"{report.split.name or report.split.source}: {note}" for note in report.notes]
    return lines + list(shared_pictures(reports))


def chosen(splits: Sequence[Split], path: Path, purpose: str) -> Split:
    """The split for a purpose: the only one, or the only one with the first fitting name.

    Raises:
        ValueError: none fits, or several do.
    """
    if len(splits) == 1:
        return splits[0]
    for name in NAMES[purpose]:
        fitting = [split for split in splits if split.name == name]
        if len(fitting) == 1:
            return fitting[0]
    sources = dict.fromkeys(str(relative(split.source, path)) for split in splits)
    raise ValueError(f"{path} has several annotation files: name one of them, {', '.join(sources)}.")


def side_of(annotations: dict, purpose: str) -> tuple[dict, str]:
    """The pictures for training or for validation, and a phrase that says so."""
    names = [image["file_name"] for image in annotations["images"]]
    out = held_out(names)
    if not out:
        return annotations, f"; with fewer than {FEWEST} pictures, all are for training and for validation"
    images = [image for image in annotations["images"] if (image["file_name"] in out) == (purpose == "val")]
    ids = {image["id"] for image in images}
    rows = [row for row in annotations["annotations"] if row["image_id"] in ids]
    phrase = f", {purpose}: the folder is not split, so {len(out)} of {len(names)} pictures, by their names, are kept for validation"
    return annotations | {"images": images, "annotations": rows}, phrase


def check_not_empty(annotations: dict, split: Split) -> None:
    """Raises: ValueError when no object is annotated, or only crowds are."""
    rows = annotations["annotations"]
    if not annotations["images"]:
        raise ValueError(f"{split.source} has no picture that can be used.")
    if not any(not row.get("iscrowd") and min(row["bbox"][2:]) > 0 for row in rows):
        what = f"all its {len(rows)} objects are crowds or empty" if rows else "it has no objects"
        raise ValueError(f"There is nothing to learn from {split.source}, or to find: {what}.")


def summary(split: Split, annotations: dict, path: Path) -> str:
    """What a split holds, in one line, such as "131 images, 260 kangaroos, VOC, from annots/"."""
    source = relative(split.source, path)
    where = f"{source}/" if split.source.is_dir() else str(source)
    name = (
        f", {split.name}"
        if split.name and split.name not in where.replace("/", " ").replace("_", " ")
        else ""
    )
    images = number_of(len(annotations["images"]), "image")
    return f"{images}, {objects(annotations)}, {split.format}, from {where}{name}"


def objects(annotations: dict) -> str:
    """How many objects there are of each class, or, of many classes, of all."""
    categories = annotations["categories"]
    count = Counter(row["category_id"] for row in annotations["annotations"])
    if len(categories) > MOST_CLASSES:
        return f"{number_of(count.total(), 'object')} of {len(categories)} classes"
    said = [number_of(count[each["id"]], str(each["name"])) for each in categories]
    return ", ".join(said) or "no class"


def relative(source: Path, path: Path) -> Path:
    """The source as seen from the folder that was named; the folder's own name for itself."""
    if source.is_relative_to(path) and source != path:
        return source.relative_to(path)
    return Path(source.name or str(source))
