import os
from pathlib import Path

import pytest

from deployments.up.lock import FolderUnusable, RunsAlready, single_instance


def test_second_instance_is_told_who_is_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "up.lock"
    with (
        single_instance(lock),
        pytest.raises(RunsAlready, match=f"pid {os.getpid()}"),
        single_instance(lock),
    ):
        pass


def test_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    for _ in range(2):
        with single_instance(tmp_path / "up.lock"):
            pass


def test_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(FolderUnusable, match=r"cannot write to .*file"),
        single_instance(tmp_path / "file" / "up.lock"),
    ):
        pass
