"""Arguments for every public operator and metric, and what can go wrong with them: for tests that try both together.

`python tests/shared/odd_inputs.py 2000` tries 2,000 odd inputs of each function and says which answers were neither
right nor a refusal in our own words.
"""

import copy
import linecache
import random
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from operator_arguments import METRICS, OPERATORS
from torch import Tensor

from coursekit import metrics, ops

HOME = str(Path(ops.__file__).parents[1])
FLOATS = torch.float64, torch.float32, torch.float16, torch.bfloat16
DTYPES = (*FLOATS, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.bool)
ODD_NUMBERS = float("nan"), float("inf"), -float("inf"), 1e20, -1e30, 60_000.0, -1.0, 0.0
# NaN in what these are given need not show: they choose, and do not choose a NaN, or give it no pixel.
CHOOSING = {"remove_small_boxes", "match_by_iou", "rle_encode", "mask_iou", "mask_boundary", "masks_to_boxes"}
CHOOSING |= {"semantic_map", "roi_align", "roi_pool", "crop_and_resize", "pyramid_roi_align", "max_unpool2d"}
CHOOSING |= {
    "corner_pool",
    "matched",
    "mean_best_iou",
    "proposal_recall",
    "localisation_scores",
    "set_scores",
}
CHOOSING |= {
    "group_corners",
    "refine_peaks",
    "iou_of_classes",
    "mean_iou",
    "pixel_accuracy",
    "claim_best",
    "heat_scores",
}


def leaves(value) -> Iterator[tuple]:
    """Every tensor or plain number in some arguments: what holds it, and its key there."""
    for key, inside in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inside, Tensor | int | float) and not isinstance(inside, bool):
            yield value, key
        elif isinstance(inside, list | dict):
            yield from leaves(inside)


def spoil(arguments: list, chance: random.Random) -> str:
    """Change one of the arguments for the worse, and say how."""
    places = list(leaves(arguments))
    if not places:
        return "nothing"
    holder, key = chance.choice(places)
    value = holder[key]
    if not isinstance(value, Tensor):
        whole = isinstance(value, int)
        holder[key] = chance.choice([-1, 0] if whole else [float("nan"), float("inf"), -1.0, 0.0])
        return "number"
    kind = chance.choice(["dtype", "shape", "content", "empty", "numpy", "layout", "gradient", "nothing"])
    if kind == "dtype":
        holder[key] = value.to(chance.choice(DTYPES))
    elif kind == "shape":
        row = torch.atleast_1d(value)
        shapes = (
            value[None],
            row[..., :-1],
            value.flatten(),
            value[..., None],
            value.sum(),
            torch.cat([row, row]),
        )
        holder[key] = chance.choice(shapes)
    elif kind == "empty":
        axis = chance.randrange(max(value.ndim, 1))
        holder[key] = value.narrow(axis, 0, 0) if value.ndim else value
    elif kind == "content" and value.numel():
        number = chance.choice(ODD_NUMBERS)
        holder[key] = value = value.detach().clone(memory_format=torch.contiguous_format)
        if value.is_floating_point() or (value.dtype == torch.int64 and abs(number) < 1e6):
            value.view(-1)[chance.randrange(value.numel())] = number
    elif kind == "numpy":
        holder[key] = value.detach().numpy() if value.dtype != torch.bfloat16 else value
    elif kind == "layout" and value.ndim > 1:
        holder[key] = value.transpose(0, -1).contiguous().transpose(0, -1)
    elif kind == "gradient" and value.is_floating_point():
        holder[key] = value.clone().requires_grad_()
    return kind


def numbers_in(value) -> Iterator[Tensor]:
    """All tensors of an answer or of arguments."""
    if isinstance(value, Tensor):
        yield value.detach()
    elif isinstance(value, np.ndarray | float | int) and not isinstance(value, bool):
        if np.asarray(value).dtype.kind in "fiub":
            yield torch.as_tensor(np.asarray(value))
    elif isinstance(value, dict):
        yield from (each for inside in value.values() for each in numbers_in(inside))
    elif isinstance(value, list | tuple):
        yield from (each for inside in value for each in numbers_in(inside))


