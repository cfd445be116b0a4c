"""The verifiers of examples/, and what they are given to check: a token of the vectors, with the issuer's keys and its list."""

import json
import sys

from . import golang, node
from .children import run_module
from .contender import Contender

PYTHON, NODE, GO = "Python", "Node", "Go"
_TOKEN = "es256"


def commands() -> dict[str, list[str]]:
    """How to start each that can be run here."""
    started = {PYTHON: [sys.executable, "-m", "benchmarks.verification"]}
    if not node.missing():
        started[NODE] = ["node", node.script("verification.mjs")]
    if not golang.missing():
        started[GO] = [golang.program()]
    return started


def given(signet: Contender) -> str:
    """As their first line: the vectors that `manage.py token_vectors` writes, and one of its tokens."""
    book = json.loads(run_module(signet.environ, "django", "token_vectors"))
    tokens = {vector["name"]: vector["token"] for vector in book["tokens"]}
    public = {name: book[name] for name in ("now", "issuer", "audience", "jwks", "revocations")}
    return json.dumps({"book": public, "token": tokens[_TOKEN]})
