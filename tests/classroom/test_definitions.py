"""Of a notebook's cells a function gets what it needs, and nothing else is run."""

import pytest

from classroom.notebooks.definitions import define, last_definition, needed, parse


def f_of(*sources, name="f"):
    cells = parse(sources, "test.ipynb")
    return define(needed(cells, name), {})[name]


@pytest.mark.parametrize(
    "above",
    [
        "import math\nHALF = 1 / 2\ndef g(x):\n    return math.floor(x + HALF)",
        "from math import *\ng = lambda x: floor(x + 0.5)",
        "%matplotlib inline\n!ls\nfiles = !ls\nclass G:\n    def __call__(self, x): return round(x)\ng = G()",
        "%%time\nfrom functools import partial\ng = partial(round)",
        "try:\n    import nothing_there as n\nexcept ImportError:\n    n = None\ndef g(x): return round(x) if n is None else 0",
        "TABLE = {}\nTABLE['r'] = round\nif True:\n    def g(x): return TABLE['r'](x)",
        "a, (g, b) = 1, (round, 2)",
        "def g(x):\n    return h(x)\n\ndef h(x):\n    return round(x)",
    ],
)
def test_helpers_imports_and_values_of_the_cells_above_are_there(above):
    assert f_of(above, "def f(x):\n    return g(x)\n\nf = check(f)")(2.7) == 3


def test_what_is_not_needed_is_not_run(tmp_path):
    canary = tmp_path / "canary"
    loud = f"open({str(canary)!r}, 'w')"
    sources = (f"{loud}\nmodel = {loud}\nfor x in [1]: {loud}", "def f(model):\n    x = model\n    return x")
    assert f_of(*sources)(3) == 3 and not canary.exists()


def test_a_line_that_begins_with_a_percent_sign_is_python_where_it_is():
    assert f_of("def f(x):\n    return (x\n% 4)")(7) == 3


def test_a_statement_that_fails_leaves_its_name_out():
    function = f_of(
        "import nothing_there\nCONSTANT = 1 / 0\nimport sys\nleft = sys.exit()",
        "def f():\n    return CONSTANT, left",
    )
    with pytest.raises(NameError):
        function()


def test_the_definition_that_was_checked_counts():
    first, second = "def f():\n    return 1\nf = check(f)", "def f():\n    return 2"
    assert (
        f_of(first, second)() == 1
        and f_of(second, first)() == 1
        and f_of(second, second.replace("2", "3"))() == 3
    )
    cells = parse([first, "def f(:"], "a")
    assert last_definition(cells, "f") == 0 and last_definition(cells, "g") is None


def test_references_take_the_place_of_others():
    cells = parse(["def g():\n    return 1", "def f():\n    return g()"], "a")
    assert define(needed(cells, "f"), {"g": lambda: 7})["f"]() == 7
