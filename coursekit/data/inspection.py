"""Everything looked at before anything is computed: all pictures to their last byte, all annotations, what is odd."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from coursekit.data.coco import FETCH, missing_picture, segmentation_to_mask
from coursekit.data.coco_checks import faults_of, number_of, suspicions_of, without
from coursekit.data.features import cache_folder
from coursekit.data.formats.files import find_picture
from coursekit.data.formats.split import Fault, Split
from coursekit.data.image_files import decoded_size, file_hash, read_unturned

MANY = 200  # pictures: from here on a bar shows how far it is
SHOWN = 5  # faults that are listed; of the others the number is said


@dataclass
class Report:
    """What is known about a split after it was looked at.

    Attributes:
        annotations: those that are right, as a dict in COCO's format.
        faults: what is wrong and left out of them. notes: what is odd, in sentences.
        hashes: of each picture, by its file name.
    """

    split: Split
    annotations: dict
    faults: list[Fault]
    notes: list[str]
    hashes: dict[str, str] = field(default_factory=dict)


def inspect(split: Split, masks: bool = False) -> Report:
    """Return what is right and what is wrong in a split.

    Args:
        masks: look at the segmentations too.
    Raises:
        ValueError, OSError: its annotations cannot be read at all.
    """
    content = split.content
    whole = content.annotations
    faults = [named(fault, split) for fault in faults_of(whole)]
    bad_images = {fault.position for fault in faults if fault.table == "images"}
    report = Report(split, whole, [], list(content.notes))
    good = [(k, image) for k, image in enumerate(whole["images"]) if k not in bad_images]
    faults += picture_faults(good, report)
    if masks:
        faults += segmentation_faults(without(whole, faults), whole, split)
    report.faults = content.faults + faults
    report.annotations = without(whole, faults)
    report.notes += suspicions_of(report.annotations)
    return report


def named(fault: Fault, split: Split) -> Fault:
    """The fault with the file in front; where ids are made up by us, with the picture."""
    where = f"{split.source}"
    if split.format != "COCO" and fault.table == "annotations":
        row = split.content.annotations["annotations"][fault.position]
        where += f", {split.content.annotations['images'][row['image_id'] - 1]['file_name']}"
    return Fault(f"{where}: {fault.sentence}", fault.table, fault.position)


def picture_faults(images: Sequence[tuple[int, dict]], report: Report) -> list[Fault]:
    """Decode every picture, unless its bytes were decoded before; missing, damaged and resized ones are faults."""
    from tqdm.auto import tqdm

    seen, folder = SeenPictures(), report.split.image_folder
    turned: list[str] = []
    found = []
    for position, image in tqdm(
        images, desc="looking at the pictures", disable=len(images) < MANY, leave=False
    ):
        path = find_picture(folder, image["file_name"])
        if path is None:
            words = f"{missing_picture(image, folder)}: {FETCH}"
        else:
            words = picture_fault(path, image, seen, report, turned.append)
        if words:
            found.append(Fault(f"{report.split.source}: {words}", "images", position))
    seen.keep()
    report.notes += turned_notes(turned)
    return found


def picture_fault(
    path: Path, image: dict, seen: "SeenPictures", report: Report, turned: Callable[[str], None]
) -> str:
    expected = image["width"], image["height"]
    try:
        report.hashes[image["file_name"]] = key = file_hash(path)
        width, height, is_turned = seen.size(key, path)
        if (width, height) != expected and is_turned and (height, width) == expected:
            turned("as stored")
            read_unturned(path)
            return ""
    except (ValueError, OSError) as error:
        return f"image {image['id']}: {error}"
    if is_turned:
        turned("upright")
    if (width, height) == expected:
        return ""
    return (
        f"image {image['id']}, {path}, is {width} x {height} pixels, but {expected[0]} x {expected[1]} in "
        f"{report.split.source.name}: was it resized without its annotations?"
    )


def turned_notes(turned: list[str]) -> Iterator[str]:
    upright, stored = turned.count("upright"), turned.count("as stored")
    if upright:
        yield f"{number_of(upright, 'picture')} turned as the EXIF data says: the boxes are taken as drawn on the turned one."
    if stored:
        yield f"{number_of(stored, 'picture')} not turned, although the EXIF data says so: the annotations have the size without."


def segmentation_faults(right: dict, whole: dict, split: Split) -> list[Fault]:
    """The objects whose segmentation is malformed, or has no pixel."""
    images = {image["id"]: image for image in right["images"]}
    good = {id(row) for row in right["annotations"]}
    found = []
    for position, row in enumerate(whole["annotations"]):
        if id(row) in good and row.get("segmentation") and not row.get("iscrowd"):
            image = images[row["image_id"]]
            try:
                mask = segmentation_to_mask(row["segmentation"], (image["height"], image["width"]))
                words = "" if mask.any() else "the segmentation has no pixel."
            except ValueError as error:
                words = str(error)
            if words:
                found.append(named(Fault(f"annotation {row['id']}: {words}", "annotations", position), split))
    return found


class SeenPictures:
    """The sizes of pictures that were decoded to their end before, by the hash of their bytes, in the user's cache."""

    def __init__(self) -> None:
        self.path = cache_folder().parent / "pictures.txt"
        self.known: dict[str, tuple[int, int, bool]] = {}
        self.new: list[str] = []
        try:
            for line in self.path.read_text(encoding="ascii").splitlines():
                key, width, height, turned = line.split()
                self.known[key] = int(width), int(height), turned == "turned"
        except (OSError, ValueError):  # there is none, or it is damaged: they are decoded again
            pass

    def size(self, key: str, path: Path) -> tuple[int, int, bool]:
        """Width, height, and whether the EXIF data turns it; raises ValueError when it is damaged."""
        if key not in self.known:
            self.known[key] = width, height, turned = decoded_size(path)
            self.new.append(f"{key} {width} {height} {'turned' if turned else 'upright'}\n")
        return self.known[key]

    def keep(self) -> None:
        """Remember them for the next time, if the cache can be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(self.path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o644), "a") as file:
                file.write("".join(self.new))
        except OSError:
            pass


def listing(faults: Sequence[Fault], advice: str) -> str:
    """The first faults, how many there are, and what to do.

    >>> print(listing([Fault("a.json: image 1 has no file 1.jpg.")], "Fix it."))
    a.json: image 1 has no file 1.jpg. Fix it.
    """
    if len(faults) == 1:
        return f"{faults[0].sentence} {advice}"
    lines = [f"{len(faults):,} entries are wrong:", *(f"  {fault.sentence}" for fault in faults[:SHOWN])]
    if len(faults) > SHOWN:
        lines.append(f"  and {len(faults) - SHOWN:,} more.")
    return "\n".join([*lines, advice])


def shared_pictures(reports: Sequence[Report]) -> Iterator[str]:
    """Yield a sentence for each two splits that have the same pictures."""
    for k, one in enumerate(reports):
        for other in reports[k + 1 :]:
            both = len(set(one.hashes.values()) & set(other.hashes.values()))
            if both and {one.split.name, other.split.name} != {"trainval", "train"}:
                yield f"{number_of(both, 'picture')} of {one.split.name} are in {other.split.name} too."
