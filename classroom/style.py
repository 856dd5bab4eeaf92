"""The look of the course's figures."""

import matplotlib

from coursekit.draw import STYLE


def use() -> None:
    """Give every figure drawn from now on the look of the course, those that a student draws too."""
    matplotlib.rcParams.update(STYLE)
