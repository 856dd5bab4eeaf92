"""The website: every link leads somewhere, no page asks the network, labs keep their figures and hide their solutions; a phone."""

import html
import json
import re
import shutil
from collections import Counter
from pathlib import Path

import nbformat
import pytest
from built_once import built_once
from pages_of_html import broken_links, loads_from_outside, read_pages

from classroom.deck.folders import Folders
from classroom.site.edition import readable, reading_edition

ROOT = Path(__file__).parents[2]
SOLVED = sorted((ROOT / "labs" / "solutions").glob("*.ipynb"))
SOLUTION = re.compile(r"# BEGIN SOLUTION\n(.*?)[ \t]*# END SOLUTION", re.DOTALL)
ALT = re.compile(r'<img alt="([^"]*)"')
ELSEWHERE = ("https://",)  # what a sentence cites; nothing is loaded from there
DECK = '<!doctype html><title>deck</title><a href="../../labs/01_localisation.ipynb">lab 01</a>'
SEEN = ("index.html", "labs/03_grid_detection.html", "labs/glossary.html", "search.html?q=hard+negatives")
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


@pytest.fixture(scope="session")
def site(tmp_path_factory, api_folder):
    """The whole website with a made-up deck, and what Sphinx said about it in site.txt beside it."""
    from classroom.site import build as building

    def build(folder):
        decks = Folders(out=folder.parent / "decks")
        decks.out.mkdir()
        for name in ("2_detection.html", "deck.html"):
            (decks.out / name).write_text(DECK, encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(building, "build_api", lambda place: shutil.copytree(api_folder, place))
            said = building.build(folder, decks=decks)
        (folder.parent / "site.txt").write_text("\n".join(said), encoding="utf-8")

    return built_once(tmp_path_factory, "site", build)


@pytest.fixture(scope="module")
def pages(site):
    """Every page except those of the API reference, which has tests of its own."""
    found = read_pages(site, "*.html") | read_pages(site, "labs/**/*.html")
    return found | read_pages(site, "slides/*.html")


def cells_of(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if "solution" not in cell["metadata"].get("tags", [])]


def source_of(stem):
    return ROOT / "labs" / "source" / f"{stem}.py"


@pytest.mark.slow
def test_sphinx_has_no_complaint(site):
    assert (site.parent / "site.txt").read_text(encoding="utf-8") == ""


@pytest.mark.slow
def test_every_link_leads_somewhere(pages, site):
    of_slides = {"1_localisation", "2b_two_stages", "2c_without_anchors", "2d_sets"}
    of_slides |= {"3_segmentation", "3b_instances", "4_what_makes_it_better", "5_prompts_words_and_tracks"}
    reference = read_pages(site, "api/index.html") | read_pages(site, "api/coursekit/*.html")
    broken = [link for _, link in broken_links(pages, ELSEWHERE, reference)]
    assert {Path(link).stem for link in broken} == of_slides  # the made-up deck lacks these parts
    assert all(link.startswith("../slides/") for link in broken)


@pytest.mark.slow
def test_nothing_is_loaded_from_elsewhere(pages, site):
    assert loads_from_outside(pages, site) == []


@pytest.mark.slow
@pytest.mark.parametrize("notebook", SOLVED, ids=lambda path: path.stem)
def test_a_lab_keeps_its_figures_and_hides_its_solutions(notebook, pages, site):
    page = pages[site / "labs" / f"{notebook.stem}.html"]
    outputs = [
        output for cell in cells_of(notebook) if cell["cell_type"] == "code" for output in cell["outputs"]
    ]
    alts = [
        alt for output in outputs for alt in ALT.findall("".join(output.get("data", {}).get("text/html", "")))
    ]
    assert Counter(map(html.unescape, alts)) == Counter(page.alts) and len(alts) >= 3
    hidden = [body for body in SOLUTION.findall(source_of(notebook.stem).read_text(encoding="utf-8"))]
    long = [line.strip() for body in hidden for line in body.splitlines() if len(line.strip()) > 60]
    assert long and not [line for line in long if line in page.text]
    assert page.text.count("...  # your code here") == len(hidden)


def test_a_lecturer_sees_the_solutions_on_demand():
    stem = "03_grid_detection"
    code = "\n".join(cell.source for cell in reading_edition(source_of(stem), True, solutions=True).cells)
    bodies = SOLUTION.findall(source_of(stem).read_text(encoding="utf-8"))
    assert all(body.strip() in code for body in bodies) and "# your code here" not in code


def test_without_a_deck_the_links_lead_to_the_page_that_says_so():
    first = reading_edition(source_of("03_grid_detection"), slides=False).cells[0].source
    assert "[slides, part 2](../slides/index.md)" in first and "python course.py lab 03" in first


def test_a_widget_becomes_its_words_and_the_way_to_it():
    output = {"output_type": "execute_result", "data": {"text/plain": "NmsStepper: 4 < 5 boxes"}}
    markup = readable(as_node(output), "03")["data"]["text/html"]
    assert "<strong>NmsStepper</strong>" in markup and "4 &lt; 5 boxes" in markup
    assert "python course.py lab 03" in markup


def test_verdicts_are_sentences_and_other_prints_stay():
    said = {"output_type": "stream", "name": "stdout", "text": "✅ nms: all 6 cases pass.\n"}
    assert "<p>✅ nms: all 6 cases pass.</p>" in readable(as_node(said), "03")["data"]["text/html"]
    printed = as_node({**said, "text": "cup: 0.90\n"})
    assert readable(printed, "03") is printed


def as_node(output):
    return nbformat.from_dict(output)


def test_labs_that_were_not_built_are_refused(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "07_doubling.py").write_text("# %% [markdown]\n# # A lab\n", encoding="utf-8")
    with pytest.raises(ValueError, match="07_doubling.ipynb.*: run `classroom build 07_doubling`"):
        reading_edition(tmp_path / "source" / "07_doubling.py", slides=True)


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_a_reader_sees_the_pages_without_a_network(chromium, site, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    context = chromium.new_context(
        viewport={"width": width, "height": 844}, color_scheme=scheme, offline=True
    )
    page, asked = context.new_page(), []
    page.on("request", lambda request: asked.append(request.url))
    for name in SEEN:
        page.goto(f"file://{site}/{name}")
        if "?" in name:
            page.locator("#search-results li a", has_text="Many scales").first.wait_for()
        assert page.evaluate(OVERFLOW) <= 0, name
        found = Axe().run(page).response["violations"]
        assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found] == [], name
    context.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
