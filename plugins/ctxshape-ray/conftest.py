"""Without Ray Data in the environment there is nothing to collect here; CI installs it."""

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # tests use no network

collect_ignore_glob = ["example/*"] if find_spec("ray") and find_spec("pyarrow") and find_spec("pandas") else ["*"]

# Ray's own: it reads settings that it deprecates itself, and says when a small job has fewer blocks than workers.
RAYS_OWN = ("ignore::DeprecationWarning:ray", "ignore:The minimum number of concurrent actors:UserWarning:ray")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let warnings of Ray itself pass in the tests of this plugin; all others are errors, as everywhere."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for rule in RAYS_OWN:
                item.add_marker(pytest.mark.filterwarnings(rule))
