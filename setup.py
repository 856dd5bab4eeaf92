"""The packages of the wheel; everything else is in pyproject.toml."""

from setuptools import find_packages, setup

# The wheel carries the part of data/ that a user of the library needs, as the folder coursekit/shipped_data,
# and a clone keeps it where it is: pyproject.toml cannot name one more package beside those that are found.
setup(
    packages=[*find_packages(include=["coursekit*", "classroom*"]), "coursekit.shipped_data"],
    package_dir={"coursekit.shipped_data": "data"},
)
