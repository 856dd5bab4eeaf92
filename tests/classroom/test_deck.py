"""The deck: sources become HTML, or a line with file, line and remedy for each mistake in them."""

import base64
import io
import re
import textwrap

import matplotlib.pyplot as plt
import pytest
from fontTools.ttLib import TTFont
from matplotlib.animation import FuncAnimation

from classroom.cli import main
from classroom.deck import DeckError, command, fonts
from classroom.deck.build import build_pages
from classroom.deck.figures import Figures
from classroom.deck.folders import Folders
from classroom.deck.ingredients import sources
from classroom.deck.markdown import nest
from classroom.deck.render import render_slide
from classroom.deck.source import find_parts, read_part
from classroom.deck.svg import STYLE, frame_of, frames_of

HEAD = '---\ntitle: A part\naccent: "#0b4f8a"\npart: 1\n---\n'
NOTES = "\n::: notes 2 min\nSay it.\n:::\n"
FIGURES = '''
"""Figures of a made-up deck."""

from pathlib import Path

import matplotlib.pyplot as plt
import neighbour

from classroom.deck import Widget


def line():
    figure, ax = plt.subplots(figsize=(5, 4))
    ax.plot(neighbour.VALUES)
    return figure


def steps():
    return [line(), line(), line()]


def broken():
    values = []
    return values[3]


def number():
    return 3


def button():
    module = Path(__file__).with_name("button.js").read_text(encoding="utf-8")
    return Widget(module, {"count": 1}, "(values) => ({ double: 2 * values.count })")


def _hidden():
    return line()


def needs(argument):
    return line()
'''


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A made-up deck's folders with figures and one lab; matplotlib keeps its own font, which is faster."""
    monkeypatch.setattr(fonts, "STATIC", ())
    made = Folders(tmp_path / "slides", tmp_path / "build" / "slides", tmp_path / "labs")
    figures = made.slides / "figures"
    figures.mkdir(parents=True)
    made.labs.mkdir()
    (made.labs / "01_localisation.ipynb").write_text("{}", encoding="utf-8")
    (figures / "shapes.py").write_text(FIGURES, encoding="utf-8")
    (figures / "neighbour.py").write_text("VALUES = [1, 3, 2]\n", encoding="utf-8")
    (figures / "button.js").write_text("export function render() {}\n", encoding="utf-8")
    (made.slides / "theme.css").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(str(figures))
    monkeypatch.delitem(__import__("sys").modules, "neighbour", raising=False)
    return made


def render(folders, *slides):
    """The slides of a part, without anything that is wrong; the source begins on line 6."""
    path = folders.slides / "1_part.md"
    path.write_text(HEAD + "\n---\n".join(slides), encoding="utf-8")
    part, figures = read_part(path), Figures(folders.slides / "figures", folders.store, lambda line: None)
    return [render_slide(slide, part, figures, folders) for slide in part.slides]


# ---- what is wrong, with file, line and remedy ----


@pytest.mark.parametrize(
    ("body", "line", "sentence"),
    [
        ("![A line](figure:lime)", 8, "there is no figure 'lime': slides/figures has line, steps, broken"),
        ("![A line](figure:_hidden)", 8, "there is no figure '_hidden'"),
        ("![A line](figure:needs)", 8, "there is no figure 'needs'"),
        ("Words.\n\n![A line](figure:broken)", 10, "broken failed at figures/shapes.py:24: IndexError: list"),
        ("![A line](figure:number)", 8, "TypeError: it must return a matplotlib Figure, a list of them"),
        ("![](figure:line)", 8, "figure:line has no alternative text: write ![what it shows](figure:line)"),
        ("![ ](figure:line)", 8, "no alternative text"),
        ("![](widget:button)", 8, "widget:button has no alternative text"),
        ("![A line](widget:line)", 8, "line returns no widget: write figure:line"),
        ("![A button](figure:button)", 8, "button returns no figure: write widget:button"),
        ("![one | two](figure:steps)", 8, "figure:steps has 3 steps but 2 texts: give one each"),
        (
            "![A cat](cat.jpg)",
            8,
            "'cat.jpg' cannot be shown: the picture's address is figure:NAME or widget:NAME",
        ),
        ("See\n![A line](figure:line)", 9, "shares its paragraph: leave a blank line above and below it"),
        (r"One.\n" "\n\n$$\n\\frac{1\n$$", 10, "the formula '\\\\frac{1' is not right: "),
        (r"So $\nonsense{x}$ it is.", 8, r"the formula '\\nonsense{x}' is not right: "),
        ("[Try it](lab:77)", 8, "there is no lab '77' in labs/: build it with `classroom build`, or mend"),
        ("Known[^who].", 8, "the footnote [^who] is not defined: add a line `[^who]: …`"),
        ("::: steps\n- one", 8, "this block is never closed: write `:::` below its last line"),
        ("one\n:::", 9, "`:::` closes nothing"),
        ("::: colums\n:::", 8, "`::: colums` is not one of columns, column, steps, notes"),
        ("```klingon\nqapla'\n```", 8, "there is no language 'klingon'"),
    ],
)
def test_a_mistake_has_file_line_and_remedy(folders, body, line, sentence):
    (slide,) = render(folders, f"## Title\n\n{body}\n{NOTES}".lstrip())
    assert [
        problem
        for problem in slide.problems
        if problem.startswith(f"slides/1_part.md:{line}: ") and sentence in problem
    ], slide.problems
    assert len(slide.problems) == 1


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
    monkeypatch.setattr(command, "Folders", lambda: folders)
    assert main(["slides"]) == 1
    assert capsys.readouterr().err.count("slides/1_part.md:") == 2


