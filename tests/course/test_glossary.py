"""The glossary has every term that a lab sets in bold, defines each in one sentence, and its links and pictures lead somewhere."""

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
LABS = ROOT / "labs"
GLOSSARY = LABS / "glossary.md"
SOURCES = sorted((LABS / "source").glob("*.py"))
MOST_WORDS = 35
ENTRY = re.compile(r'<a id="([^"]+)"></a>\*\*([^*]+)\*\*: (.+?)((?:,? \[lab \d\d\]\([^)]*\))+)')

# A lab may put in bold only a part of a term, or another form of it.
SHORT_FORMS = {
    "amodal": "amodal mask",
    "bilinearly": "bilinear interpolation",
    "by heart": "overfitting",
    "ignored": "ignored anchor",
    "instance": "instance segmentation",
    "one stage": "one-stage detector",
    "propose": "proposal",
    "responsible": "responsible box",
    "semantic": "semantic segmentation",
    "three slots": "slot",
    "two stages": "two-stage detector",
    "validation": "validation split",
}

# Bold for emphasis, or as the heading of a paragraph: not a term. In lower case, without punctuation at the end.
HEADINGS = """
a beautiful silent bug | a score cut before measuring | compare with the library | different scores, same order | empty images
how to work | labels are names, so they cannot | measured elsewhere | no threshold removes the duplicates | open question
results of this lab | the detectors | time | what | what is measured here | what, where, and what else | which pixels
which pixels of which object | why the roots | wrong
"""
EMPHASIS = """
(10, 10, 5, 5) | -1 to 1 | 0 | 0.5 | 1 x 1 | 255 | a quarter | a third | add | add up | added | adds | after | all
all anchors are used in training | all objects of all images | all other boxes of all cells | already nearest | and
and always predicts exactly one box | ap75 does change | around | as fractions of the image | at all | average | base | before
before training | beside | between | both | both stages jointly | cannot | center | centre | centres | changes the score | coarsest
concatenates | connected regions are not instances | constants | correct | coursekit everywhere | difference in each image
difference on the same images | different | different proposals | draws a sample
each detection takes the object that it overlaps most, among those that are still free | each level | each object its best box
each pixel belongs to only one object | every | every place | everything | fail | far end only | fixed list of candidates | flipped
fractions of its own image | gather | height / width | in cells | in cells, measured from the upper left corner of the cell | in strides
in the region's own cells | is | is not in the scene | its row + 1 | kept | large | largest | look into each | looks again | lower | matrix
mean | mean over the scales | mean position | middle | more than | no | none of its eight neighbours exceeds | not | not worse | once | one
one class | one number never tells the whole story | only one class: object | pass | pears | pixels | places | pooled | regular grid | right
rises | same | same area | shipped | side of the object's box | smaller | spatial | square roots | sum | summed | test
the best precision at this recall or beyond | the box branch has already decided which class it is
the cell that contains the centre of its box | the one that is already better | the order of the list has no meaning | the same
the same class | the same draws | then run the cell below again | three | together | top | touch | transpose | true | true class alone
two centres in one cell | up | visible | what | where | where the loss comes from | window | your | your code | your roialign | yours
"""
NOT_TERMS = {
    phrase.strip() for line in (HEADINGS + EMPHASIS).splitlines() if line for phrase in line.split("|")
}


def plain(phrase):
    """A phrase in lower case and in American spelling, without line breaks, hyphens and punctuation at the end."""
    phrase = re.sub(r"[\s–-]+", " ", phrase).strip().rstrip(".:?!,").casefold()
    return re.sub(r"is(e[ds]?|ing|ation)\b", r"iz\1", phrase)


def singular(phrase):
    """The phrase with its last word in the singular: anchors and anchor are one term."""
    if phrase.endswith("ies"):
        return phrase[:-3] + "y"
    phrase = re.sub(r"(x|ch|sh|ss)es$", r"\1", phrase)
    return phrase[:-1] if re.search(r"[^s]s$", phrase) else phrase


def form(phrase):
    return singular(plain(phrase))


def markdown_of(source):
    """The text of a lab's markdown cells, without code."""
    cells = re.split(r"(?m)^# %%", source)
    cells = [cell.partition("\n")[2] for cell in cells if cell.startswith(" [markdown]")]
    text = "\n\n".join(re.sub(r"(?m)^# ?", "", cell) for cell in cells)
    return re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^```.*?^```", "", text))


def bold_in(text):
    """The phrases in bold, each on one line; a phrase does not go on behind an empty line."""
    phrases = re.findall(r"\*\*(?=\S)((?:(?!\*\*|\n\s*\n).)+?)(?<=\S)\*\*", text, flags=re.DOTALL)
    return [" ".join(phrase.split()) for phrase in phrases]


def entries_of(text):
    """Of each well-formed entry its anchor, term, sentence and links."""
    return [entry.groups() for line in text.splitlines() if (entry := ENTRY.fullmatch(line))]


def is_entry(line):
    return line.startswith("<a id=") and "**" in line


def names_of(text):
    """Every term of a glossary and its other names, which are in italics."""
    entries = entries_of(text)
    names = [
        name for _, term, sentence, _ in entries for name in (term, *re.findall(r"\*([^*]+)\*", sentence))
    ]
    return {form(name) for name in names}


