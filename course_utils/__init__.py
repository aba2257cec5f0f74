"""Plumbing of the course: style, data, figures, checks and demos. The lessons themselves are in the notebooks."""

import os

# One thread for the linear algebra: on a busy machine two can be many times slower than one.
# It must be set before NumPy is imported, which is why every notebook imports this package first.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(_name, "1")
