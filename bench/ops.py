"""Print and record how coursekit's box operators compare with torchvision's: `python bench/ops.py`.

Both run in one process, turn by turn, so that a busy machine slows both alike; the ratio is the median over
the turns. The table in bench/README.md is rewritten.
"""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # or two threads spin while a neighbour computes

import platform
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import torch
import torchvision
from torch import Tensor
from torchvision.models.detection._utils import BoxCoder

from coursekit import ops

SIZES = ((100, 100), (1000, 100), (20000, 100))  # N boxes against M; the elementwise operators see N
TURNS, SECONDS_A_TURN = 61, 0.002
README = Path(__file__).parent / "README.md"
START, END = "<!-- ops: start -->", "<!-- ops: end -->"
WEIGHTS = (10.0, 10.0, 5.0, 5.0)


class Pair(NamedTuple):
    """One operator, ours and torchvision's, as functions without arguments."""

    name: str
    size: str
    ours: Callable[[], Tensor]
    peer: Callable[[], Tensor]


def random_boxes(count: int, seed: int) -> Tensor:
    """Boxes of 5 to 100 pixels in an image of 300 x 500: (count, 4) float32."""
    chance = torch.rand(count, 4, generator=torch.Generator().manual_seed(seed))
    corner = chance[:, :2] * torch.tensor([400.0, 200.0])
    return torch.cat([corner, corner + 5 + 95 * chance[:, 2:]], 1)


def pairwise(n: int, m: int) -> list[Pair]:
    """The operators that compare N boxes with M."""
    a, b, size, peer = random_boxes(n, 0), random_boxes(m, 1), f"{n} x {m}", torchvision.ops
    names = ("box_iou", "generalized_box_iou")
    return [
        Pair(name, size, partial(getattr(ops, name), a, b), partial(getattr(peer, name), a, b))
        for name in names
    ]


def elementwise(n: int) -> list[Pair]:
    """The operators that go through N boxes one by one."""
    a, near, size, coder = random_boxes(n, 0), random_boxes(n, 2), f"{n}", BoxCoder(WEIGHTS)
    offsets = ops.encode_boxes(a, near, WEIGHTS)
    encoders = partial(ops.encode_boxes, a, near, WEIGHTS), partial(coder.encode_single, a, near)
    decoders = partial(ops.decode_boxes, offsets, near, WEIGHTS), partial(coder.decode_single, offsets, near)
    converters = [
        Pair(
            f"box_convert {source} to {goal}",
            size,
            partial(ops.box_convert, a, source, goal),
            partial(torchvision.ops.box_convert, a, source, goal),
        )
        for source, goal in (("xyxy", "cxcywh"), ("cxcywh", "xyxy"), ("xywh", "xyxy"))
    ]
    return [*converters, Pair("encode_boxes", size, *encoders), Pair("decode_boxes", size, *decoders)]


def seconds(run: Callable[[], Tensor], repeats: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(repeats):
        run()
    return (clock() - start) / repeats


def compare(pair: Pair, threads: int) -> tuple[float, float]:
    """Median seconds of ours, and the median over the turns of ours / torchvision's."""
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter  # CPU time does not see the neighbours
    seconds(pair.ours, 3, clock)
    repeats = max(1, round(SECONDS_A_TURN / max(seconds(pair.peer, 5, clock), 1e-9)))
    turns = [(seconds(pair.ours, repeats, clock), seconds(pair.peer, repeats, clock)) for _ in range(TURNS)]
    ratio = statistics.median(ours / peer for ours, peer in turns)
    return statistics.median(ours for ours, _ in turns), ratio


def table() -> Iterator[str]:
    yield "| operator | boxes | largest difference | time, 1 thread | ratio, 1 thread | ratio, 2 threads |"
    yield "|---|--:|--:|--:|--:|--:|"
    for pair in chain.from_iterable(pairwise(n, m) + elementwise(n) for n, m in SIZES):
        difference = (pair.ours() - pair.peer()).abs().max().item()
        time_one, one = compare(pair, threads=1)
        _, two = compare(pair, threads=2)
        times = f"{time_one * 1e6:.0f} µs | {one:.2f} | {two:.2f}"
        yield f"| {pair.name} | {pair.size} | {difference:.0e} | {times} |"


def machine() -> str:
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    versions = f"torch {torch.__version__}, torchvision {torchvision.__version__}"
    return f"{processor()}, {os.cpu_count()} cores; {versions}; 1-minute load average at the start {load}."


def processor() -> str:
    listing = Path("/proc/cpuinfo")
    lines = listing.read_text().splitlines() if listing.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def record(text: str) -> None:
    before, _, rest = README.read_text(encoding="utf-8").partition(START)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")


def main() -> None:
    lines = [machine(), ""]
    print(lines[0])
    for row in table():
        print(row, flush=True)
        lines.append(row)
    record("\n".join(lines))


if __name__ == "__main__":
    main()
