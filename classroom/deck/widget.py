"""An interactive figure: the ES module of a widget of the course, on a slide without Python."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Widget:
    """What a slide needs to run a widget's page.

    Args:
        module: the text of the ES module, which exports `render({model, el})` as anywidget asks; for a widget of the
            course, `classroom.widgets.page(name)`.
        traits: the values that `model.get` starts with; anything that JSON can write.
        compute: a JavaScript function `(values) => ({name: value, …})` in place of the computing in Python. It is
            called at the beginning and after each change, and what it returns is set.
    """

    module: str
    traits: dict[str, object] = field(default_factory=dict)
    compute: str = "() => ({})"
