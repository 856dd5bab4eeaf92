"""What a program can keep of the course's English: the field's words, in everything that people read, and spelling."""

import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THINGS = (
    r"(?:box|cell|score|mask|image|step|object|point|anchor|number)(?:e?s)?|ms|milliseconds|seconds|sigmoid"
)
PATTERNS = {
    "per": rf"(?<![Ww]hich )(?<![Ww]hat )\b(?:{THINGS}) an? (?:image|cell|box|class|side|scene|channel|object|pixel|region|query)\b",
    "predicts": r"\b(?:network|model|detector|head|cell|box)s? (?:says?|answers?)\b|\bpunish",
    "words": r"\b(?:shall|mend\w*|anew|as of|so many|dearer|dearest|in one go|all else)\b|(?<![Tt]here )\b(?:is|are) no (?:number|box|mask|image|file|whole|multiple)\b",
    "subjects": r"\b(?:[Ww]hoever|[Ww]hom)\b",
}
ALLOWED = {
    "slides/4_what_makes_it_better.md": ("as of",),  # leaderboards, as of a date
    "classroom/exercises/lab09/centerness.py": ("object a cell",),  # how near to its object a cell is
}
SPELLED_SO = "mot,lifes,tood,loner,nin,fro,suppresion,chekc"  # CLEAR MOT; still lifes; TOOD, a paper; to and fro; mistakes in examples
FOLDERS = ("coursekit", "classroom", "labs", "slides", "bench", "data", "tests/shared")


def read_by_people() -> list[Path]:
    """Every text and every module: what is shown, printed or read by those who come later."""
    found = [path for path in ROOT.glob("*.md") if not path.name.startswith("LICENSE")] + [ROOT / "course.py"]
    for folder in FOLDERS:
        found += [path for end in ("md", "py") for path in (ROOT / folder).rglob(f"*.{end}")]
    return sorted(path for path in found if "build" not in path.relative_to(ROOT).parts)


def words_of(path: Path) -> Iterator[str]:
    """The text of a page; the strings and comments of a module."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        yield source
        return
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in kinds and " " in token.string:
            yield token.string


def test_the_words_are_the_field_s():
    found = []
    for path in read_by_people():
        name = path.relative_to(ROOT).as_posix()
        allowed = ALLOWED.get(name, ())
        for text in words_of(path):
            for kind, pattern in PATTERNS.items():
                for hit in re.finditer(pattern, text):
                    if hit[0] not in allowed:
                        found.append(f"{name}: {kind}: {text[max(0, hit.start() - 30) : hit.end() + 20]!r}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text", ["one box a cell", "the network says", "the file shall", "whoever reads"])
def test_a_pattern_finds_what_it_is_for(text):
    assert any(re.search(pattern, text) for pattern in PATTERNS.values())


def test_spelling():
    paths = [str(path) for path in read_by_people()]
    run = subprocess.run(
        [sys.executable, "-m", "codespell_lib", "-L", SPELLED_SO, *paths], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
