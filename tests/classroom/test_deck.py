"""The deck: sources become HTML; drawings are kept; its fonts, its formulas, its frames."""

import base64
import io
import re

import matplotlib.pyplot as plt
import pytest
from deck_slides import FIGURES, NOTES, render
from fontTools.ttLib import TTFont
from matplotlib.animation import FuncAnimation
from PIL import Image

from classroom.deck import fonts
from classroom.deck.figures import Figures
from classroom.deck.ingredients import sources
from classroom.deck.markdown import nest
from classroom.deck.svg import STYLE, frame_of, frames_of

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


def test_a_comment_is_seen_by_nobody(folders):
    (slide,) = render(folders, f"## T\n\n<!-- later -->\n\nNow<!-- or never -->.\n{NOTES}")
    assert slide.problems == [] and "<p>Now.</p>" in slide.body
    assert "later" not in slide.body and "never" not in slide.body


# ---- drawings ----


def drawn(folders, name="line"):
    """What a fresh build draws anew."""
    said, figures = [], Figures(folders.figures, lambda line: said.append(line))
    from classroom.deck.ingredients import hash_of, key

    key.cache_clear()
    hash_of.cache_clear()
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


def test_a_change_of_the_scores_draws_what_reads_them_again(folders, tmp_path, monkeypatch):
    """Records are read by what imports `record`, directly or not; other figures are kept."""
    data = tmp_path / "data"
    (data / "checkpoints").mkdir(parents=True)
    (data / "checkpoints" / "scores.json").write_text("[]", encoding="utf-8")
    monkeypatch.setenv("COURSEKIT_DATA", str(data))
    reader = folders.slides / "figures" / "reader.py"
    reader.write_text("import through\n\n\ndef read(): return through.line()\n", encoding="utf-8")
    (folders.slides / "figures" / "through.py").write_text(
        "from coursekit.published import record\nfrom shapes import line\n", encoding="utf-8"
    )
    assert drawn(folders) == ["drew line"] and drawn(folders, "read") == ["drew read"]
    (data / "checkpoints" / "scores.json").write_text("[ ]", encoding="utf-8")
    assert drawn(folders) == [] and drawn(folders, "read") == ["drew read"]


@pytest.mark.slow
def test_two_processes_draw_what_can_be_drawn(folders, monkeypatch):
    """What fails is left to the build, which knows the line of the slide; what is drawn is drawn once."""
    said, figures = [], Figures(folders.figures, lambda line: said.append(line))
    monkeypatch.setattr("classroom.deck.figures.SEVERAL", 2)
    figures.draw_several(["line", "steps", "button", "broken", "absent"])
    assert sorted(line.split(":")[0] for line in said) == ["drew button", "drew line", "drew steps"]
    assert (
        len(figures.draw("line", "figure").frames) == 1 and len(figures.draw("steps", "figure").frames) == 3
    )
    assert figures.draw("button", "widget").widget["traits"] == {"count": 1} and len(said) == 3
    assert not figures.kept("broken").is_file()


def test_a_drawing_follows_the_theme_and_its_photograph_does_not():
    with plt.rc_context(STYLE | {"font.sans-serif": ["DejaVu Sans"]}):
        figure, ax = plt.subplots(figsize=(3, 3))
        ax.plot([1, 2], color="#d92b00")
        svg = frame_of(figure, tight=False).svg
        plt.close(figure)
    style, rest = re.search(r"<style>(.*?)</style>(.*)", svg, re.DOTALL).groups()
    light, dark = style.split("@media(prefers-color-scheme:dark)")
    assert (
        "--cd92b00:#d92b00" in light
        and "--cd92b00:oklch(from #d92b00" in dark
        and "--cffffff:#14181d" in dark
    )
    assert "stroke: var(--cd92b00)" in rest and not re.search(r"(?:fill|stroke): #", rest)


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


def test_the_readme_shows_slides_that_build(folders):
    from classroom.deck.folders import ROOT

    text = (ROOT / "slides" / "README.md").read_text(encoding="utf-8")
    first, own = re.findall(r"^````markdown\n(.*?)^````", text, re.MULTILINE | re.DOTALL)
    slides = render(folders, first.split("---\n", 2)[2].replace("figure:iou", "figure:line"))
    assert [slide.problems for slide in slides] == [[], []]
    Image.new("RGB", (8, 6), "brown").save(folders.slides / "my_dog.png")
    (folders.slides / "my_dog.mp4").write_bytes(b"a film")
    assert [slide.problems for slide in render(folders, own)] == [[], [], []]
