"""What `check` says: as plain text, and as HTML that a screen reader can follow, in a light or a dark notebook."""

import html
import reprlib
from typing import Any

import torch
from torch import Tensor

from classroom.exercises.compare import kind
from classroom.exercises.examine import Diagnosis, Verdict, argument_names
from classroom.exercises.exercise import Exercise
from classroom.exercises.trial import NotJudged

FEW_NUMBERS = 24  # a tensor with more is described, not written out
REFERENCE = "The cells below use the reference solution."
BLOCK = "border-left: 4px solid #c62828; padding: 0 0 0 0.8em; margin: 0.2em 0"
QUOTED = "margin: 0; padding: 0 0 0 0.4em; white-space: pre-wrap; background: rgba(127, 127, 127, 0.12); color: inherit"


def plain(verdict: Verdict) -> str:
    """The verdict as text."""
    if verdict.right or not verdict.attempted:
        return headline(verdict)
    lines = [headline(verdict)]
    for name, text in details(verdict):
        first, *others = text.splitlines() or [""]
        lines += [f"   {name}: {first}" if name else f"   {first}", *(f"      {line}" for line in others)]
    return "\n".join(lines)


def markup(verdict: Verdict, picture: str = "") -> str:
    """A verdict that is not right, as HTML; `picture` is an element that shows the failing case."""
    sentences = [text for name, text in details(verdict) if not name]
    named = [(name, text) for name, text in details(verdict) if name]
    rows = "".join(
        f"<dt><b>{html.escape(name)}</b></dt><dd style='margin: 0 0 0.4em 1em'>{_value(name, text)}</dd>"
        for name, text in named
    )
    *said, last = [f"<p style='margin: 0.3em 0'>{html.escape(text)}</p>" for text in sentences]
    title = html.escape(headline(verdict).removeprefix("❌ "))
    return (
        f"<div role='group' aria-label='{html.escape(verdict.exercise.name)} is not right yet' style='{BLOCK}'>"
        f"<p style='margin: 0.3em 0'><span aria-hidden='true'>❌</span> <b>{title}</b></p>"
        f"{''.join(said)}<dl style='margin: 0.3em 0'>{rows}</dl>{picture}{last}</div>"
    )


def headline(verdict: Verdict) -> str:
    """The first line: passed, failed or not written yet."""
    exercise, total = verdict.exercise, len(verdict.exercise.cases)
    if not verdict.attempted:
        where = f" (line {verdict.hole} is still `...`)" if verdict.hole else ""
        return f"⏳ {exercise.name}: not written yet{where}. {REFERENCE}"
    if verdict.right:
        cases = "the case passes" if total == 1 else f"all {total} cases pass"
        left_over = f" You can delete the `...` in line {verdict.hole}." if verdict.hole else ""
        return f"✅ {exercise.name}: {cases}. Your function is used from here on.{left_over}"
    if exercise.score:
        return f"❌ {exercise.name}: {exercise.score(verdict.failed)} {REFERENCE}"
    passed = total - len(verdict.failed)
    return f"❌ {exercise.name}: {passed} of {total} cases {'passes' if passed == 1 else 'pass'}. {REFERENCE}"


def details(verdict: Verdict) -> list[tuple[str, str]]:
    """What there is to say about the smallest failing case, each with its name; sentences have none."""
    assert verdict.failing is not None
    which = "only" if len(verdict.exercise.cases) == 1 else "smallest failing"
    said = [("", f"In the {which} case, “{verdict.failing.name}”, {_ended(verdict.sentence)}")]
    said += [("Your code", verdict.got.line)] if verdict.got.line else []
    said += [("Called with", called_with(verdict.exercise, verdict.failing))]
    said += _both_values(verdict)
    said += [("It printed", verdict.got.printed.rstrip())] if verdict.got.printed.strip() else []
    said += [("", sentence) for sentence in diagnosis_sentences(verdict.diagnosis)]
    name = verdict.exercise.name
    return [*said, ("", f'For a hint, run hint("{name}"); last_case() returns the arguments of this case.')]


def diagnosis_sentences(diagnosis: Diagnosis) -> list[str]:
    """What the mistake is called, with its story; between several that fit, either … or …."""
    named = [f"{wrong.name}. {wrong.story}" for wrong in diagnosis.wrong_answers]
    if not named:
        return []
    if len(named) == 1:
        where = (
            "Diagnosis" if diagnosis.everywhere else "In the failing cases, it does the same as this mistake"
        )
        return [f"{where}: {named[0]}"]
    return [f"Diagnosis: either {named[0]}", *(f"Or: {text}" for text in named[1:])]


def called_with(exercise: Exercise, case: Any) -> str:
    """The arguments of a case by name, one per line: small ones in full, large ones by shape and dtype."""
    names = argument_names(exercise, case)
    return "\n".join(f"{n} = {written(a)}" for n, a in zip(names, case.arguments, strict=True)) or "nothing"


def written(value: Any) -> str:
    """A value in full if it is small, else what kind of thing it is.

    >>> written(torch.tensor([1.0, 2.5])), written(torch.zeros(3, 40))
    ('tensor([1.0000, 2.5000])', 'a tensor of shape (3, 40), torch.float32')
    """
    if isinstance(value, Tensor):
        detached = value.detach()
        small = detached.numel() <= FEW_NUMBERS and detached.layout == torch.strided
        return " ".join(repr(detached).split()) if small else f"{kind(value)}, {value.dtype}"
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        inside = zip(value._fields, value, strict=True)
        return f"{type(value).__name__}({', '.join(f'{name}={written(part)}' for name, part in inside)})"
    if isinstance(value, (tuple, list)) and len(value) <= 8:
        brackets = "[]" if isinstance(value, list) else "()"
        return f"{brackets[0]}{', '.join(map(written, value))}{brackets[1]}"
    if isinstance(value, dict) and len(value) <= 8:
        return f"{{{', '.join(f'{key!r}: {written(part)}' for key, part in value.items())}}}"
    if callable(value) and hasattr(value, "__name__"):
        return (
            f"the function {value.__name__}" if not isinstance(value, type) else f"the class {value.__name__}"
        )
    return kind(value) if isinstance(value, torch.nn.Module) else _repr(value)


def _both_values(verdict: Verdict) -> list[tuple[str, str]]:
    """Expected and got, when both can be written out and say more than the sentence does."""
    got, wanted = verdict.got, verdict.wanted
    if (
        got.error
        or wanted.error
        or wanted.judged
        or not isinstance(wanted.value, (Tensor, tuple, list, dict))
    ):
        return []
    value = got.value.value if isinstance(got.value, NotJudged) else got.value
    texts = [written(wanted.value), written(value)]
    return [] if max(map(len, texts)) > 1000 else [("Expected", texts[0]), ("Got", texts[1])]


def _repr(value: Any) -> str:
    shortener = reprlib.Repr()
    shortener.maxstring = shortener.maxother = 80
    try:
        return shortener.repr(value)
    except Exception:  # an object of the student's own whose __repr__ fails
        return kind(value)


def _value(name: str, text: str) -> str:
    return f"<pre style='{QUOTED}'>{html.escape(text)}</pre>"


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith(("?", "!", ".")) else f"{sentence}."
