"""`python -m ctxshape` is the command `ctxshape`, of the interpreter that runs it."""

from ctxshape.cli import main

if __name__ == "__main__":
    main()
