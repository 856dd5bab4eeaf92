"""The packages that only parts of classroom need, and the extras of coursekit that install them."""

from importlib.util import find_spec


def need(package: str, extra: str) -> None:
    """Raise an error that explains how to install a missing package.

    Args:
        package: the name with which it is imported.
        extra: of pyproject.toml, the one that installs it.
    Raises:
        ModuleNotFoundError: the package is not installed.
    """
    if find_spec(package) is None:
        raise ModuleNotFoundError(advice(package, extra), name=package)


def advice(package: str | None, extra: str) -> str:
    """Return the sentence that says what is missing and how to install it."""
    return f"This needs the package {package}: run `python -m pip install 'coursekit[{extra}]'`."
