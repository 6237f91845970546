"""Knowledge about each architecture that llama.cpp keeps in its code, because no key of a GGUF file contains it.

Read from the source of llama.cpp in llama-cpp-python 0.3.36: `llama_model_rope_type`, `llm_arch_is_recurrent`,
`llm_arch_is_hybrid`, `llm_arch_is_diffusion`, `create_memory`, `load_swa_pattern` and the graphs in `src/models/`.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

SOURCE = "llama.cpp's code"

RECURRENT = frozenset("mamba mamba2 rwkv6 rwkv6qwen2 rwkv7 arwkv7".split())
HYBRID = frozenset(
    "jamba falcon-h1 plamo2 granitehybrid lfm2 lfm2moe nemotron_h nemotron_h_moe qwen3next kimi-linear bailingmoe3 kimi-k3 "
    "glm5-next qwen35 qwen35moe qwen4exp deepseek4 minimax-01".split()
)
# Architectures whose layers all have both attention and a state.
PARALLEL = frozenset(("falcon-h1",))
# Every n-th layer attends and the others keep a state, unless the file lists the layers.
ATTENTION_INTERVAL = {"qwen3next": 4, "qwen35": 4, "qwen35moe": 4, "qwen4exp": 4, "minimax-01": 8}

ENCODERS = frozenset(
    "bert modern-bert nomic-bert nomic-bert-moe neo-bert jina-bert-v2 jina-bert-v3 eurobert gemma-embedding llama-embed "
    "t5encoder".split()
)
ENCODER_DECODERS = frozenset(("t5",))
DIFFUSION = frozenset("dream llada llada-moe rnd1".split())
# Parts of other models, and models that do not generate text.
NO_TEXT = frozenset("clip wavtokenizer-dec eagle3 dflash gemma4-assistant qwen3tts pockettts".split())

NO_ROPE = frozenset(
    "clip gpt2 gptj mpt refact bloom mamba mamba2 jamba jina-bert-v2 t5 t5encoder jais rwkv6 rwkv6qwen2 rwkv7 arwkv7 "
    "wavtokenizer-dec nemotron_h nemotron_h_moe kimi-linear kimi-k3 glm5-next".split()
)
# llama.cpp's table gives these names RoPE, but their graphs add a learned position to the input.
LEARNED = frozenset("gpt2 starcoder".split())
RELATIVE = frozenset("t5 t5encoder".split())
ALIBI = {"bloom": 8.0, "refact": 8.0, "jina-bert-v2": 8.0}
# Baichuan-13B has 40 layers and ALiBi, Baichuan-7B has 32 and RoPE. Nothing else in the file tells them apart.
ALIBI_BY_LAYERS = {("baichuan", 40): 8.0}
# Each token has three positions, for images. llama.cpp does not move their KV.
MULTIMODAL_ROPE = frozenset("qwen2vl paddleocr qwen3vl qwen3vlmoe qwen35 qwen35moe qwen4exp qwen3tts".split())

# Layers without RoPE in models with RoPE: (n, remainder) of their number from 0.
NO_ROPE_STEP = {"smollm3": (4, 3), "llama4": (4, 3), "afmoe": (4, 3), "smallthinker": (4, 0)}
# RoPE only in the layers with a sliding window.
ROPE_IN_WINDOWS_ONLY = frozenset("cohere2 cohere2moe exaone4 exaone-moe muse-glimmer".split())
# RoPE has another width in some layers, which `llama_kv_cache::get_can_shift` refuses.
UNEVEN_ROPE = frozenset(("step35",))
# Attention over selected tokens, with a separate cache beside the KV cache.
SPARSE = frozenset("deepseek32 glm-dsa glm5-next hy_v4 dots3note deepseek4 minimax-m3 qwen4exp".split())


class WindowRule(NamedTuple):
    """Decides which layers slide if the file has no list: all but the last (or first) of each `pattern`; 0 means all."""

    pattern: int
    dense_first: bool = False
    size: int | None = None  # used if the file gives none
    kind: Literal["sliding", "chunked", "symmetric"] = "sliding"
    fixed: bool = False  # the file's size only turns it on


WINDOWS = {
    "gemma2": WindowRule(2, size=4096),
    "gemma3": WindowRule(6),
    "gemma3n": WindowRule(5),
    "gemma-embedding": WindowRule(6, kind="symmetric"),
    "cohere2": WindowRule(4),
    "cohere2moe": WindowRule(4, dense_first=True),
    "exaone-moe": WindowRule(4, size=128),
    "afmoe": WindowRule(4),
    "gpt-oss": WindowRule(2),
    "llama4": WindowRule(4, size=8192, kind="chunked", fixed=True),
    "olmo2": WindowRule(4),
    "plamo3": WindowRule(8),
    "smallthinker": WindowRule(4, dense_first=True, fixed=True, size=4096),
    "mellum": WindowRule(4),
    "laguna": WindowRule(4, dense_first=True),
    "muse-glimmer": WindowRule(4),
    "modern-bert": WindowRule(3, dense_first=True, kind="symmetric"),
    "deepseek4": WindowRule(0),
    "lfm2": WindowRule(0),
    "lfm2moe": WindowRule(0),
}
# Of EXAONE 4, only the 32B model, which has 64 layers, has a window.
WINDOWS_BY_LAYERS = {("exaone4", 64): WindowRule(4, size=4096)}
# Architectures whose files always list the layers with a window.
LISTED_WINDOWS = frozenset("gemma4 granite_swa maple mimo2 spark2_5 step35 dots3note".split())
# Without a window, Smallthinker and Llama 4 have RoPE in all layers.
ALL_ROPE_WITHOUT_WINDOW = frozenset(("smallthinker", "llama4"))

# Layers from this number on reuse the KV of earlier ones.
SHARED_KV_FROM = {"gemma3n": 20}

_PLAIN = (
    "llama deci falcon grok gptneox baichuan starcoder stablelm qwen qwen2 qwen2moe qwen3 qwen3moe phi2 phi3 phimoe plamo "
    "codeshell orion internlm2 minicpm minicpm3 gemma starcoder2 xverse command-r dbrx olmo olmoe openelm arctic deepseek "
    "deepseek2 deepseek2-ocr chatglm glm4 glm4moe bitnet jais2 nemotron exaone exaone4 granite granitemoe graniteswitch "
    "chameleon plm bailingmoe bailingmoe2 dots1 arcee ernie4_5 ernie4_5-moe hunyuan-moe hunyuan-dense hunyuan_vl hy_v3 "
    "smollm3 seed_oss grovemoe apertus hrm_text minimax-m2 cogvlm pangu-embedded mistral3 mistral4 maincoder talkie nanbeige"
)
KNOWN = (
    frozenset(_PLAIN.split())
    | RECURRENT | HYBRID | ENCODERS | ENCODER_DECODERS | DIFFUSION | NO_TEXT | NO_ROPE | LEARNED | MULTIMODAL_ROPE
    | SPARSE | LISTED_WINDOWS | frozenset(WINDOWS)
)  # fmt: skip


def windowed_layers(rule: WindowRule, layers: int) -> tuple[bool, ...]:
    """Returns whether each layer slides (`llama_hparams::set_swa_pattern`).

    >>> windowed_layers(WindowRule(3), 6), windowed_layers(WindowRule(3, dense_first=True), 3)
    ((True, True, False, True, True, False), (False, True, True))
    """
    dense = 0 if rule.dense_first else rule.pattern - 1
    return tuple(rule.pattern == 0 or layer % rule.pattern != dense for layer in range(layers))