# ---- what becomes of the source ----


def test_steps_appear_one_after_the_other(folders):
    (slide,) = render(folders, f"## T\n\n::: steps\n- one\n  - inner\n- two\n\nlast\n:::\n\nalways\n{NOTES}")
    assert slide.body.count('class="fragment"') == 3
    assert '<p class="fragment">last</p>' in slide.body and "<p>always</p>" in slide.body


def test_columns_in_columns_and_steps_in_a_column(folders):
    body = "::: columns\n::: column 60%\n::: steps\n- one\n:::\n:::\n::: column\nright\n:::\n:::"
    (slide,) = render(folders, f"## T\n\n{body}\n{NOTES}")
    assert slide.problems == []
    assert 'style="flex: 60 1 0"' in slide.body and 'style="flex: 50 1 0"' in slide.body
    assert slide.body.index("one") < slide.body.index("flex: 50") < slide.body.index("right")


def test_colons_in_code_are_code():
    assert nest("```text\n::: steps\n```") == ("```text\n::: steps\n```", [])


def test_footnotes_stand_on_the_slide_that_refers_to_them(folders):
    first = f"## A\n\nOne[^b].\n{NOTES}\n[^a]: Alpha, *2001*.\n[^b]: Beta, 2002,\n    in two lines.\n"
    one, two = render(folders, first, f"## B\n\nTwo[^a].\n{NOTES}")
    assert one.problems == two.problems == []
    assert "Beta, 2002,\nin two lines" in one.body and "Alpha" not in one.body
    assert "Alpha, <em>2001</em>." in two.body and '<sup class="number">1</sup>' in two.body


def test_notes_and_their_minutes_leave_the_slide(folders):
    (slide,) = render(folders, "## T\n\n::: notes 2.5 min\nSay **it**.\n:::\n\nwords\n")
    assert (slide.minutes, slide.title) == (2.5, "T")
    assert "<strong>it</strong>" in slide.notes and "it" not in re.sub(
        "<[^>]*>", "", slide.body.split("words")[0]
    )


def test_a_lab_link_leads_from_the_deck_to_the_notebook(folders):
    (slide,) = render(folders, f"## T\n\n[Try it: lab 01](lab:01)\n{NOTES}")
    (way,) = re.findall('href="([^"]*)"', slide.body)
    assert (folders.out / way).resolve() == (folders.labs / "01_localisation.ipynb").resolve()


def test_a_figure_is_svg_at_its_size_with_its_text(folders):
    (slide,) = render(folders, f'## T\n\n![A "line"](figure:line){{width=60%}}\n{NOTES}')
    assert 'alt="A &quot;line&quot;"' in slide.body and 'style="width: 60%"' in slide.body
    assert "data:image/svg+xml,<svg" in slide.body and "<p><" not in slide.body
    width = float(re.search(r'<img [^>]*?width="(\d+)"', slide.body)[1])
    assert 400 < width <= 510  # five inches, less the white that is cut off


def test_steps_of_a_figure_share_a_place_and_say_which_they_are(folders):
    (slide,) = render(folders, f"## T\n\n![Growing](figure:steps)\n{NOTES}")
    assert re.findall('alt="([^"]*)"', slide.body) == [f"Growing (step {i} of 3)" for i in (1, 2, 3)]
    assert slide.body.count('class="fragment"') == 2 and "stack" in slide.body
    (own,) = render(folders, f"## T\n\n![one | two | three](figure:steps){{.loop fps=2}}\n{NOTES}")
    assert re.findall('alt="([^"]*)"', own.body) == ["one", "two", "three"]
    assert 'data-fps="2"' in own.body and "fragment" not in own.body


