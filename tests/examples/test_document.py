"""docs/tokens-for-mobile.md quotes the reference client as it is."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "tokens-for-mobile.md").read_text()
CLIENT = (ROOT / "examples" / "mobile_client" / "client.py").read_text()


def test_quoted_code_stands_in_the_client() -> None:
    methods = re.split(r"\n(?=    def )", re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[0])
    assert len(methods) == 2
    assert [method for method in methods if method.strip() not in CLIENT] == []
