"""llama.cpp through llama-cpp-python: the engine, its sequences, and what they reuse."""
