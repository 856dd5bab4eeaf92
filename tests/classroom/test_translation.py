"""Texts out to PO files and back: nothing else changes, what changed in English is fuzzy, and what lacks is listed."""

import io
import tokenize
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from babel.messages.pofile import read_po, write_po

from classroom.cli import main
from classroom.notebooks.build import read_source
from classroom.translation import code_cells, command, labs, markdown, slides

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "labs" / "source" / "01_localisation.py"
LAB = '''# %% [markdown]
# # A lab
#
# Call `double`, [here](02_other.ipynb).
#
# | name | value |
# |---|---|
# | `x` | 0.5 |

# %%
def double(x):
    """Return twice x."""
    # BEGIN SOLUTION
    return 2 * x  # not x * x
    # END SOLUTION


print(f"{double(2)} is twice {1 + 1}")
'''


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of one made-up lab; a function that runs `classroom translate fr` on it."""
    from classroom import cli
    from classroom.deck import folders

    source = tmp_path / "labs" / "source" / "07_doubling.py"
    source.parent.mkdir(parents=True)
    source.write_text(LAB, encoding="utf-8")
    monkeypatch.setattr(cli, "TRANSLATIONS", tmp_path / "translations")

    @dataclass(frozen=True)
    class Here(folders.Folders):
        labs: Path = tmp_path / "labs"

    monkeypatch.setattr(folders, "Folders", Here)
    return tmp_path


def po_of(course):
    return course / "translations" / "fr" / "labs" / "07.po"


def edit(po, change):
    with po.open("rb") as file:
        catalog = read_po(file, locale="fr")
    for message in catalog:
        if message.id:
            message.string = change(message.id)
    with po.open("wb") as file:
        write_po(file, catalog, include_previous=True)


def test_out_and_back_without_a_translator_changes_nothing():
    for source in sorted(SOURCE.parent.glob("*.py")):
        for cell in read_source(source).cells:
            part = markdown if cell.cell_type == "markdown" else code_cells
            assert part.rewrite(cell.source, lambda text: text) == cell.source
    for part in sorted((ROOT / "slides").glob("[0-9]*_*.md")):
        text = part.read_text(encoding="utf-8")
        assert slides.rewrite(text, lambda text: text) == text
        assert not [said for said, _ in slides.texts_of(part) if said.startswith((":::", "---", "```"))]


def test_a_lab_that_is_translated(course, capsys, monkeypatch):
    assert main(["translate", "fr", "--extract", "labs/07"]) == 0
    assert "10 new" in capsys.readouterr().out
    edit(po_of(course), lambda text: {"A lab": "A TP", "Return twice x.": "Double x."}.get(text, text))
    assert main(["translate", "fr", "--check"]) == 1
    assert "not what 07_doubling.py says" in capsys.readouterr().err
    assert main(["translate", "fr"]) == 0
    assert main(["translate", "fr", "--check"]) == 0
    cells = nbformat.read(course / "labs" / "fr" / "07_doubling.ipynb", 4).cells
    assert cells[0].source.startswith("# A TP\n") and "](../02_other.ipynb)" in cells[0].source
    assert cells[1].source.startswith('def double(x):\n    """Double x."""\n    ...  # your code here')
    solved = nbformat.read(course / "labs" / "fr" / "solutions" / "07_doubling.ipynb", 4)
    assert "](../../02_other.ipynb)" in solved.cells[0].source
    assert solved.cells[1].outputs[0].text == "4 is twice 2\n"
    edit(po_of(course), lambda text: {"A lab": "Un TP", "Return twice x.": "Double x."}.get(text, text))
    monkeypatch.setattr(labs, "run_and_write", lambda *_: pytest.fail("only words have changed"))
    assert main(["translate", "fr"]) == main(["translate", "fr", "--check"]) == 0
    solved = nbformat.read(course / "labs" / "fr" / "solutions" / "07_doubling.ipynb", 4)
    assert (
        solved.cells[0].source.startswith("# Un TP") and solved.cells[1].outputs[0].text == "4 is twice 2\n"
    )


def test_what_changed_in_english_is_fuzzy_stays_english_and_is_listed(course, capsys):
    main(["translate", "fr", "--extract", "labs/07"])
    edit(po_of(course), lambda text: {"A lab": "Un TP"}.get(text, f"{text}!"))
    source = course / "labs" / "source" / "07_doubling.py"
    source.write_text(LAB.replace("Return twice x.", "Return twice this x."), encoding="utf-8")
    capsys.readouterr()
    assert main(["translate", "fr", "--extract"]) == 0
    assert "1 new, 1 gone, 1 to be looked at (fuzzy)" in capsys.readouterr().out
    assert '#| msgid "Return twice x."' in po_of(course).read_text(encoding="utf-8")
    assert main(["translate", "fr", "--check"]) == 1
    assert "labs/07: fuzzy: 'Return twice this x.'" in capsys.readouterr().err
    student, _ = labs.editions(source, po_of(course), "fr", print)
    assert '"""Return twice this x."""' in student.cells[1].source
    assert student.cells[0].source.startswith("# Un TP\n")


@pytest.mark.parametrize(
    ("text", "wrong", "said"),
    [
        ("Call `double`, [here](02_other.ipynb).", "Appelez `doubler`, [ici](02_other.ipynb).", "`double`"),
        ("Call `double`, [here](02_other.ipynb).", "Appelez `double`, [ici](02.ipynb).", "02_other.ipynb"),
        ("name | value", "nom", "a cell of a table"),
        ("{double(2)} is twice {1 + 1}", "le double est {double(2)}", "cell 2 stays in English"),
        ("{double(2)} is twice {1 + 1}", '{double(2)}", 1 / 0, "{1 + 1}', "cell 2 stays in English"),
    ],
)
def test_a_translation_that_breaks_something_is_not_used(course, text, wrong, said):
    main(["translate", "fr", "--extract", "labs/07"])
    edit(po_of(course), lambda english: wrong if english == text else english)
    source, told = course / "labs" / "source" / "07_doubling.py", []
    student, _ = labs.editions(source, po_of(course), "fr", told.append)
    assert any(said in line for line in told)
    assert not any(wrong in cell.source for cell in student.cells)
    assert "double(2)} is twice {1 + 1}" in student.cells[1].source


def test_copies_of_the_labs_in_french(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("classroom.cli.MY_LABS", tmp_path / "my_labs")
    assert main(["copy", "fr"]) == 0 and main(["copy", "eo"]) == 1
    assert "There is no lab in" in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("my_labs/fr/*.ipynb")] == ["01_localisation.ipynb"]


def test_what_is_not_there_is_one_sentence(course, capsys):
    assert main(["translate", "fr"]) == 1
    assert main(["translate", "fr", "--extract", "labs/99"]) == 1
    assert main(["translate", "fr", "--extract", "extra"]) == 1
    po_of(course).parent.mkdir(parents=True)
    po_of(course).write_text("no PO file\n", encoding="utf-8")
    assert main(["translate", "fr"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 4 and all(line.endswith(".") for line in said)


def test_french_is_complete_and_up_to_date():
    from classroom.deck.folders import Folders

    folder = ROOT / "translations" / "fr"
    assert command.begun(folder) == ["labs/01", "slides/0"]
    assert command.problems_of("fr", command.begun(folder), folder, Folders()) == []


@pytest.mark.parametrize("edition", ["", "solutions"])
def test_french_cells_compute_what_the_english_ones_do(edition):
    """Witness: the tokens of Python, without comments and strings."""
    english = nbformat.read(ROOT / "labs" / edition / "01_localisation.ipynb", 4).cells
    french = nbformat.read(ROOT / "labs" / "fr" / edition / "01_localisation.ipynb", 4).cells
    assert [cell.id for cell in english] == [cell.id for cell in french]
    for one, other in zip(english, french, strict=True):
        if one.cell_type == "code":
            assert tokens_of(one.source) == tokens_of(other.source)
        elif len(one.source.split()) > 2:
            assert one.source != other.source


def tokens_of(source):
    words = (tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", None))
    found = tokenize.generate_tokens(io.StringIO(source).readline)
    return Counter((token.type, token.string) for token in found if token.type not in words)


def test_the_hole_and_every_cell_have_texts_in_the_po_file():
    places = Counter(place for _, place in labs.texts_of(SOURCE))
    assert places[f"{SOURCE.name}, every exercise"] == 1 and len(places) > 40