def test_maths_is_mathml(folders):
    (slide,) = render(folders, f"## T\n\nSo $x_1$\n\n$$\n\\frac{{1}}{{2}}\n$$\n{NOTES}")
    assert slide.body.count("<math") == 2 and "<msub>" in slide.body and "<mfrac>" in slide.body


def test_raw_html_is_text(folders):
    (slide,) = render(folders, f"## T\n\n<img src=x>\n{NOTES}")
    assert "<img" not in slide.body


# ---- drawings ----


def drawn(folders, name="line"):
    """What a fresh build draws anew."""
    said, figures = [], Figures(folders.slides / "figures", folders.store, lambda line: said.append(line))
    from classroom.deck.ingredients import key

    key.cache_clear()
    figures.draw(name, "figure")
    return [line.split(":")[0] for line in said]


def test_a_drawing_is_kept_until_its_module_or_what_it_imports_changes(folders):
    assert drawn(folders) == ["drew line"]
    assert drawn(folders) == []
    module, neighbour = (folders.slides / "figures" / name for name in ("shapes.py", "neighbour.py"))
    neighbour.write_text("VALUES = [1, 3, 9]\n", encoding="utf-8")
    assert drawn(folders) == ["drew line"]
    module.write_text(FIGURES + "\n# a word\n", encoding="utf-8")
    assert drawn(folders) == ["drew line"]
    assert drawn(folders) == []
    assert len(list(folders.store.glob("line-*.json"))) == 1


def test_the_modules_behind_a_figure_are_found(folders):
    path = folders.slides / "figures" / "shapes.py"
    path.write_text("import neighbour\nfrom coursekit.draw import gallery\n", encoding="utf-8")
    found = {source.name for source in sources(path, path.parent)}
    assert {"shapes.py", "neighbour.py", "draw.py", "box.py", "schema.py", "svg.py"} <= found
    assert "retinanet.py" not in found and "training.py" not in found


def test_two_figures_of_one_name(folders):
    (folders.slides / "figures" / "other.py").write_text("def line(): ...", encoding="utf-8")
    (slide,) = render(folders, f"## T\n\n![A line](figure:line)\n{NOTES}")
    assert "line is in other.py and in shapes.py: rename one" in slide.problems[0]


def test_a_photograph_in_a_figure_is_webp_and_the_words_are_measured():
    from skimage.data import chelsea

    with plt.rc_context(STYLE | {"font.sans-serif": ["DejaVu Sans"]}):
        figure, ax = plt.subplots(figsize=(3, 3))
        ax.imshow(chelsea())
        ax.set_title("small", fontsize=10)
        frame, again = frame_of(figure, tight=False), frame_of(figure, tight=False)
        plt.close(figure)
    assert "data:image/webp;base64," in frame.svg and "image/png" not in frame.svg
    assert (round(frame.width), round(frame.height)) == (300, 300)
    assert frame.smallest == pytest.approx(10 * 100 / 72)
    assert frame == again


def test_an_animation_becomes_frames():
    figure, ax = plt.subplots()
    (dot,) = ax.plot([0], [0], "o")
    animation = FuncAnimation(figure, lambda i: dot.set_data([i], [i]), frames=4)
    frames = frames_of(animation)
    plt.close(figure)
    assert len({frame.svg for frame in frames}) == 4 == len(frames)


def test_a_font_has_the_letters_it_is_asked_for_and_no_name():
    font = TTFont(io.BytesIO(fonts.subset(fonts.MATHS, "ab∑")))
    assert set(map(ord, "ab∑")) <= set(font.getBestCmap()) and ord("c") not in font.getBestCmap()
    assert "MATH" in font and font["name"].names == []


def test_the_page_has_what_a_browser_draws_for_a_formula(tmp_path):
    """A square root's sign and the italics of single letters are in no text of the page."""
    maths = next(rule for rule in fonts.css("", tmp_path).splitlines() if '"Deck Maths"' in rule)
    font = TTFont(io.BytesIO(base64.b64decode(re.search(r"base64,([^)]+)", maths)[1])))
    assert set(map(ord, "√ℎ𝑥𝑤𝛾")) <= set(font.getBestCmap())


def test_the_readme_shows_a_slide_that_builds(folders):
    from classroom.deck.folders import ROOT

    text = (ROOT / "slides" / "README.md").read_text(encoding="utf-8")
    example = textwrap.dedent(re.search(r"^````markdown\n(.*?)^````", text, re.MULTILINE | re.DOTALL)[1])
    slides = render(folders, example.split("---\n", 2)[2].replace("figure:iou", "figure:line"))
    assert [slide.problems for slide in slides] == [[], []]
