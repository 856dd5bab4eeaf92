"""COCO's JSON files in a folder, as COCO, Roboflow, CVAT, Label Studio and FiftyOne lay them out."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from coursekit.data.coco_checks import check_tables
from coursekit.data.formats.files import find_picture, folders_in, standard_name
from coursekit.data.formats.json_file import read_json
from coursekit.data.formats.split import Content, Split

LOOKED_AT = 50  # pictures, to tell which folder holds them
OTHER_TASKS = (
    "captions_",
    "person_keypoints_",
    "stuff_",
    "panoptic_",
    "image_info_",
)  # COCO's own, beside instances_


def coco_splits(folder: Path) -> list[Split]:
    """Return a split for each annotation file of a folder."""
    return [file_split(file, name_of_split(file, folder)) for file in annotation_files(folder)]


def file_split(file: Path, name: str = "") -> Split:
    return Split(name, "COCO", file, file.parent, partial(read_file, file))


def name_of_split(file: Path, folder: Path) -> str:
    """The split that an annotation file is for, from its own name or from the folders that it is in.

    >>> [name_of_split(Path("data") / name, Path("data")) for name in ("annotations/instances_val2017.json",
    ...     "valid/_annotations.coco.json", "annotations.json")]
    ['val', 'val', '']
    """
    pieces = file.relative_to(folder).with_suffix("").as_posix().replace("-", "_").replace(".", "_")
    words = [word for piece in reversed(pieces.split("/")) for word in reversed(piece.split("_"))]
    return next(filter(None, map(standard_name, words)), "")


def read_file(file: Path) -> Content:
    """Return the content of an annotation file, without the class that Roboflow adds and that no object has.

    Raises:
        ValueError: it is damaged, or no COCO file.
    """
    content = read_json(file)
    try:
        check_tables(content)
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from None
    notes = []
    for category in group_names(content):
        notes.append(
            f"The category {category['name']!r} of {file.name} only names a group, so it is no class."
        )
        content = content | {"categories": [each for each in content["categories"] if each is not category]}
    return Content(content, notes=notes, image_folder=picture_folder(file, content))


def group_names(content: dict) -> list[dict]:
    """Roboflow's category 0: the others name it as their supercategory, and no object has it."""
    categories = [each for each in content["categories"] if isinstance(each, dict)]
    groups = {str(each.get("supercategory")) for each in categories if each.get("id") != 0}
    first = [
        each
        for each in categories
        if each.get("id") == 0 and each.get("supercategory") == "none" and str(each.get("name")) in groups
    ]
    used = any(isinstance(row, dict) and row.get("category_id") == 0 for row in content["annotations"])
    return [] if used else first


def annotation_files(folder: Path) -> Iterator[Path]:
    """The JSON files of a folder and of the folders in it that look like COCO's, those of objects alone."""
    found = [file for each in folders_in(folder) for file in sorted(each.glob("*.json"))]
    objects = {file.parent for file in found if file.name.startswith("instances_")}
    for file in found:
        other_task = file.parent in objects and file.name.startswith(OTHER_TASKS)
        if not file.name.startswith(".") and not other_task and looks_like_coco(file):
            yield file


def looks_like_coco(file: Path) -> bool:
    """Whether the file has images and annotations. One that is damaged may have been meant: reading it says so."""
    try:
        content = read_json(file)
    except ValueError:
        return b'"images"' in file.read_bytes() or b'"annotations"' in file.read_bytes()
    return (
        isinstance(content, dict) and {"images", "annotations"} <= content.keys() and not is_caption(content)
    )


def is_caption(content: dict) -> bool:
    rows = content["annotations"]
    first = rows[0] if isinstance(rows, list) and rows else None
    return isinstance(first, dict) and "caption" in first and "bbox" not in first


def picture_folder(annotation_file: Path, annotations: dict) -> Path:
    """The folder that has most of the first pictures of the file; missing ones are named later.

    Raises:
        FileNotFoundError: none has any.
    """
    names = list(islice(picture_names(annotations), LOOKED_AT))
    folders = [folder for folder in candidates(annotation_file) if folder.is_dir()]
    present = [sum(find_picture(folder, name) is not None for name in names) for folder in folders]
    if names and not any(present):
        looked = ", ".join(str(folder) for folder in folders)
        raise FileNotFoundError(
            f"the pictures of {annotation_file} are not found: {names[0]} is in none of {looked}."
        )
    return folders[present.index(max(present))]


def picture_names(annotations: dict) -> Iterator[str]:
    for image in annotations["images"]:
        if isinstance(image, dict) and isinstance(image.get("file_name"), str):
            yield image["file_name"]


def candidates(annotation_file: Path) -> list[Path]:
    """Where the pictures may be, for `root/annotations/instances_train.json` and for `root/train.json`.

    >>> [folder.as_posix() for folder in candidates(Path("root/annotations/instances_train2017.json"))][:4]
    ['root/annotations', 'root/annotations/images', 'root/annotations/data', 'root/annotations/instances_train2017']
    """
    stem = annotation_file.stem
    names = dict.fromkeys(
        ["", "images", "data", stem, stem.split("_")[-1]]
    )  # instances_train2017 -> train2017
    near, above = annotation_file.parent, annotation_file.parent.parent
    places = [place for root in (near, above) for place in (root, root / "images", root / "data")]
    return list(dict.fromkeys(place / name for place in places for name in names))
