"""Values between the judge and the fence: JSON and safetensors, never an object whose loading runs code.

What a student's function returns may be anything. Numbers, texts, tensors, arrays, and tuples, lists and dicts of them
arrive as they are; of anything else arrives what kind of thing it is, which is all that a sentence about it needs.
"""

import builtins
import json
import struct
import sys
from collections import namedtuple
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save
from torch import Tensor

MOST_NUMBERS = 2_000_000  # of a tensor; of a larger one only the shape and the dtype arrive
MOST_CHARACTERS = 10_000  # of a text that a student's function returns
MOST_PARTS = 100_000  # of a tuple, list or dict
DEEPEST = 20


class NotPlain(TypeError):
    """A value that cannot be told in numbers, texts and tensors."""


def pack(value: Any, strict: bool = False) -> bytes:
    """Return a value as bytes: the length of its JSON, the JSON, the tensors.

    Raises:
        NotPlain: if `strict`, and something in it would not arrive as it is.
    """
    tensors: dict[str, Tensor] = {}
    text = json.dumps(_told(value, tensors, strict, 0)).encode()
    return struct.pack(">I", len(text)) + text + save(tensors)


def unpack(data: bytes) -> Any:
    """Return the value of these bytes.

    Raises:
        ValueError: they are damaged.
    """
    try:
        (length,) = struct.unpack_from(">I", data)
        return _made(json.loads(data[4 : 4 + length]), load(data[4 + length :]))
    except Exception as error:  # safetensors has errors of its own; what is inside may be made up by anybody
        raise ValueError(f"This is not a value from the fence: {type(error).__name__}.") from error


def _told(value: Any, tensors: dict[str, Tensor], strict: bool, depth: int) -> Any:
    """The value in JSON: None, bool and text as they are, everything else as [kind, ...]."""

    def inside(part: Any) -> Any:
        return _told(part, tensors, strict, depth + 1)

    if value is None or type(value) is bool:
        return value
    if isinstance(value, str):
        return str(value) if strict else str(value)[:MOST_CHARACTERS]  # a cell of a notebook may be longer
    if type(value) in (int, float, complex):
        return ["number", type(value).__name__, repr(value)[:400]]
    if depth > DEEPEST or strict and type(value) not in (Tensor, tuple, list, dict) and not _is_named(value):
        return _other(value, strict)
    if isinstance(value, Tensor):
        return _told_tensor(value, tensors)
    if isinstance(value, np.ndarray | np.generic):
        return _told_array(value, tensors)
    if _is_named(value) and len(value) <= MOST_PARTS:
        kind = type(value)
        return ["named", kind.__module__, kind.__name__, list(kind._fields), [*map(inside, value)]]
    if isinstance(value, tuple | list) and len(value) <= MOST_PARTS:
        return ["list" if isinstance(value, list) else "tuple", [inside(part) for part in value]]
    if isinstance(value, dict) and len(value) <= MOST_PARTS:
        return ["dict", [[inside(key), inside(part)] for key, part in value.items()]]
    return _other(value, strict)


def _is_named(value: Any) -> bool:
    return isinstance(value, tuple) and isinstance(getattr(value, "_fields", None), tuple)


def _told_tensor(value: Tensor, tensors: dict[str, Tensor]) -> Any:
    ordinary = value.layout == torch.strided and value.device.type == "cpu" and not value.is_quantized
    if not ordinary:
        return ["strange", list(value.shape)]
    dtype, plain = str(value.dtype).removeprefix("torch."), value.detach()
    if value.numel() > MOST_NUMBERS:
        return ["large", dtype, list(value.shape)]
    plain = torch.view_as_real(plain.resolve_conj()) if plain.is_complex() else plain
    tensors[name := str(len(tensors))] = plain.clone(memory_format=torch.contiguous_format)
    return ["tensor", dtype, name, value.requires_grad]


def _told_array(value: Any, tensors: dict[str, Tensor]) -> Any:
    try:
        told = _told_tensor(torch.from_numpy(np.array(value)), tensors)
    except TypeError:  # an array of texts or of objects
        return _other(value, False)
    return ["array" if isinstance(value, np.ndarray) else "scalar", told]


def _other(value: Any, strict: bool) -> Any:
    if strict:
        raise NotPlain(type(value).__name__)
    kind = "class" if isinstance(value, type) else "function" if callable(value) else "other"
    name = value.__name__ if isinstance(value, type) else type(value).__name__
    return [kind, name[:80]]


def _made(told: Any, tensors: dict[str, Tensor]) -> Any:
    """The value again."""
    if not isinstance(told, list):
        return told
    kind, *rest = told
    if kind in ("tuple", "list"):
        parts = [_made(part, tensors) for part in rest[0]]
        return parts if kind == "list" else tuple(parts)
    if kind == "dict":
        return {_made(key, tensors): _made(part, tensors) for key, part in rest[0]}
    if kind == "named":
        return _named_class(*rest[:3])(*(_made(part, tensors) for part in rest[3]))
    if kind in ("array", "scalar"):
        array = _made(rest[0], tensors).numpy()
        return array if kind == "array" else array[()]
    return _ONE[kind](tensors, *rest)


def _number(_: dict, kind: str, text: str) -> Any:
    return {"int": int, "float": float, "complex": complex}[kind](text)


def _tensor(tensors: dict, dtype: str, name: str, requires_grad: bool) -> Tensor:
    value = tensors[name]
    value = torch.view_as_complex(value) if dtype.startswith("complex") else value
    return value.requires_grad_() if requires_grad else value


def _large(_: dict, dtype: str, shape: list[int]) -> Tensor:
    """A tensor of one number that is everywhere: its shape is all that counts."""
    return torch.zeros(1, dtype=getattr(torch, dtype)).expand(shape)


_ONE = {
    "number": _number,
    "tensor": _tensor,
    "large": _large,
    "strange": lambda _, shape: torch.empty(shape, device="meta"),
    "class": lambda _, name: type(name, (), {}),
    "function": lambda _, name: len,
    "other": lambda _, name: stand_in(name)(),
}


def stand_in(name: str, base: type = object) -> type:
    """Return a class of that name, for a sentence about an object of it."""
    return type(name, (base,), {"__repr__": lambda self: f"<{name}>"})


def _named_class(module: str, name: str, fields: list[str]) -> type:
    """The course's own named tuple of that name, otherwise one that looks the same."""
    own = getattr(sys.modules.get(module), name, None) if module.startswith("coursekit.") else None
    if isinstance(own, type) and issubclass(own, tuple) and list(getattr(own, "_fields", [])) == fields:
        return own
    return namedtuple(name, fields, rename=True)


def told_error(error: BaseException) -> list[str]:
    """Return the message of an error, its name, and the names of what Python calls it."""
    try:
        message = str(error)[:1000]
    except Exception:  # an error of the student's own whose __str__ fails
        message = ""
    return [message, *(kind.__name__ for kind in type(error).__mro__)]


def made_error(message: str, name: str, *bases: str) -> BaseException:
    """Return an error that is described as the one that was raised.

    >>> made_error("no box", "BoxError", "ValueError", "Exception")
    BoxError('no box')
    """
    kinds = [getattr(builtins, base, None) for base in (name, *bases)]
    kind = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseException)), Exception)
    kind = kind if kind.__name__ == name else type(name, (kind,), {})
    try:
        return kind(message)
    except TypeError:  # such as UnicodeDecodeError, which takes five arguments
        return type(name, (Exception,), {})(message)
