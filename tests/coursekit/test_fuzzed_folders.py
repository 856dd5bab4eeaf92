"""Mutated annotation files are read, or refused in words; `tests/shared/fuzzed_folders.py` tries as many as one likes."""

import pytest
from fuzzed_folders import FORMATS, tried


@pytest.mark.parametrize("form", FORMATS)
def test_no_mutated_file_ends_in_a_traceback(tmp_path, monkeypatch, form):
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "cache"))
    count, faults = tried(form, range(1000, 1040), tmp_path)
    assert faults == []
    assert min(count["read"], count["refused"]) > 3 and count.total() == 40
