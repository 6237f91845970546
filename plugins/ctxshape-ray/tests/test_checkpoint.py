"""A job whose driver is killed goes on where it was, by Ray's own checkpoints."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import ray

ROWS = 12
JOB = """
import time
from pathlib import Path
import ray
from ray.data import DataContext
from ray.data.checkpoint import CheckpointConfig
from ctxshape_ray import Workers, shape_dataset

def job(folder, seconds):
    def slowly(context):
        with (folder / "done.txt").open("a") as file:
            file.write(context.query + "\\n")
        time.sleep(seconds if context.query.startswith("Who wrote book") else 0)
        return context.keep(context.documents)

    context = DataContext.get_current().copy()
    context.checkpoint_config = CheckpointConfig("id", str(folder / "checkpoint"), delete_checkpoint_on_success=False)
    with DataContext.current(context):
        rows = ray.data.read_parquet(str(folder / "rows")).repartition(target_num_rows_per_block=2)
        shape_dataset(rows, pipeline=slowly, workers=Workers(most=1, batch_size=2)).write_parquet(str(folder / "shaped"))
"""
DRIVER = """
ray.init(log_to_driver=False, logging_level="ERROR")
DataContext.get_current().use_datasource_v2 = False
job(Path({folder!r}), seconds=0.5)
"""


def write_rows(folder: Path) -> None:
    numbers = list(range(ROWS))
    rows = {
        "id": numbers,
        "question": [f"Who wrote book {n}?" for n in numbers],
        "documents": [[f"Author {n}."] for n in numbers],
    }
    folder.mkdir()
    pq.write_table(pa.table(rows), folder / "rows.parquet")


def driver(folder: Path, address: str) -> subprocess.Popen[str]:
    code = JOB + DRIVER.format(folder=str(folder))
    environment = {**os.environ, "RAY_ADDRESS": address}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.PIPE, text=True)


def written(folder: Path) -> list[int]:
    return sorted(id for path in folder.glob("*.parquet") for id in pq.read_table(path)["id"].to_pylist())


def test_a_killed_job_goes_on_where_it_was(cluster: str, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows")
    with driver(tmp_path, cluster) as first:
        deadline = time.monotonic() + 120
        while not [path for path in tmp_path.glob("checkpoint/*.parquet") if ".pending" not in path.name]:
            assert first.poll() is None and time.monotonic() < deadline, first.stderr and first.stderr.read()
            time.sleep(0.05)
        first.send_signal(signal.SIGKILL)
    done = set(written(tmp_path / "shaped"))
    assert 2 <= len(done) < ROWS
    (tmp_path / "done.txt").unlink()
    here: dict[str, Any] = {}
    exec(JOB, here)
    here["job"](tmp_path, seconds=0)
    again = [line for line in (tmp_path / "done.txt").read_text().splitlines() if line.startswith("Who wrote book")]
    assert written(tmp_path / "shaped") == list(range(ROWS))  # each row once
    kept = [id for id in done if f"Who wrote book {id}?" not in again]
    assert len(kept) >= 2 and len(again) == ROWS - len(kept)
    assert ray.is_initialized()
