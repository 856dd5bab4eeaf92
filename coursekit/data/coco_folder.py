"""Finding the annotations and the pictures in a folder in COCO's format, however it is laid out."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from coursekit.data.coco import CocoDataset

WORDS = {"train": ("train",), "val": ("val", "test")}  # in the name of an annotation file or of its folder
LOOKED_AT = 50  # pictures, to tell which folder holds them


def coco_folder(path: str | Path, purpose: str = "train") -> CocoDataset:
    """Return the dataset of a folder, or of one annotation file with its pictures near it.

    The annotation file is looked for in the folder, in its `annotations` and in the folders of the splits; of
    several, one named after the purpose is taken. The pictures may be beside it, in a folder `images`, or in one
    of the name of the split, as `train2017` for `annotations/instances_train2017.json`.

    Args:
        path: a folder, or a .json file.
        purpose: "train", or "val" for validation and test.
    Raises:
        FileNotFoundError: there is no such path, no annotation file or no folder with its pictures.
        ValueError: no file, or more than one, is for this purpose; or what `CocoDataset` raises.
    """
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}: name a folder in COCO's format, or a .json file.")
    annotation_file = path if path.is_file() else chosen_file(path, purpose)
    return CocoDataset(annotation_file, picture_folder(annotation_file))


def chosen_file(folder: Path, purpose: str) -> Path:
    """The annotation file for a purpose: the only one, or the only one with the first fitting word in its name."""
    files = list(annotation_files(folder))
    if not files:
        raise FileNotFoundError(
            f"there is no annotation file in {folder}: it should be {folder.name}/annotations.json, "
            f"{folder.name}/annotations/instances_{purpose}.json or {folder.name}/{purpose}/annotations.json."
        )
    for word in WORDS[purpose]:
        fitting = [file for file in files if word in file.relative_to(folder).as_posix().lower()]
        if len(fitting) == 1:
            return fitting[0]
    if len(files) == 1:
        return files[0]
    names = ", ".join(file.relative_to(folder).as_posix() for file in files)
    raise ValueError(f"{folder} has several annotation files: name one of them, {names}.")


def annotation_files(folder: Path) -> Iterator[Path]:
    """The JSON files of a folder and of the folders in it that look like COCO's."""
    for file in sorted([*folder.glob("*.json"), *folder.glob("*/*.json")]):
        if looks_like_coco(file):
            yield file


def looks_like_coco(file: Path) -> bool:
    """Whether the file has images and annotations. One that is damaged may have been meant: reading it says so."""
    try:
        content = json.loads(file.read_bytes())
    except ValueError:
        return True
    return isinstance(content, dict) and {"images", "annotations"} <= content.keys()


def picture_folder(annotation_file: Path) -> Path:
    """The folder that has most of the first pictures of the file; missing ones are for `CocoDataset` to name.

    Raises:
        FileNotFoundError: none has any.
    """
    names = list(islice(picture_names(annotation_file), LOOKED_AT))
    folders = [folder for folder in candidates(annotation_file) if folder.is_dir()]
    present = [sum((folder / name).is_file() for name in names) for folder in folders]
    if names and not any(present):
        looked = ", ".join(str(folder) for folder in folders)
        raise FileNotFoundError(
            f"the pictures of {annotation_file} are not found: {names[0]} is in none of {looked}."
        )
    return folders[present.index(max(present))]


def picture_names(annotation_file: Path) -> Iterator[str]:
    """The file names of its images; none when it is damaged, which `CocoDataset` then says."""
    try:
        for image in json.loads(annotation_file.read_bytes())["images"]:
            yield str(image["file_name"])
    except (ValueError, KeyError, TypeError):
        return


def candidates(annotation_file: Path) -> list[Path]:
    """Where the pictures may be, for `root/annotations/instances_train.json` and for `root/train.json`.

    >>> [folder.as_posix() for folder in candidates(Path("root/annotations/instances_train2017.json"))][:4]
    ['root/annotations', 'root/annotations/images', 'root/annotations/instances_train2017', 'root/annotations/train2017']
    """
    stem = annotation_file.stem
    names = dict.fromkeys(["", "images", stem, stem.split("_")[-1]])  # instances_train2017 -> train2017
    near, above = annotation_file.parent, annotation_file.parent.parent
    places = [place for root in (near, above) for place in (root, root / "images")]
    return list(dict.fromkeys(place / name for place in places for name in names))
