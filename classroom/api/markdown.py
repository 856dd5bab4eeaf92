"""Docstrings as Markdown: sections with a heading each, formulas as MathML, doctests coloured, papers linked."""

import re
from inspect import cleandoc
from textwrap import dedent

import math_core

FORMULA = re.compile(r"^\$\$(.+?)\$\$$", re.MULTILINE | re.DOTALL)
DOCTEST = re.compile(r"^>>>.*(?:\n(?!\n).*)*(?:\n\n>>>.*(?:\n(?!\n).*)*)*", re.MULTILINE)
BLOCK = re.compile(r"^(Args|Raises|Attributes):\n((?:[ \t]+.*\n?|\n(?=[ \t]))+)", re.MULTILINE)
ITEM = re.compile(r"^(\S[^\n]*?): +((?:.|\n(?=[ \t]))*)", re.MULTILINE)
LINE = re.compile(r"^(Shapes|Source|Raises): ", re.MULTILINE)
LIKE = re.compile(r"^(?=Like torch)", re.MULTILINE)
ARXIV = re.compile(r"\barXiv:(\d{4}\.\d{4,5})")
DOI = re.compile(r"\bdoi:(10\.\d{4,9}/[^\s)]*[^\s).,;])")


def to_markdown(docstring: str) -> str:
    """Return a docstring of the house's form as Markdown with a little HTML.

    Raises:
        ValueError: a formula that is not LaTeX.

    >>> print(to_markdown("Return the sum.\\n\\nShapes: (N,) -> ().\\nArgs:\\n    x: numbers, in pixels."))
    Return the sum.
    <BLANKLINE>
    **Shapes** (N,) → ().
    <BLANKLINE>
    **Args**
    <BLANKLINE>
    - `x`: numbers, in pixels.
    """
    text, kept = set_aside(cleandoc(docstring))
    text = BLOCK.sub(lambda found: f"\n\n**{found[1]}**\n\n{items(found[2])}\n\n", text)
    text = LIKE.sub("\n\n", LINE.sub(r"\n\n**\1** ", text))
    text = ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", text)
    text = DOI.sub(r"[doi:\1](https://doi.org/\1)", text)
    text = re.sub(r"\n{3,}", "\n\n", text).strip().replace("->", "→")
    return re.sub(r"@(\d+)@", lambda found: kept[int(found[1])], text)


def set_aside(text: str) -> tuple[str, list[str]]:
    """Return the text with a mark such as @0@ for each doctest and formula, and these as HTML and Markdown."""
    kept: list[str] = []

    def keep(block: str) -> str:
        kept.append(block)
        return f"\n\n@{len(kept) - 1}@\n\n"

    text = DOCTEST.sub(lambda found: keep(f"```pycon\n{found[0].rstrip()}\n```"), text)
    return FORMULA.sub(lambda found: keep(formula(found[1])), text), kept


def items(block: str) -> str:
    """Return the lines `name: words` of a section, each with its continuation, as a list."""
    lines = [(name, " ".join(words.split())) for name, words in ITEM.findall(dedent(block))]
    return "\n".join(f"- `{name}`: {words}" for name, words in lines)


def formula(latex: str) -> str:
    """Return a formula as a block of MathML, which today's browsers draw without a script.

    >>> formula(r"\\frac{a}{b}")[:50]
    '<div class="formula"><math display="block"><mfrac>'
    """
    try:
        converter = math_core.LatexToMathML(fancy_error=False)
        return f'<div class="formula">{converter.convert_with_local_state(latex, displaystyle=True)}</div>'
    except math_core.LatexError as error:
        raise ValueError(f"The formula {latex.strip()!r} of a docstring is not LaTeX: {error}.") from None
