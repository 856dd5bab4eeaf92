"""The table of the league: how good each detector is, how fast, how large, and what its training took."""

import csv
import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from classroom.league.contestants import Contestant
from classroom.league.folders import Photographs, common_name, relabelled
from coursekit.metrics import Interval, coco_intervals


@dataclass(frozen=True)
class Standing:
    """A row of the table.

    Attributes:
        detector: its name.
        classes: how many classes were scored: those that it knows and that have objects.
        AP, AP50: value, low and high of a bootstrap over the photographs; None where nothing could be scored.
        ms: milliseconds per image, the median, decoding of the file not counted.
        parameters: how many.
        minutes: of CPU that its training took, if known.
    """

    detector: str
    classes: int
    AP: Interval | None
    AP50: Interval | None
    ms: float
    parameters: int
    minutes: float | None


def standings(contestants: Sequence[Contestant], photographs: Photographs) -> list[Standing]:
    """Return a row per detector, the best AP first.

    Raises:
        ValueError: there is no photograph.
    """
    if not len(photographs):
        raise ValueError("There is no annotated photograph to play on.")
    found: list[list] = [[] for _ in contestants]
    times: list[list[float]] = [[] for _ in contestants]
    for contestant in contestants:
        contestant.find(photographs[0][0])  # the first image is slow
    for image, _ in photographs:
        for each, contestant in enumerate(contestants):
            start = time.perf_counter()
            found[each].append(contestant.found(image, photographs.classes))
            times[each].append(1000 * (time.perf_counter() - start))
    rows = [row(*each, photographs) for each in zip(contestants, found, times, strict=True)]
    return sorted(rows, key=lambda row: row.AP or (-1.0, 0.0, 0.0), reverse=True)


def row(contestant: Contestant, found: list, times: list[float], photographs: Photographs) -> Standing:
    """One row; objects of classes that the detector does not know are left out."""
    known = {common_name(name) for name in contestant.classes}
    ours = [name for name in photographs.classes if common_name(name) in known]
    targets = [relabelled(photographs.target(i), photographs.classes, ours) for i in range(len(photographs))]
    predictions = [relabelled(each, photographs.classes, ours) for each in found]
    scored = {int(label) for target in targets for label in target["labels"]}
    scores = coco_intervals(predictions, targets) if scored else {}
    return Standing(
        contestant.name,
        len(scored),
        scores.get("AP"),
        scores.get("AP50"),
        round(median(times), 1),
        contestant.parameters,
        contestant.minutes,
    )


HEADINGS = (
    f"{'detector':24s} {'classes':>7s}  {'AP':18s} {'AP50':18s} {'ms':>6s} {'million':>8s} {'minutes':>8s}"
)


def as_text(rows: Sequence[Standing]) -> str:
    """Return the table as it is printed.

    >>> print(as_text([Standing("yolo", 2, (0.5, 0.4, 0.6), None, 21.0, 4_650_000, None)]))
    detector                 classes  AP                 AP50                   ms  million  minutes
    yolo                           2  0.500 [0.40, 0.60] –                    21.0      4.7        –
    """

    def words(score: Interval | None) -> str:
        return f"{score[0]:.3f} [{score[1]:.2f}, {score[2]:.2f}]" if score else "–"

    lines = [HEADINGS]
    for each in rows:
        minutes = "–" if each.minutes is None else f"{each.minutes:.1f}"
        numbers = f"{each.ms:6.1f} {each.parameters / 1e6:8.1f} {minutes:>8s}"
        lines.append(
            f"{each.detector:24s} {each.classes:7d}  {words(each.AP):18s} {words(each.AP50):18s} {numbers}"
        )
    return "\n".join(lines)


def write_table(rows: Sequence[Standing], photographs: Photographs, stem: str | Path) -> tuple[Path, Path]:
    """Write the table as STEM.csv and, with what it was made from, as STEM.json; return both paths."""
    path_csv, path_json = Path(f"{stem}.csv"), Path(f"{stem}.json")
    path_csv.parent.mkdir(parents=True, exist_ok=True)
    with path_csv.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(
            ["detector", "classes", *columns("AP"), *columns("AP50"), "ms", "parameters", "minutes"]
        )
        for each in rows:
            scores = [value for score in (each.AP, each.AP50) for value in score or ("", "", "")]
            minutes = "" if each.minutes is None else each.minutes
            writer.writerow([each.detector, each.classes, *scores, each.ms, each.parameters, minutes])
    about = {
        "folders": photographs.names,
        "photographs": len(photographs),
        "classes": list(photographs.classes),
    }
    about |= {"unknown": dict(photographs.unknown), "left_out": photographs.troubles}
    text = json.dumps(about | {"rows": [asdict(each) for each in rows]}, indent=1, ensure_ascii=False)
    path_json.write_text(text + "\n", encoding="utf-8")
    return path_csv, path_json


def columns(name: str) -> list[str]:
    return [name, f"{name}_low", f"{name}_high"]
