from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from ctxshape.backends.llama.backend import LlamaCpp
from ctxshape.core.registry import build
from ctxshape.errors import ConfigError, ModelError


@pytest.fixture
def gguf(tmp_path: Path) -> Path:
    """A file that begins like a GGUF and holds nothing else: enough until it is loaded."""
    path = tmp_path / "broken.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no model file '.*none\.gguf'; give"):
        LlamaCpp(tmp_path / "none.gguf")


def test_a_directory_names_a_model_in_it(tmp_path: Path, gguf: Path) -> None:
    with pytest.raises(ModelError, match=r"directory.*'.*broken\.gguf'"):
        LlamaCpp(str(tmp_path))


@pytest.mark.parametrize("content", [b"", b"GG", b"\x80\x04model"])
def test_another_format(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is not a GGUF file: it begins with"):
        LlamaCpp(path)


def test_something_that_is_no_model_at_all() -> None:
    with pytest.raises(ConfigError, match="'model' is int; give the path"):
        LlamaCpp(3)


@pytest.mark.parametrize("wrong", [{"n_ctx": 0}, {"n_gpu_layers": -2}, {"kv_type": "f8"}, {"n_threads": 0}])
def test_wrong_parameters_are_named(gguf: Path, wrong: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=f"field '{next(iter(wrong))}'"):
        LlamaCpp(gguf, **wrong)  # type: ignore[arg-type]


def test_a_quantised_cache_needs_flash_attention(gguf: Path) -> None:
    with pytest.raises(ConfigError, match="needs flash attention"):
        LlamaCpp(gguf, kv_type="q8_0", flash_attention=False)


def test_the_configuration_is_the_value(gguf: Path) -> None:
    backend = LlamaCpp(gguf, n_ctx=512)
    assert repr(backend).startswith(f"LlamaCpp(model={str(gguf)!r}, n_ctx=512, n_gpu_layers=0")
    assert pickle.loads(pickle.dumps(backend)) == backend == backend.model_copy()
    assert hash(backend.model_copy()) == hash(backend)
    assert backend.model_copy(update={"n_ctx": 1024}) != backend
    assert build({"use": "llama_cpp", "model": str(gguf), "n_ctx": 512}, "backends", "test", allow="reads") == backend


def test_use_after_close(gguf: Path) -> None:
    with LlamaCpp(gguf) as backend:
        pass
    with pytest.raises(ModelError, match=r"LlamaCpp\(.*\) was closed"):
        backend.count_tokens("x")
    backend.close()


def test_importing_it_imports_no_llama_cpp() -> None:
    code = "import sys, ctxshape.backends.llama.backend; assert 'llama_cpp' not in sys.modules and 'jinja2' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_missing_library_says_how_to_install_it(gguf: Path) -> None:
    code = (
        "import sys; sys.modules['llama_cpp'] = None\n"
        "from ctxshape.backends.llama.backend import LlamaCpp; from ctxshape.errors import MissingExtra\n"
        f"backend = LlamaCpp({str(gguf)!r})\n"
        "try: backend.count_tokens('x')\n"
        "except MissingExtra as error: assert str(error).endswith(\"pip install 'ctxshape[llama]'\"), error\n"
        "else: raise SystemExit('no error')"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_broken_file_says_why_and_prints_nothing(gguf: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ModelError, match=r"'.*broken\.gguf': .*gguf"):
        LlamaCpp(gguf).count_tokens("x")
    assert capfd.readouterr() == ("", "")
