"""The first cell of a lab in Colab: copy it into a new cell above the others, with the address of your clone.

It installs what is missing and no more: torch, torchvision, NumPy and Jupyter stay as they are. On any other machine it does nothing.
"""

import os
import subprocess
import sys

REPOSITORY = "https://…/coursekit"  # the address of your course

if "google.colab" in sys.modules:
    from google.colab import output

    output.enable_custom_widget_manager()  # the course's widgets are not among those that Colab brings along
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    if not os.path.isdir("/content/course"):
        subprocess.run(["git", "clone", "--depth", "1", REPOSITORY, "/content/course"], check=True)
    installed = subprocess.run(
        [sys.executable, "-m", "pip", "freeze"], check=True, text=True, capture_output=True
    ).stdout
    kept = [line for line in installed.splitlines() if line.startswith(("torch", "numpy", "ipykernel"))]
    with open("/content/kept.txt", "w") as file:
        print(
            *kept, sep="\n", file=file
        )  # a version that the course does not take ends in an error, not in a change
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", "/content/kept.txt"]
    subprocess.run([*pip, "--editable", "/content/course[widgets]"], check=True)
    sys.path.insert(0, "/content/course")  # this Python has looked for packages before
    os.chdir("/content/course/labs")
