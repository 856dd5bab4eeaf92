"""One thread and no display, for every test: two spinning threads on a busy machine are many times slower.

Of the published trainings, of the solutions, and of the tests marked `rotated`, a run repeats a quarter, chosen by the date; `--all` runs all.
"""

import datetime
import os
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ["COURSEKIT_PROGRESS"] = os.devnull  # the record of whoever runs the tests stays as it is
# Processes of one run that start before and after midnight repeat the same.
os.environ.setdefault("COURSEKIT_TODAY", str(datetime.date.today().toordinal()))

import rotation  # noqa: E402 -- what it imports reads the environment
import torch  # noqa: E402
from hypothesis import settings  # noqa: E402

torch.set_num_threads(1)
settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


def pytest_addoption(parser):
    parser.addoption("--all", action="store_true", help="repeat what takes long in full, not a quarter of it")


def today():
    return int(os.environ["COURSEKIT_TODAY"])


def pytest_collection_modifyitems(config, items):
    """Leave out what other days repeat: published trainings, and three quarters of the tests marked `rotated`."""
    if config.option.all:
        return
    chosen = [rotation.title(entry) for entry in rotation.quarter(rotation.REPEATED, today())]
    repeats = [item for item in items if item.name.startswith("test_a_recipe_gives_its_published_scores[")]
    out = {item for item in repeats if item.callspec.id not in chosen}
    out |= rotation.of_other_days([item for item in items if item.get_closest_marker("rotated")], today())
    if out:
        config.hook.pytest_deselected(items=list(out))
        items[:] = [item for item in items if item not in out]


def pytest_terminal_summary(terminalreporter, config):
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    among_them = any(
        (Path(__file__).parent / "course" / "test_scores.py").is_relative_to(path) for path in asked
    )
    if among_them and not config.option.all and "not slow" not in config.option.markexpr:
        terminalreporter.write_line(rotation.sentence(today()))
