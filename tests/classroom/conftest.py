"""Figures as the labs draw them: in the course's style, which a lab asks for in its first cell."""

import matplotlib.pyplot as plt
import pytest

from coursekit.draw import STYLE


@pytest.fixture(autouse=True)
def course_style():
    with plt.rc_context(STYLE):
        yield
