"""`coursekit data FOLDER`: what a folder of annotated pictures holds, and what is wrong with it; convert it; the cache."""

from argparse import Namespace
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import median

from coursekit.commands.contact_sheet import save_sheet
from coursekit.commands.room import check_writable
from coursekit.data.coco import CocoDataset, area_of
from coursekit.data.coco_checks import number_of
from coursekit.data.coco_folder import advice, relative, side_of
from coursekit.data.feature_cache import clear_cache, kept_features
from coursekit.data.features import cache_folder
from coursekit.data.formats.find import find_splits
from coursekit.data.formats.split import Split
from coursekit.data.formats.write import Part, write_dataset
from coursekit.data.inspection import Report, inspect, listing, shared_pictures

SMALL, MEDIUM = 32**2, 96**2  # square pixels, as COCO counts
ORDER = {"train": 0, "trainval": 1, "val": 2, "test": 3}
SHOWN = 10  # of what is wrong
USE = "`coursekit data FOLDER`, `coursekit data convert FOLDER TO --format coco` or `coursekit data cache --clear`."


def data(chosen: Namespace) -> int:
    """Show, convert or clear, as the words say; 1 if a folder has faults.

    Raises:
        ValueError, OSError: there is no such folder, or it cannot be read or written.
    """
    first, *rest = chosen.words
    if first == "cache" and not rest:
        return cache(chosen.clear)
    if first == "convert" and len(rest) == 2:
        return convert(Path(rest[0]), Path(rest[1]), chosen.format, chosen.skip_bad)
    if rest or first == "convert":
        raise ValueError(f"Say {USE}")
    return show(Path(first), chosen.sheet)


def show(path: Path, sheet: str | None) -> int:
    """Print what a folder holds and what is wrong with it, and perhaps draw some of its pictures."""
    if sheet:
        check_writable(Path(sheet), "--sheet")
    splits = sorted(find_splits(path), key=lambda split: ORDER.get(split.name, len(ORDER)))
    reports = [inspect(split, masks=True) for split in splits]
    sources = dict.fromkeys(str(relative(split.source, path)) for split in splits)
    print(f"{path}: {splits[0].format}, from {', '.join(sources)}")
    parts = parts_of(reports)
    for lines in (table(parts), classes(parts), sizes([report.annotations for report in reports])):
        print("", *lines, sep="\n")
    faults = [fault.sentence for report in reports for fault in report.faults]
    notes = [note for report in reports for note in named(report)] + list(shared_pictures(reports))
    notes += splits[0].also
    notes += ["It is not split: the names of the pictures decide."] if len(parts) > len(splits) else []
    for title, sentences in (("Wrong", faults), ("To know", notes)):
        if sentences:
            print(f"\n{title}:", *bullets(sentences), sep="\n")
    if not faults:
        print("\nNothing is wrong.")
    if sheet:
        save_sheet([open_report(report) for report in reports], Path(sheet))
        print(f"Some of the pictures are drawn in {sheet}.")
    return 1 if faults else 0


def named(report: Report) -> Iterator[str]:
    prefix = f"{report.split.name}: " if report.split.name else ""
    return (f"{prefix}{note}" for note in report.notes)


def bullets(sentences: Sequence[str]) -> Iterator[str]:
    """The first sentences, one on each line, and how many more there are.

    >>> list(bullets(["a"] * 12))[-2:]
    ['- a', '- and 2 more']
    """
    yield from (f"- {sentence}" for sentence in sentences[:SHOWN])
    if len(sentences) > SHOWN:
        yield f"- and {len(sentences) - SHOWN:,} more"


def open_report(report: Report) -> CocoDataset:
    return CocoDataset(report.split.source, report.split.image_folder, annotations=report.annotations)


def parts_of(reports: Sequence[Report]) -> dict[str, dict]:
    """The splits by their names; a folder with one set is split as for a training."""
    if len(reports) == 1 and reports[0].split.name not in ("val", "test"):
        sides = {side: side_of(reports[0].annotations, side)[0] for side in ("train", "val")}
        if len(sides["train"]["images"]) < len(reports[0].annotations["images"]):
            return sides
    return {report.split.name or "all": report.annotations for report in reports}


