"""What the comparison found: kept in ops.json, shown as tables and a plot in README.md."""

import json
import os
import platform
from collections.abc import Iterator
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from compare import FORWARD
from growth import draw_growth

HERE = Path(__file__).parent
README, RESULTS, PLOT = HERE / "README.md", HERE / "ops.json", HERE / "growth.svg"
LIBRARIES = "torch", "torchvision", "numpy", "scipy", "scikit-image", "pycocotools", "faster-coco-eval"
OUR_OWN = ("plain loop", "formula", "patches")  # peers that no library has
PLOTTED = (
    "box_iou",
    "nms, scattered",
    "nms, heaped",
    "batched_nms",
    "roi_align",
    "sigmoid_focal_loss",
    "match_by_iou",
    "coco_metrics, boxes",
)
HEADER = (
    "| operator | size | peer | largest difference | our time | ratio, 1 thread | aim | ratio, 2 threads "
    "| peak memory, ours / peer |\n|---|---|---|--:|--:|--:|--:|--:|--:|"
)


def load() -> dict:
    return json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {"rows": []}


def save(results: list[dict], before: dict) -> None:
    """Put the new rows in the places of the old ones; rows that no longer exist go."""
    from compare import ROWS

    kept = {row["name"]: row for row in before["rows"]} | {row["name"]: row for row in results}
    text = json.dumps({"rows": [kept[name] for name in ROWS if name in kept]}, indent=1)
    RESULTS.write_text(text + "\n", encoding="utf-8")


def machine() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    libraries = ", ".join(f"{name} {found}" for name in LIBRARIES if (found := installed(name)))
    return f"{date.today()}, {processor()}, {os.cpu_count()} cores, 1-minute load average at the start {load}; {libraries}"


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def processor() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text(encoding="utf-8").splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def write_readme() -> None:
    found = load()["rows"]
    draw_growth([row for row in found if row["name"] in PLOTTED], PLOT)
    write_part("ops", "\n".join(report(found)))


def write_part(name: str, text: str) -> None:
    """Put a text between the two comments of README.md that bear a name."""
    start, end = f"<!-- {name}: start -->", f"<!-- {name}: end -->"
    before, _, rest = README.read_text(encoding="utf-8").partition(start)
    _, _, after = rest.partition(end)
    README.write_text(f"{before}{start}\n{text}\n{end}{after}", encoding="utf-8")


def report(found: list[dict]) -> Iterator[str]:
    yield from runs(found)
    yield from ("", summary(found))
    for group in dict.fromkeys(row["group"] for row in found):
        members = [row for row in found if row["group"] == group]
        yield from ("", f"### {group}", "", HEADER)
        for row in members:
            yield from map(table_row, row["lines"])
        yield from ("", *(f"- **{row['name']}**: {row['inputs']}." for row in members))


def runs(found: list[dict]) -> Iterator[str]:
    """Which run measured which rows: one line when one run measured all."""
    by_run: dict[str, list[str]] = {}
    for row in found:
        by_run.setdefault(row["run"], []).append(row["name"])
    for run, names in by_run.items():
        yield f"- {run}: " + ("all rows." if len(by_run) == 1 else f"{', '.join(names)}.")


def summary(found: list[dict]) -> str:
    lines = [line for row in found for line in row["lines"]]
    aimed = [line for line in lines if line["aim"] is not None]
    missed = [line for line in aimed if line["ratio"] > line["aim"]]
    text = f"{against_libraries(found)} {len(lines)} comparisons in all. Of {len(aimed)} aims {len(aimed) - len(missed)} are reached"
    names = [f"{title(line)} at {line['size']} ({line['ratio']:.2f}, aim {line['aim']:g})" for line in missed]
    return f"{text}; not: {'; '.join(names)}." if missed else f"{text}."


def against_libraries(found: list[dict]) -> str:
    """How many rows stand next to a library and are fast; teaching forms do not count."""
    ratios = [
        line["ratio"]
        for row in found
        if not row.get("teaching")
        for line in row["lines"]
        if line["peer"] not in OUR_OWN
    ]
    at_most = [f"**{sum(ratio <= limit for ratio in ratios)}** at most {limit} times" for limit in (1.2, 1.5)]
    return f"{len(ratios)} rows against libraries, one thread: {' and '.join(at_most)} the library's time."


def title(line: dict) -> str:
    return line["name"] if line["part"] == FORWARD else f"{line['name']}, {line['part']}"


def table_row(line: dict) -> str:
    two = "–" if line["ratio_two"] is None else f"{line['ratio_two']:.2f}"
    aim = "" if line["aim"] is None else f"{line['aim']:g}"
    ratio = f"{line['ratio']:.2f}" if line["ratio"] >= 0.1 else f"{line['ratio']:.3f}"
    if line["aim"] is not None and line["ratio"] > line["aim"]:
        ratio = f"**{ratio}**"
    memory = (
        "" if line["memory"] is None else f"{megabytes(line['memory'])} / {megabytes(line['peer_memory'])}"
    )
    numbers = f"{line['difference']:.0e} | {duration(line['seconds'])} | {ratio} | {aim} | {two} | {memory}"
    return f"| {title(line)} | {line['size']} | {line['peer']} | {numbers} |"


def duration(seconds: float) -> str:
    units = ("s", 1), ("ms", 1e3), ("µs", 1e6)
    unit, factor = next((pair for pair in units if seconds * pair[1] >= 1), units[-1])
    return f"{seconds * factor:.3g} {unit}"


def megabytes(amount: float | None) -> str:
    if amount is None:
        return "–"
    return "< 1 MB" if amount < 1 else f"{amount:.0f} MB"
