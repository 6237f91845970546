"""Options that are lists."""

import pytest

from ctxshape.cli.options import lengths_of, split_commas
from ctxshape.errors import ConfigError


def test_names_between_commas() -> None:
    assert split_commas(" raw, light ,,") == ["raw", "light"] and split_commas("") == []


def test_lengths() -> None:
    assert lengths_of("--lengths", " 4,10 ,") == [4, 10]
    for given in ("", "4,x", "-1"):
        with pytest.raises(ConfigError, match="--lengths is"):
            lengths_of("--lengths", given)
