"""What a program can keep of the slides' words: the course's English, labs that exist, two questions per part."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = sorted((ROOT / "slides").glob("[0-9]*_*.md"))
COURSE = [path for path in PARTS if not path.name.startswith("0_")]
HIDDEN = re.compile(r"\((?:figure|widget|lab):[^)]*\)|^\[\^.*$", re.MULTILINE)  # addresses and citations
PATTERNS = {
    "per": r"\b(?:boxes|cells|scores?|masks?|images?|ms|milliseconds|seconds|one sigmoid) an? (?:image|cell|box|class|side|scene)\b",
    "predicts": r"\b(?:network|model|detector|head|cell|box)s? (?:says?|answers?)\b|\bpunish|\b(?:is|are) asked\b",
    "images": r"\bpictures?\b",
    "words": r"(?<!here )\b(?:is no|are no)\b(?! longer)|\b(?:shall|mend\w*|broken|enlarg\w+|anew|as of|so many|dearer|dearest)\b",
    "subjects": r"\b(?:[Ww]hoever|[Ww]hom|[Nn]obody|[Ss]omebody)\b",
    "others": r"well-known course|famous (?:repository|bug)|[Oo]lder decks|in lectures",
}


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_the_words_are_the_field_s(path):
    text = HIDDEN.sub("", path.read_text(encoding="utf-8"))
    found = [
        f"{name}: {text[max(0, hit.start() - 30) : hit.end() + 20]!r}"
        for name, pattern in PATTERNS.items()
        for hit in re.finditer(pattern, text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", PARTS, ids=lambda path: path.stem)
def test_every_lab_that_is_named_exists(path):
    numbers = set(re.findall(r"\b[Ll]abs? (\d\d)\b", path.read_text(encoding="utf-8")))
    assert not [number for number in numbers if not list((ROOT / "labs").glob(f"{number}_*.ipynb"))]


@pytest.mark.parametrize("path", COURSE, ids=lambda path: path.stem)
def test_a_part_ends_with_two_questions_and_their_answers(path):
    last = path.read_text(encoding="utf-8").split("\n---\n")[-1]
    assert last.lstrip().startswith("## Two questions on ")
    first, second = last.split("\n**2.**")
    assert all(part.count("::: steps") == 1 for part in (first, second)), "each answer appears one step later"
