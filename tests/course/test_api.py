"""The API reference: every link leads somewhere, no page asks the network, every public name has its words."""

import inspect
import re
from importlib import import_module

import pytest
from pages_of_html import Page, broken_links, loads_from_outside, read_pages

from classroom.api.build import modules
from classroom.api.markdown import to_markdown

CITED = ("https://arxiv.org/abs/", "https://doi.org/10.", "https://cocodataset.org/")
FLAT = (
    "ops",
    "nets",
    "models",
    "data",
    "metrics",
    "proposals",
    "tracking",
)  # one namespace each: see `__all__`


@pytest.fixture(scope="module")
def pages(api_folder):
    return read_pages(api_folder)


@pytest.mark.slow
def test_every_link_leads_to_a_page_and_an_anchor_or_to_a_source(pages):
    assert len(pages) > len(modules())  # and the index
    assert list(broken_links(pages, CITED)) == []


@pytest.mark.slow
def test_a_page_loads_nothing_but_the_search_beside_it(pages, api_folder):
    assert loads_from_outside(pages, api_folder) == []


@pytest.mark.slow
@pytest.mark.parametrize("package", FLAT)
def test_every_public_name_has_an_entry_with_words(package, pages, api_folder):
    module = import_module(f"coursekit.{package}")
    page = pages[api_folder / "coursekit" / f"{package}.html"]
    for name in module.__all__:
        assert name in page.anchors, name
        value = getattr(module, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert value.__doc__, name


@pytest.mark.slow
def test_formulas_are_drawn_and_doctests_coloured(api_folder):
    text = (api_folder / "coursekit" / "ops.html").read_text(encoding="utf-8")
    assert (
        "Define the computation performed"
        not in text + (api_folder / "coursekit" / "models.html").read_text()
    )
    assert text.count('<math display="block">') >= 4
    assert '<span class="gp">&gt;&gt;&gt; </span>' in text
    assert "$$" not in re.sub(r'<div class="pdoc-code codehilite">.*?</div>', "", text, flags=re.DOTALL)


def test_broken_links_are_found(tmp_path):
    here = tmp_path / "a.html"
    texts = ['<a href="b.html">', '<a href="#nowhere">', '<a href="https://example.org">']
    pages = {here: Page("".join(texts) + '<a href="#here"><a href="https://arxiv.org/abs/1"><p id="here">')}
    assert [link for _, link in broken_links(pages, CITED)] == ["b.html", "#nowhere", "https://example.org"]


DOCSTRING = r"""Return a thing, see arXiv:1234.56789.

    $$
    \frac{a_1}{b} \le *c*
    $$

    Shapes: (N, 4) -> (N,).
    Args:
        a: the first, which
            goes on here.
        b: the second: see below.
    Raises:
        ValueError: there is none.
    Like torchvision's, but better.
    Source: Somebody, doi:10.1007/s1-2.

    >>> x_1 * y_1 * 2
    3
    """


def test_the_house_s_docstring_becomes_markdown():
    text = to_markdown(DOCSTRING)
    assert (
        "**Args**\n\n- `a`: the first, which goes on here.\n- `b`: the second: see below.\n\n**Raises**"
        in text
    )
    assert "**Raises**\n\n- `ValueError`: there is none.\n\nLike torchvision's" in text
    assert "**Shapes** (N, 4) → (N,).\n\n**Args**" in text
    assert "[arXiv:1234.56789](https://arxiv.org/abs/1234.56789)" in text
    assert "[doi:10.1007/s1-2](https://doi.org/10.1007/s1-2)" in text
    assert "```pycon\n>>> x_1 * y_1 * 2\n3\n```" in text
    assert '<div class="formula"><math display="block">' in text and "$$" not in text


def test_a_formula_that_is_not_latex_is_named():
    with pytest.raises(ValueError, match=r"The formula '\\\\frac' of a docstring is not LaTeX"):
        to_markdown("Return.\n\n$$\\frac$$")
