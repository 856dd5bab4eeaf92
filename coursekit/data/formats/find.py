"""Which format a folder is in, found by looking."""

from collections.abc import Callable
from pathlib import Path
from zipfile import is_zipfile

from coursekit.data.formats.coco import coco_splits, file_split
from coursekit.data.formats.cvat import cvat_splits
from coursekit.data.formats.files import SUFFIXES, files_in, folders_in
from coursekit.data.formats.instance_masks import mask_splits
from coursekit.data.formats.labelme import labelme_splits
from coursekit.data.formats.split import Split
from coursekit.data.formats.table import COLUMNS, table_split, table_splits
from coursekit.data.formats.voc import voc_splits
from coursekit.data.formats.yolo import yolo_splits

MOST_KINDS = 5  # of files, in the sentence on what a folder holds instead
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".7z", ".rar")
Reader = Callable[[Path], list[Split]]


def find_splits(path: Path, masks: bool = False) -> list[Split]:
    """Return the splits of a folder of annotated pictures, in the first format that fits, or of one file.

    `also` of each split says which other formats the folder is annotated in.

    Args:
        masks: whether masks are wanted: VOC then takes the pictures that have some.
    Raises:
        FileNotFoundError: there is no such path, or no annotations in a format that is known.
        ValueError: a file that describes the data is damaged, or is an archive or a picture.
    """

    def voc(folder: Path) -> list[Split]:
        return voc_splits(folder, masks)

    if not path.exists():
        raise FileNotFoundError(f"there is no {path}: name a folder of annotated pictures, or a .json file.")
    if path.is_file():
        return splits_of_file(path, voc)
    readers: list[Reader] = [
        coco_splits,
        cvat_splits,
        voc,
        yolo_splits,
        labelme_splits,
        table_splits,
        mask_splits,
    ]
    rest = iter(readers)
    first = next(filter(None, (read(path) for read in rest)), [])
    if not first:
        raise FileNotFoundError(
            f"there is no annotation file in {path} that is known (COCO .json, VOC .xml, YOLO .txt, labelme .json, "
            f"CVAT .xml, .csv with {', '.join(COLUMNS)}, masks): it holds {what_is_in(path)}."
        )
    also = [
        other_format(read, path)
        for read in rest
        if not (first[0].format == "COCO" and read is labelme_splits)
    ]
    for split in first:
        split.also = list(filter(None, also))
    return first


def splits_of_file(path: Path, voc: Reader) -> list[Split]:
    """The splits of a file that is named, or of the folder that it describes.

    Raises:
        FileNotFoundError, ValueError: it is damaged, or describes nothing.
    """
    ending, above = path.suffix.lower(), path.absolute().parent
    if ending in (".yaml", ".yml", ".xml"):
        found = (cvat_splits(above) or voc(above)) if ending == ".xml" else yolo_splits(above)
        if not found:
            raise FileNotFoundError(
                f"{path} describes no pictures that are there: name the folder that has them."
            )
        return found
    if ending in ARCHIVES or is_zipfile(path):
        raise ValueError(f"{path} is an archive: unpack it, and name the folder.")
    if ending in SUFFIXES:
        raise ValueError(f"{path} is a picture: name the folder of annotated pictures.")
    return [table_split(path) if ending == ".csv" else file_split(path)]


def other_format(read: Reader, path: Path) -> str:
    """A sentence on what a folder holds in a format that is not taken, and how to take it; empty if nothing."""
    try:
        found = read(path)
    except (ValueError, OSError):  # damaged, and not asked for
        return ""
    if not found:
        return ""
    split = found[0]
    by_source = split.source.is_file() or split.format in ("VOC", "labelme")
    source = split.source.relative_to(path).as_posix()
    way = source if by_source else split.folder.relative_to(path).as_posix()
    advice = f": name {path / way} to take them" if split.format != "masks" else ""
    return f"There are annotations in {source} too ({split.format}), which are not read{advice}."


def what_is_in(folder: Path) -> str:
    """What a folder and those in it hold, in words.

    >>> what_is_in(Path(__file__).parent / "nothing")
    'nothing'
    """
    kinds: dict[str, list[str]] = {}
    for place in folders_in(folder) if folder.is_dir() else ():
        for path in files_in(place):
            kinds.setdefault(path.suffix.lower() or "no ending", []).append(path.name)
    most = sorted(kinds.items(), key=lambda kind: -len(kind[1]))[:MOST_KINDS]
    said = [
        f"{len(names):,} {ending}" + (f" ({names[0]})" if len(names) == 1 else "") for ending, names in most
    ]
    return ", ".join(said + ["others"] * (len(kinds) > MOST_KINDS)) or "nothing"
