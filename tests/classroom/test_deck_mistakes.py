"""A mistake in the deck's sources becomes a line with its file, its line and the remedy."""

import re

import pytest
from deck_slides import NOTES, render
from PIL import Image

from classroom.cli import main
from classroom.deck import DeckError, own
from classroom.deck.build import build_pages
from classroom.deck.source import find_parts, read_part


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        ("![A line](figure:lime)", 8, "unknown figure 'lime': did you mean line?"),
        ("![A line](figure:_hidden)", 8, "unknown figure '_hidden'"),
        ("![A line](figure:needs)", 8, "unknown figure 'needs'"),
        ("Words.\n\n![A line](figure:broken)", 10, "broken failed at figures/shapes.py:24: IndexError: list"),
        ("![A line](figure:number)", 8, "TypeError: it must return a matplotlib Figure, a list of them"),
        ("![](figure:line)", 8, "figure:line has no alternative text: write ![what it shows](figure:line)"),
        ("![ ](figure:line)", 8, "no alternative text"),
        ("![](widget:button)", 8, "widget:button has no alternative text"),
        ("![A line](widget:line)", 8, "line returns no widget: write figure:line"),
        ("![A button](figure:button)", 8, "button returns no figure: write widget:button"),
        ("![one | two](figure:steps)", 8, "figure:steps has 3 steps but 2 texts: give one each"),
        (
            "![A cat](holiday.gif)",
            8,
            "holiday.gif is not in slides/: use a file beside the slides such as my.png",
        ),
        ("![A cat](cot.png)", 8, "cot.png is not in slides/: did you mean cat.png?"),
        ("![A cat](cat.tiff)", 8, "cat.tiff cannot be shown: convert it to one of .png, .jpg"),
        ("![A cat](false.png)", 8, "false.png is damaged, or is not the kind of file that its name says"),
        ("![](cat.png)", 8, "cat.png has no alternative text"),
        ("![A cat](https://example.org/cat.png)", 8, "cannot be shown, because a deck asks no network"),
        ('Look:\n\n<video src="a.mp4">', 10, '`<video src="a.mp4">` is HTML, which a slide does not take'),
        ("So x<b>y</b>\n", 8, "`<b>` is HTML, which a slide does not take"),
        ("AP is {score:yola test_scenes AP}", 8, "{score:yola test_scenes AP}: scores.json has no 'yola'"),
        (
            "a\n\nAP is {score:yolo scenes AP}",
            10,
            "there is no 'scenes' in 'yolo': write {score:RECIPE SPLIT",
        ),
        ("See\n![A line](figure:line)", 9, "shares its paragraph: leave a blank line above and below it"),
        (r"One.\n" "\n\n$$\n\\frac{1\n$$", 10, r"the formula `\frac{1` is not right: "),
        (r"So $\nonsense{x}$ it is.", 8, r"the formula `\nonsense{x}` is not right: "),
        ("[Try it](lab:77)", 8, "there is no lab '77' in labs/: build it with `classroom build`, or correct"),
        ("Known[^who].", 8, "the footnote [^who] is not defined: add a line `[^who]: …`"),
        ("::: steps\n- one", 8, "this block is never closed: write `:::` below its last line"),
        ("one\n:::", 9, "`:::` closes nothing"),
        ("::: colums\n:::", 8, "`::: colums` is not one of columns, column, steps, notes"),
        ("```klingon\nqapla'\n```", 8, "unknown language 'klingon'"),
    ],
)
def test_a_mistake_has_file_line_and_remedy(folders, body, line, sentence):
    for name in ("cat.png", "cat.tiff"):
        Image.new("RGB", (4, 3)).save(folders.slides / name)
    (folders.slides / "false.png").write_bytes(b"no picture")
    (slide,) = render(folders, f"## Title\n\n{body}\n{NOTES}".lstrip())
    assert [
        problem
        for problem in slide.problems
        if problem.startswith(f"slides/1_part.md:{line}: ") and sentence in problem
    ], slide.problems
    assert len(set(problem.partition(": ")[0] for problem in slide.problems)) == 1


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("## Title\n\nWords.\n", 6, "this slide has no notes: add `::: notes 3 min`, what to say, and `:::`"),
        ("## Title\n\n::: notes 3 min\n:::\n", 6, "this slide has no notes"),
        ("## Title\n\n::: notes\nSay it.\n:::\n", 8, "how many minutes? Write `::: notes 3 min`"),
        ("Words.\n" + NOTES, 6, "this slide has no title: begin it with `## Title`"),
    ],
)
def test_a_slide_needs_title_notes_and_minutes(folders, text, line, sentence):
    (slide,) = render(folders, text)
    (problem,) = slide.problems
    assert problem.startswith(f"slides/1_part.md:{line}: ") and sentence in problem


def test_the_line_is_that_of_the_file_on_later_slides_too(folders):
    good = f"## One\n\n```text\n---\n```\n{NOTES}"
    slides = render(folders, good, "\n\n## Two\n\n[Try it](lab:9)\n" + NOTES)
    text = (folders.slides / "1_part.md").read_text(encoding="utf-8").splitlines()
    assert len(slides) == 2 and slides[0].problems == []
    (problem,) = slides[1].problems
    assert text[int(problem.split(":")[1]) - 1] == "[Try it](lab:9)"


@pytest.mark.parametrize(
    ("head", "sentence"),
    [
        ("## Title\n", "no front matter: begin the file with ---"),
        ('---\ntitle: A\naccent: "#0b4f8a"\n---\n', "the front matter needs `part`, a int"),
        ('---\ntitle: A\naccent: "blue"\npart: 1\n---\n', "`accent` is a colour in quotes"),
        ("---\ntitle: [A\n---\n", "the front matter is not YAML"),
    ],
)
def test_the_front_matter_is_checked(tmp_path, head, sentence):
    (tmp_path / "1_a.md").write_text(head, encoding="utf-8")
    with pytest.raises(DeckError, match=re.escape(sentence)) as error:
        read_part(tmp_path / "1_a.md")
    assert "1_a.md:1: " in str(error.value)


def test_a_folder_without_sources(tmp_path):
    with pytest.raises(DeckError, match="There is no slide source"):
        find_parts(tmp_path)


def test_the_build_names_every_mistake_and_writes_nothing(folders, monkeypatch, capsys):
    bad = "## A\n\n![](figure:line)\n" + NOTES, "## B\n\n[Try it](lab:9)\n" + NOTES
    render(folders, *bad)
    with pytest.raises(DeckError) as error:
        build_pages(folders)
    assert [line.split(": ")[0] for line in str(error.value).splitlines()] == [
        "slides/1_part.md:8",
        "slides/1_part.md:17",
    ]
    assert not folders.deck.exists()
    monkeypatch.setattr(own, "own_deck", lambda folder, labs: folders)
    assert main(["slides", str(folders.slides)]) == 1
    assert capsys.readouterr().err.count("slides/1_part.md:") == 2
