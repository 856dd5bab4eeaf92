"""The deck's typefaces, from packages: one file per weight for matplotlib, and for the page only the letters that it shows."""

import base64
import hashlib
import io
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

TEXT, ITALIC = (("fontpkg_source_sans_3", f"files/SourceSans3{style}[wght].ttf") for style in ("", "-Italic"))
CODE = ("fontpkg_source_code_pro", "files/SourceCodePro[wght].ttf")
MATHS = ("ziamath", "fonts/STIXTwoMath-Regular.ttf")
# The names on the page are ours: the licence (SIL OFL 1.1) reserves "Source" for unchanged fonts.
FACES = (
    ("Deck Sans", "normal", "200 900", TEXT),
    ("Deck Sans", "italic", "200 900", ITALIC),
    ("Deck Code", "normal", "200 900", CODE),
    ("Deck Maths", "normal", "400", MATHS),
)
STATIC = ((TEXT, 400), (TEXT, 700), (ITALIC, 400))
LAYOUT = ["GSUB", "GPOS", "GDEF"]  # tables that matplotlib does not read; without them it takes half the time
# Characters that a browser draws for a formula though they are not in the text: the root's sign, and single letters in italics.
DRAWN = "√ℎ" + "".join(map(chr, [*range(0x1D434, 0x1D468), *range(0x1D6E2, 0x1D71C)]))
ASCII = "".join(map(chr, range(32, 127)))
LETTERS = ASCII + "".join(map(chr, [*range(0xA0, 0x250), *range(0x370, 0x400), *range(0x2010, 0x2300)]))


def css(text: str, store: Path) -> str:
    """Return the @font-face rules of the page with only the letters of `text` and ASCII inside."""
    letters = "".join(sorted(set(ASCII + text)))
    return "\n".join(
        face(family, style, weight, font, letters + DRAWN if font == MATHS else letters, store)
        for family, style, weight, font in FACES
    )


def face(family: str, style: str, weight: str, font: tuple[str, str], letters: str, store: Path) -> str:
    name = hashlib.sha256(f"{font} {letters}".encode()).hexdigest()[:16]
    kept = store / f"{name}.woff2"
    if not kept.is_file():
        store.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(subset(font, letters))
    data = base64.b64encode(kept.read_bytes()).decode()
    return (
        f'@font-face {{ font-family: "{family}"; font-style: {style}; font-weight: {weight};'
        f" src: url(data:font/woff2;base64,{data}) format('woff2'); }}"
    )


def subset(font: tuple[str, str], letters: str) -> bytes:
    """Return a font as WOFF2 with these letters and no names."""
    small = with_letters(font, letters, name_IDs=[])
    small.flavor, buffer = "woff2", io.BytesIO()
    small.save(buffer)
    return buffer.getvalue()


def with_letters(font: tuple[str, str], letters: str, **options) -> TTFont:
    package, name = font
    small = TTFont(
        Path(find_spec(package).origin).parent / name
    )  # found, not imported, which may take a while
    subsetter = Subsetter(Options(notdef_outline=True, **options))
    subsetter.populate(text=letters)
    subsetter.subset(small)
    return small


@cache
def register(store: Path) -> None:
    """Make "Source Sans 3", regular, bold and italic, known to matplotlib, which cannot read variable fonts."""
    from matplotlib.font_manager import fontManager

    for path in static_fonts(store):
        fontManager.addfont(path)


def static_fonts(store: Path) -> list[Path]:
    """Return a file for each typeface and weight of the figures; make it if it is not there."""
    store.mkdir(parents=True, exist_ok=True)
    paths = []
    for font, weight in STATIC:
        path = store / f"{Path(font[1]).stem.split('[')[0]}-{weight}.ttf"
        if not path.is_file():
            small = with_letters(font, LETTERS, name_IDs=["*"], drop_tables=LAYOUT)
            instantiateVariableFont(small, {"wght": weight}, inplace=True, updateFontNames=True)
            small.save(path)
        paths.append(path)
    return paths
