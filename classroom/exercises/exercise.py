"""What an exercise is: a reference, cases from small to large, wrong answers that students really write, and hints."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

SEED = 271_828_183  # of the random numbers in each call of a function: one that an answer never sets


@dataclass(frozen=True)
class Case:
    """One named call.

    `gradient` also compares the derivative with respect to every float tensor, or to those of the arguments at
    the places that it lists.
    """

    name: str
    arguments: tuple
    gradient: bool | tuple[int, ...] = False


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that people really give: its name, one sentence on why it is wrong, and the code that does it."""

    name: str
    story: str
    function: Callable


@dataclass(frozen=True, eq=False)
class Exercise:
    """Everything that `check` and `hint` know about one function of a lab. Cases go from small to large.

    Attributes:
        picture: draws a failing case from its arguments, the student's value and the right one; with a text alternative.
        judge: where there are many right answers, what is compared of a value: judge(arguments, value).
        measure: of a value that holds modules or iterators, the numbers, texts and tensors that the judge gets instead:
            measure(arguments, value). In grading, it runs beside the student's code and the judge does not.
        speed: the arguments of a large case, where a slow answer would make the lab slow.
        any_error: whether every error is as good as another where one is wanted.
        score: the first sentence of the verdict, from the names of the failing cases; by default how many pass.
    """

    reference: Callable
    cases: tuple[Case, ...]
    hints: tuple[str, ...]
    picture: Callable[[tuple, Any, Any], tuple[Any, str] | None] | None = None
    judge: Callable[[tuple, Any], Any] | None = None
    measure: Callable[[tuple, Any], Any] | None = None
    speed: Callable[[], tuple] | None = None
    tolerance: float = 1e-5
    any_error: bool = False
    score: Callable[[tuple[str, ...]], str] | None = None
    wrong_answers: list[WrongAnswer] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.reference.__name__

    def judge_whole(self, arguments: tuple, value: Any) -> Any:
        """Return what is compared of a value, measured and judged."""
        assert self.judge is not None
        return self.judge(arguments, self.measure(arguments, value) if self.measure else value)

    def wrong(self, name: str, story: str) -> Callable[[Callable], Callable]:
        """Return a decorator that adds a function to the wrong answers, and leaves it as it is.

        >>> HALF = Exercise(lambda x: x / 2, cases=(Case("two", (2,)),), hints=("Divide.",))
        >>> @HALF.wrong("rounded down", "One slash, not two.")
        ... def _whole(x):
        ...     return x // 2
        >>> [answer.name for answer in HALF.wrong_answers]
        ['rounded down']
        """

        def add(function: Callable) -> Callable:
            self.wrong_answers.append(WrongAnswer(name, story, function))
            return function

        return add
