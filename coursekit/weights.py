"""Weights and checkpoints on disk, as safetensors: never unpickled, never half written, never loaded into another model."""

import json
import os
from collections.abc import Generator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from coursekit.schema import Items

Tensors = dict[str, Tensor]


def save_weights(model: nn.Module, path: str | Path, **facts: str) -> None:
    """Write the weights of the model to a safetensors file, with the name of its class and other `facts` of it.

    A frozen `backbone` that is `shipped` is left out: its weights come with their own package. Those of any other,
    such as one with random weights, are in the file.
    """
    write_tensors(own_state(model), Path(path), {"model": type(model).__name__} | facts)


def load_weights(model: nn.Module, path: str | Path) -> None:
    """Load the weights of a file written by `save_weights` into the model.

    Raises:
        FileNotFoundError: the file does not exist.
        ValueError: it is damaged or of another model, which is then unchanged.
    """
    tensors, _ = read_tensors(Path(path))
    fits(model, tensors, path)
    model.load_state_dict(tensors, strict=False)
    if any(name.startswith("backbone.") for name in tensors):
        backbone: Any = model.backbone
        backbone.shipped = False  # from now on it has the weights of this file


@dataclass
class Checkpoint:
    """The file from which an interrupted run resumes."""

    path: Path
    model: nn.Module
    dataset: Items
    optimizer: torch.optim.Optimizer
    schedule: Any  # a dataclass of everything else that decides the run
    settings: dict[str, Any] = field(
        default_factory=dict
    )  # for the caller, who reads them with `settings_of`

    def keep(self, run: Generator[Any, None, None], save_every: int) -> Generator[Any, None, None]:
        """The steps of the run, saving each `save_every`th and the last one before a break.

        A step is saved when the caller has dealt with it, so that whatever it writes is complete up to a checkpoint.
        """
        done = 0
        try:
            for step in run:
                done = step.index
                yield step
                if done % save_every == 0 and done < step.total:
                    self.save(done)
        except GeneratorExit:
            self.save(done)
            raise
        self.path.unlink(missing_ok=True)

    def identity(self) -> dict:
        shapes = {name: list(value.shape) for name, value in own_state(self.model).items()}
        dataset = {"length": len(self.dataset), "fingerprint": getattr(self.dataset, "fingerprint", None)}
        return {"model": type(self.model).__name__, "shapes": shapes, "dataset": dataset} | asdict(
            self.schedule
        )

    def save(self, done: int) -> None:
        tensors = {f"model/{name}": value for name, value in own_state(self.model).items()}
        for number, state in self.optimizer.state_dict()["state"].items():
            tensors |= {f"optimizer/{number}/{key}": value for key, value in state.items()}
        header = {
            "run": json.dumps(self.identity()),
            "settings": json.dumps(self.settings),
            "done": str(done),
        }
        write_tensors(tensors, self.path, header)

    def resume(self) -> int:
        """How many steps are done; the model and the optimizer are as they were after them."""
        if not self.path.exists():
            return 0
        tensors, header = read_tensors(self.path)
        ours, theirs = self.identity(), json.loads(header.get("run", "{}"))
        for key, value in ours.items():
            if key not in theirs or theirs[key] != value:
                plain = isinstance(value, int | float | str) and key in theirs
                how = f"is {theirs[key]}, not {value}" if plain else "differs"
                raise ValueError(
                    f"{self.path} is the checkpoint of another run, whose {key} {how}: "
                    "remove it or name another file."
                )
        self.model.load_state_dict(below("model", tensors), strict=False)
        count = len(self.optimizer.param_groups[0]["params"])
        state = {number: below(f"optimizer/{number}", tensors) for number in range(count)}
        self.optimizer.load_state_dict(self.optimizer.state_dict() | {"state": state})
        return int(header["done"])


def below(folder: str, tensors: Tensors) -> Tensors:
    return {
        name.removeprefix(f"{folder}/"): t for name, t in tensors.items() if name.startswith(f"{folder}/")
    }


def own_state(model: nn.Module) -> Tensors:
    """The entries of the model's state, without those of a `backbone` that can be rebuilt."""
    backbone: Any = getattr(model, "backbone", None)
    shipped = getattr(backbone, "shipped", False) and not any(p.requires_grad for p in backbone.parameters())
    return {
        name: value
        for name, value in model.state_dict().items()
        if not (shipped and name.startswith("backbone."))
    }


def fits(model: nn.Module, tensors: Tensors, path: str | Path) -> None:
    """Raises: ValueError with the first tensor that is missing, not known or of another shape."""
    ours, needed = model.state_dict(), own_state(model)
    missing = [name for name in needed if name not in tensors]
    strange = [name for name in tensors if name not in ours or tensors[name].shape != ours[name].shape]
    if missing or strange:
        complaint = f"it lacks {missing[0]}" if missing else describe_strange(strange[0], tensors, ours)
        raise ValueError(f"{path} does not hold the weights of this {type(model).__name__}: {complaint}.")


def describe_strange(name: str, tensors: Tensors, ours: Tensors) -> str:
    if name not in ours:
        return f"it has {name}, which this model does not know"
    return f"its {name} is {tuple(tensors[name].shape)}, here it is {tuple(ours[name].shape)}"


def settings_of(path: Path) -> tuple[dict[str, Any], int]:
    """Return the settings that a checkpoint was written with, and how many steps are done; ({}, 0) without a file.

    Raises:
        ValueError: it is damaged.
    """
    if not path.exists():
        return {}, 0
    header = read_header(path)
    try:
        return json.loads(header.get("settings", "{}")), int(header["done"])
    except (ValueError, KeyError) as error:
        raise ValueError(f"{path} is not a checkpoint of a training: remove it to begin again.") from error


def write_tensors(tensors: Tensors, path: Path, header: dict[str, str]) -> None:
    """Replace the file atomically: a crash leaves the old one intact.

    Equal tensors and headers make equal bytes.

    Raises:
        OSError: the disk is full, or the folder is read-only; the old file is then still there.
    """
    from safetensors.torch import save

    content = with_sorted_header(
        save({name: t.detach().clone().contiguous() for name, t in tensors.items()}, header)
    )
    partial = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())  # some disks report only now that they are full
        os.replace(partial, path)
    except BaseException as error:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            kept = " The file that was there is unchanged." if path.exists() else ""
            raise OSError(f"{path} could not be written: {error.strerror or error}.{kept}") from error
        raise


def with_sorted_header(content: bytes) -> bytes:
    """Return a safetensors file with its header in alphabetical order: safetensors shuffles the metadata."""
    length = int.from_bytes(content[:8], "little")
    header = json.dumps(json.loads(content[8 : 8 + length]), sort_keys=True, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # the tensors begin at a multiple of 8 bytes
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def read_header(path: Path) -> dict[str, str]:
    """Return what a file says of itself, without its tensors. Raises: as `read_tensors`."""
    return read_file(path, tensors=False)[1]


def read_tensors(path: Path) -> tuple[Tensors, dict[str, str]]:
    """Raises: FileNotFoundError when there is no such file; ValueError when it is truncated or foreign."""
    return read_file(path)


def read_file(path: Path, tensors: bool = True) -> tuple[Tensors, dict[str, str]]:
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise FileNotFoundError(f"The file of weights {path} does not exist: save or train them first.")
    try:
        with safe_open(path, "pt") as file:
            names = file.keys() if tensors else []
            return {name: file.get_tensor(name) for name in names}, file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(
            f"{path} is truncated or not a safetensors file: remove it and make it again."
        ) from error
