"""Which format a folder is in, found by looking."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from coursekit.data.formats.coco import coco_splits, file_split
from coursekit.data.formats.cvat import cvat_splits
from coursekit.data.formats.instance_masks import mask_splits
from coursekit.data.formats.labelme import labelme_splits
from coursekit.data.formats.split import Split, folders_in
from coursekit.data.formats.voc import voc_splits
from coursekit.data.formats.yolo import yolo_splits

MOST_KINDS = 5  # of files, in the sentence on what a folder holds instead


def find_splits(path: Path, masks: bool = False) -> list[Split]:
    """Return the splits of a folder of annotated pictures, in the first format that fits, or of one COCO file.

    Args:
        masks: whether masks are wanted: VOC then takes the pictures that have some.
    Raises:
        FileNotFoundError: there is no such path, or no annotations in a format that is known.
        ValueError: a file that describes the data is damaged.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no {path}: name a folder of annotated pictures, or a .json file.")
    if path.is_file():
        if path.suffix.lower() in (".yaml", ".yml", ".xml"):
            return find_splits(path.absolute().parent, masks)
        return [file_split(path)]
    formats: tuple[Callable[[Path], list[Split]], ...] = (
        coco_splits,
        cvat_splits,
        lambda folder: voc_splits(folder, masks),
        yolo_splits,
        labelme_splits,
        mask_splits,
    )
    for splits in formats:
        if found := splits(path):
            return found
    raise FileNotFoundError(
        f"there is no annotation file in {path} that is known (COCO .json, VOC .xml, YOLO .txt, labelme .json, "
        f"CVAT .xml, masks): it holds {what_is_in(path)}."
    )


def what_is_in(folder: Path) -> str:
    """What a folder and those in it hold, in words.

    >>> what_is_in(Path(__file__).parent / "nothing")
    'nothing'
    """
    places = list(folders_in(folder)) if folder.is_dir() else []
    count = Counter(
        path.suffix.lower() or "no ending"
        for place in places
        for path in place.iterdir()
        if path.is_file() and not path.name.startswith(".")
    )
    kinds = [f"{number:,} {suffix}" for suffix, number in count.most_common(MOST_KINDS)]
    more = ["others"] if len(count) > MOST_KINDS else []
    return ", ".join(kinds + more) or "nothing"
