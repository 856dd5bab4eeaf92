"""CPU seconds of the stages of a computation, taken at the doors of functions, without touching their code."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

Door = tuple[Any, str, str]  # an object, the name of one of its functions, the stage that is entered there


class Stopwatch:
    """CPU seconds by stage; a stage that is entered from another one stops the other's time."""

    def __init__(self) -> None:
        self.seconds, self._open, self._since = Counter(), [], 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._switch()
        self._open.append(name)
        try:
            yield
        finally:
            self._switch()
            self._open.pop()

    @contextmanager
    def at(self, doors: Sequence[Door]) -> Iterator[None]:
        """Within the block, each of the functions is timed as its stage."""
        with ExitStack() as patches:
            for owner, name, stage in doors:
                patches.enter_context(patch.object(owner, name, self._timed(getattr(owner, name), stage)))
            yield

    def _switch(self) -> None:
        now = time.process_time()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def _timed(self, run: Callable, stage: str) -> Callable:
        def timed(*arguments, **options):
            with self.stage(stage):
                return run(*arguments, **options)

        return timed
