"""The command line, and the one place where everything is wired together."""

import os

# One thread for numpy: two cores have calls to carry, and OpenBLAS's threads, waiting for one another, turned ten
# seconds of learning into forty-five. It is read when numpy is imported, so it stands before everything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
