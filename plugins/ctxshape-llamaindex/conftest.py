"""Without LlamaIndex in the environment there is nothing to collect here; CI installs it."""

from importlib.util import find_spec

collect_ignore_glob = ["example/*"] if find_spec("llama_index") else ["*"]