def table(parts: dict[str, dict]) -> Iterator[str]:
    """One line for each split: its images and its objects, by their size as COCO counts it."""
    yield f"{'split':12s} images  objects  small  medium  large  crowds  images without objects"
    for name, each in parts.items():
        rows = each["annotations"]
        areas = [area_of(row) for row in rows if not row.get("iscrowd")]
        small, large = sum(area < SMALL for area in areas), sum(area >= MEDIUM for area in areas)
        counts = (len(each["images"]), len(areas), small, len(areas) - small - large, large)
        numbers = " ".join(f"{count:{width}d}" for count, width in zip(counts, (6, 8, 6, 7, 6), strict=True))
        without = len(each["images"]) - len({row["image_id"] for row in rows})
        yield f"{name:12s} {numbers} {len(rows) - len(areas):7d} {without:6d}"


def classes(parts: dict[str, dict]) -> Iterator[str]:
    """One line for each class: its objects in each split."""
    counts = {name: count_by_class(each) for name, each in parts.items()}
    names = dict.fromkeys(name for count in counts.values() for name in count)
    width = max([12, *map(len, names)])
    yield f"{'class':{width}s} " + " ".join(f"{name:>7s}" for name in parts)
    for name in names:
        yield f"{name:{width}s} " + " ".join(f"{counts[part][name]:{max(7, len(part))}d}" for part in parts)


def count_by_class(annotations: dict) -> Counter[str]:
    names = {category["id"]: str(category["name"]) for category in annotations["categories"]}
    count = Counter({name: 0 for name in names.values()})
    count.update(names[row["category_id"]] for row in annotations["annotations"])
    return count


def sizes(all_annotations: Iterable[dict]) -> Iterator[str]:
    """The sizes of the pictures, in words."""
    found = [(image["width"], image["height"]) for each in all_annotations for image in each["images"]]
    if found:
        low, high = (f(found, key=lambda size: size[0] * size[1]) for f in (min, max))
        middle = tuple(round(median(side)) for side in zip(*found, strict=True))
        yield (
            f"{number_of(len(found), 'picture')} of {number_of(len(set(found)), 'size')}: from {low[0]} x {low[1]} "
            f"to {high[0]} x {high[1]} pixels (width x height), median {middle[0]} x {middle[1]}."
        )


def convert(path: Path, to: Path, form: str, skip_bad: bool) -> int:
    """Write a folder in another format, with copies of its pictures and with the split that a training would take."""
    check_writable(to / "classes.txt", "")
    reports = [inspect(split, masks=True) for split in find_splits(path)]
    faults = [fault for report in reports for fault in report.faults]
    if faults and not skip_bad:
        raise ValueError(listing(faults, advice(faults)))
    folder = reports[0].split.image_folder
    if len(reports) == 1:
        parts = {name: Part(each, folder) for name, each in parts_of(reports).items()}
    else:
        parts = {
            part_name(report.split): Part(report.annotations, report.split.image_folder) for report in reports
        }
    write_dataset({"train" if name == "all" else name: part for name, part in parts.items()}, to, form)
    counts = ", ".join(f"{name} {len(part.annotations['images'])}" for name, part in parts.items())
    print(f"{to} holds the pictures in the format {form}: {counts}.")
    crowds = sum(
        bool(row.get("iscrowd")) for part in parts.values() for row in part.annotations["annotations"]
    )
    if crowds and form == "yolo":
        print(f"{number_of(crowds, 'crowd')} left out: YOLO has none.")
    return 0


def part_name(split: Split) -> str:
    return split.name.replace("/", "_").replace(" ", "_") or split.source.stem


def cache(clear: bool) -> int:
    """Say what is in the cache of features, or empty it."""
    if clear:
        print(f"{clear_cache() / 1e6:,.1f} MB removed from {cache_folder()}.")
        return 0
    kept = kept_features()
    for each in kept:
        print(
            f"{each.folder.name}  {each.size / 1e6:9,.1f} MB  {number_of(each.images, 'image')}, {each.levels}"
        )
    total = sum(each.size for each in kept) / 1e6
    print(f"{total:,.1f} MB in {cache_folder()}; `coursekit data cache --clear` removes them.")
    return 0
