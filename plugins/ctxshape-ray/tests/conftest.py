"""A local cluster for all tests here."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Its address."""
    import ray
    from ray.data import DataContext

    ray.init(
        num_cpus=3,  # a job that goes on from a checkpoint needs one for the worker, one to read, one to filter
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=100 * 1024**2,
    )
    context = DataContext.get_current()
    context.enable_progress_bars = False
    context.use_datasource_v2 = False  # for a few rows the newer Parquet reader starts several processes more
    context.execution_options.preserve_order = True
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    yield ray.get_runtime_context().gcs_address
    ray.shutdown()
