"""One thread and no display, for every test: two spinning threads on a busy machine are many times slower."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("MPLBACKEND", "Agg")

import torch  # noqa: E402 -- reads the environment when it is imported

torch.set_num_threads(1)
