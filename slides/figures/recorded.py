"""Numbers that take long to compute, in recorded/NAME.json; `python slides/figures/recorded.py [NAME ...]` computes them again."""

import json
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE / "recorded"


def recorded(compute: Callable[[], Any]) -> Callable[[], Any]:
    """Return a function that reads what `compute` returned when it was recorded.

    Raises:
        FileNotFoundError: it was not recorded; with the command that does it.
    """
    path = FOLDER / f"{compute.__name__.lstrip('_')}.json"

    @cache
    def read() -> Any:
        if not path.is_file():
            raise FileNotFoundError(
                f"{path.name} is missing: run python slides/figures/recorded.py {path.stem}"
            )
        return json.loads(path.read_text(encoding="utf-8"))

    read.compute, read.path = compute, path
    return read


def _all_recorded() -> dict[str, Callable[[], Any]]:
    """Return every recorded function of the modules beside this one, by the name of its file."""
    found = {}
    for module in sorted(HERE.glob("*.py")):
        if "from recorded import" in module.read_text(encoding="utf-8"):
            values = vars(import_module(module.stem)).values()
            found |= {value.path.stem: value for value in values if hasattr(value, "compute")}
    return found


def rounded(value: Any) -> Any:
    """Return numbers with four decimals, in lists and dicts as in `value`; JSON knows no tuples and no other keys than text.

    >>> rounded({"a": (1, 0.123456)})
    {'a': [1, 0.1235]}
    """
    if isinstance(value, dict):
        return {str(key): rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


if __name__ == "__main__":
    import torch

    torch.set_num_threads(1)
    every = _all_recorded()
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or every:
        text = json.dumps(rounded(every[name].compute()), indent=None, separators=(",", ":"))
        every[name].path.write_text(text + "\n", encoding="utf-8", newline="\n")
        print(f"{every[name].path.name}: {len(text) / 1000:.1f} kB")
