"""Questions and their passages out of Parquet files, shaped by up to two workers, into others; a job that was killed goes on.

Run it with:  python shape_many.py  [rows.parquet  shaped]

Without arguments it makes a file of demo questions, English and Chinese, some of them broken.
"""

# ruff: noqa: T201

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else Ray reports that it was used

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import ray
from ctxshape_ray import Workers, shape_dataset
from ray.data import DataContext
from ray.data.checkpoint import CheckpointConfig

from ctxshape.cli.demo import demo_case


def demo_rows(folder: Path) -> str:
    """A Parquet file of 40 rows; every tenth has no question."""
    cases = [demo_case("en"), demo_case("zh")]
    rows = [
        {
            "id": number,
            "question": None if number % 10 == 9 else cases[number % 2].question,
            "documents": [{"id": d.id, "text": d.text, "title": d.title} for d in cases[number % 2].documents],
        }
        for number in range(40)
    ]
    pq.write_table(pa.Table.from_pylist(rows), folder / "rows.parquet")
    return str(folder / "rows.parquet")


def main(arguments: list[str]) -> None:
    """Shape the rows and say what they were and what they are."""
    ray.init(include_dashboard=False, ignore_reinit_error=True)
    folder = Path(tempfile.mkdtemp(prefix="ctxshape-ray-"))
    given, made = arguments if arguments else (demo_rows(folder), str(folder / "shaped"))

    context = DataContext.get_current().copy()
    # The folder must be one that all machines see; a second run skips the rows whose ids are in it.
    context.checkpoint_config = CheckpointConfig("id", f"{Path(made).resolve()}.checkpoint")
    with DataContext.current(context):
        rows = ray.data.read_parquet(given).repartition(target_num_rows_per_block=10)
        shape_dataset(rows, budget=300, workers=Workers(most=2)).write_parquet(made)

    shaped = pq.read_table(made, columns=["tokens_before", "tokens_after", "error"])
    before, after = (pc.sum(shaped[name]).as_py() for name in ("tokens_before", "tokens_after"))
    errors = shaped["error"].drop_null().to_pylist()
    print(f"{len(shaped)} rows: {before} tokens became {after}")
    print(f"{len(errors)} have an error, such as: {errors[0]}" if errors else "none has an error")
    print(made)


if __name__ == "__main__":
    main(sys.argv[1:])
