"""`python -m benchmarks.with_django MODULE ARGS…` sets Django up first, so that MODULE may import models at its top."""

import runpy
import sys

import django

if __name__ == "__main__":
    django.setup()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
