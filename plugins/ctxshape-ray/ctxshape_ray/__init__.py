"""ctxshape on Ray Data: millions of contexts shaped, and answered, by workers that load their models once."""

from ctxshape_ray.columns import output_schema
from ctxshape_ray.dataset import shape_dataset
from ctxshape_ray.workers import Workers

__all__ = ["Workers", "output_schema", "shape_dataset"]