def missing_terms(source, names):
    """The bold phrases of a lab that are neither a name in the glossary nor known as emphasis."""
    emphasis = {plain(phrase) for phrase in NOT_TERMS}
    short = {plain(phrase) for phrase in SHORT_FORMS}
    phrases = dict.fromkeys(bold_in(markdown_of(source)))
    return [p for p in phrases if form(p) not in names and plain(p) not in emphasis | short]


def sort_key(term):
    return re.sub(r"[^a-z0-9@ ]", "", re.sub(r"[-–]", " ", term.casefold()))


def is_one_sentence(sentence):
    """It starts with a capital, ends with its only full stop, and is short. The dot of 0.5 is no full stop."""
    stops = re.findall(r"[.!?](?=\s|$)", sentence)
    return (
        sentence[0].isupper()
        and sentence.endswith(".")
        and len(stops) == 1
        and len(sentence.split()) <= MOST_WORDS
    )


def pictures_of(text):
    """The alternative text and the path of each picture."""
    return re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", text)


@pytest.fixture(scope="module")
def glossary():
    return GLOSSARY.read_text(encoding="utf-8")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_bold_terms_of_a_lab_are_in_the_glossary(source, glossary):
    missing = missing_terms(source.read_text(encoding="utf-8"), names_of(glossary))
    assert not missing, (
        f"define these in labs/glossary.md, or add them to EMPHASIS if they are not terms: {missing}"
    )


def test_short_forms_lead_to_terms_and_emphasis_holds_no_term(glossary):
    names = names_of(glossary)
    assert {form(term) for term in SHORT_FORMS.values()} <= names
    assert not [phrase for phrase in NOT_TERMS if phrase in SHORT_FORMS or form(phrase) in names]


def test_every_line_with_an_anchor_and_a_term_is_an_entry(glossary):
    broken = [line for line in glossary.splitlines() if is_entry(line) and not ENTRY.fullmatch(line)]
    assert not broken
    assert glossary.count("**") == 2 * len(entries_of(glossary))


def test_terms_are_sorted_below_their_letter(glossary):
    terms = [sort_key(term) for _, term, _, _ in entries_of(glossary)]
    assert len(terms) > 100 and terms == sorted(set(terms))
    lines = [line for line in glossary.splitlines() if line.startswith("## ") or is_entry(line)]
    letter = ""
    for line in lines:
        letter = line[3:] if line.startswith("## ") else letter
        assert line.startswith("## ") or sort_key(line.split("**")[1])[0].upper() == letter, line


def test_each_definition_is_one_short_sentence(glossary):
    assert not [
        (term, sentence) for _, term, sentence, _ in entries_of(glossary) if not is_one_sentence(sentence)
    ]


def test_each_term_links_to_a_lab(glossary):
    for _, term, _, links in entries_of(glossary):
        for number, name in re.findall(r"\[lab (\d\d)\]\(([^)]*)\)", links):
            assert name.startswith(f"{number}_") and (LABS / name).is_file(), (
                f"{term}: {name} is not lab {number}"
            )


def test_anchors_are_unique_and_made_of_the_term(glossary):
    ids = re.findall(r'<a id="([^"]+)"></a>', glossary)
    assert not [name for name, count in Counter(ids).items() if count > 1]
    for anchor, term, _, _ in entries_of(glossary):
        assert anchor == re.sub(r"\s+", "-", sort_key(term).replace("@", " at ")), term
    assert set(re.findall(r"\]\(#([^)]+)\)", glossary)) <= set(ids)


def test_each_picture_is_there_is_described_and_brings_its_own_background(glossary):
    pictures = pictures_of(glossary)
    assert {LABS / path for _, path in pictures} == set((LABS / "glossary").iterdir())
    for alt, path in pictures:
        assert len(alt.split()) >= 8, f"{path} needs a text for readers who do not see it"
        root = ElementTree.parse(LABS / path).getroot()
        first = next(element for element in root if not element.tag.endswith("title"))
        size = [root.get("width"), root.get("height")]
        assert first.tag.endswith("rect") and [first.get("width"), first.get("height")] == size, path
        assert first.get("fill") == "#ffffff" and root.get("fill"), path


def test_a_new_bold_term_is_noticed_and_code_is_not():
    lab = "# %% [markdown]\n# The **anchors** and a **strange\n# thing**, not `a ** b ** c`, but **Time:** it.\n\n# %%\nx = 2**3 + 3**2\n"
    assert bold_in(markdown_of(lab)) == ["anchors", "strange thing", "Time:"]
    assert missing_terms(lab, {"anchor"}) == ["strange thing"]


@pytest.mark.parametrize(
    "one, other", [("Anchors", "anchor"), ("Anchor boxes", "anchor box"), ("key points", "key-point")]
)
def test_forms_of_one_term(one, other):
    assert form(one) == form(other)


@pytest.mark.parametrize(
    "sentence, right",
    [
        ("A box.", True),
        ("a box.", False),
        ("A box. A mask.", False),
        ("At 0.5, a box.", True),
        ("A box", False),
        ("A " * 36 + "b.", False),
    ],
)
def test_one_sentence(sentence, right):
    assert is_one_sentence(sentence) is right