def in_double(value):
    """The same arguments in double precision, whole numbers untouched."""
    if isinstance(value, Tensor):
        return value.detach().double() if value.is_floating_point() else value
    if isinstance(value, dict):
        return {key: in_double(inside) for key, inside in value.items()}
    if isinstance(value, list):
        return [in_double(inside) for inside in value]
    return type(value)(*map(in_double, value)) if isinstance(value, ops.Match | ops.Peaks) else value


def is_ours(error: Exception) -> bool:
    """Whether an error is one that this library raises itself, in a sentence."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    raised = linecache.getline(last.filename, last.lineno).strip().startswith("raise")
    return (
        isinstance(error, ValueError | TypeError)
        and last.filename.startswith(HOME)
        and raised
        and len(str(error)) > 20
    )


def fault(name: str, function: Callable, arguments: list) -> str:
    """What is wrong with the answer to some arguments: nothing, or a few words."""
    before = copy.deepcopy(in_double(arguments))
    has_nan = any(x.is_floating_point() and bool(x.isnan().any()) for x in numbers_in(arguments))
    far = any(x.numel() and not bool((x.double().abs() < 1e5).all()) for x in numbers_in(arguments))
    try:
        answer = list(numbers_in(function(*arguments)))
    except Exception as error:  # noqa: BLE001 -- whatever it is, it is looked at
        return "" if is_ours(error) else f"{type(error).__name__}: {str(error)[:150]}"
    if has_nan:
        shows = any(not bool(x.isfinite().all()) for x in answer if x.is_floating_point())
        return "" if shows or name in CHOOSING else "a NaN goes in and does not show in what comes out"
    if far:
        return ""  # beyond the range of single precision, where a test of its own looks
    if any(x.is_floating_point() and bool(x.isnan().any()) for x in answer) and name not in UNDEFINED:
        return "NaN comes out of finite numbers"
    try:
        wanted = list(numbers_in(function(*before)))
    except Exception as error:  # noqa: BLE001
        return f"an answer in this precision, but in double precision {error}"
    for got, right in zip(answer, wanted, strict=True):
        coarse = {torch.float16: 0.02, torch.bfloat16: 0.1}
        lowest = [coarse[x.dtype] for x in numbers_in(arguments) if x.dtype in coarse]
        if got.shape != right.shape and not lowest:
            return f"shape {tuple(got.shape)}, in double precision {tuple(right.shape)}"
        near = max([1e-3, *lowest])
        if got.shape == right.shape and right.is_floating_point() and not lowest:
            if not torch.allclose(got.double(), right.double(), near, near, equal_nan=True):
                return "another number than in double precision"
    return ""


UNDEFINED = {
    "iou_of_classes",
    "mean_iou",
    "pixel_accuracy",
    "semantic_scores",
    "semantic_counts",
    "boundary_f",
}


def try_out(name: str, count: int, seed: int = 0) -> Iterator[tuple[str, list]]:
    """Yield what is wrong with the answers to `count` spoilt inputs of one function, and the inputs."""
    build = (OPERATORS | METRICS)[name]
    function = getattr(ops if name in OPERATORS else metrics, name)
    chance = random.Random(f"{name} {seed}")
    for _ in range(count):
        torch.manual_seed(chance.randrange(2**31))
        random.seed(chance.random())
        arguments = build()
        for _ in range(chance.choice([1, 1, 2])):
            spoil(arguments, chance)
        said = fault(name, function, arguments)
        if said:
            yield said, arguments


def main(count: int) -> None:
    torch.set_num_threads(1)
    faults: Counter = Counter()
    for name in (*OPERATORS, *METRICS):
        for said, arguments in try_out(name, count, seed=1):
            if not faults[name, said]:
                shapes = [(x.dtype, tuple(x.shape)) for x in numbers_in(arguments)]
                print(f"{name}: {said}\n    {str(shapes).replace('torch.', '')}", flush=True)
            faults[name, said] += 1
    print(f"{len(OPERATORS) + len(METRICS)} functions, {count} inputs each, {len(faults)} kinds of faults")


if __name__ == "__main__":
    main(int(sys.argv[1]))
