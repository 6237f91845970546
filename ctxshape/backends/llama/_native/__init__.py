"""Everything that calls llama.cpp's C interface for text: the library, weights, tokens and the KV cache."""
