"""What options that are lists of things mean."""

import pytest

from ctxshape.cli.options import lengths_of, parts
from ctxshape.errors import ConfigError


def test_parts() -> None:
    assert parts(" raw, light ,,") == ["raw", "light"] and parts("") == []


def test_lengths() -> None:
    assert lengths_of("--lengths", " 4,10 ,") == [4, 10]
    for given in ("", "4,x", "-1"):
        with pytest.raises(ConfigError, match="--lengths is"):
            lengths_of("--lengths", given)
