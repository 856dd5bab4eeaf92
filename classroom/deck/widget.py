"""An interactive figure: the ES module of a widget of the course, on a slide without Python."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Widget:
    """What a slide needs to run a widget's page.

    Args:
        module: the ES module, which exports `render({model, el})` as anywidget asks.
        traits: the values that `model.get` starts with; anything that JSON can write.
        compute: a JavaScript function `(values) => ({name: value, …})` in place of the computing in Python. It is
            called at the beginning and after each change, and what it returns is set.
    """

    module: Path
    traits: dict[str, object] = field(default_factory=dict)
    compute: str = "() => ({})"
