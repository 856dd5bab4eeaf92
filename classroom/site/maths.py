"""A Sphinx extension: formulas as MathML, which today's browsers draw without a script."""

import math_core
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

from classroom.api.markdown import formula


def setup(app: Sphinx) -> dict[str, bool]:
    """Let Sphinx write formulas with this module."""
    app.add_html_math_renderer("mathml", (inline, None), (block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def inline(page: HTML5Translator, node: nodes.math) -> None:
    """Write a formula inside a sentence."""
    try:
        converter = math_core.LatexToMathML(fancy_error=False)
        page.body.append(converter.convert_with_local_state(node.astext(), displaystyle=False))
    except math_core.LatexError as error:
        raise ExtensionError(f"{node.source}: the formula {node.astext()!r} is not LaTeX: {error}") from None
    raise nodes.SkipNode


def block(page: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own."""
    page.body.append(formula(node.astext()))
    raise nodes.SkipNode
