"""A hash that is nobody's and costs what an imported one costs, for `PASSWORD_DECOY` (SECURITY P-05)."""

import secrets
import string

# Parameters are short; what is longer is salt or hash.
_LONGEST_PARAMETER = 10
_BCRYPT_BODY = 53
# The last character of bcrypt's salt has room for two bits only.
_BCRYPT_SALT_ENDS = 21


def like(encoded: str) -> str:
    """The same algorithm and parameters; salt and hash are random letters."""
    algorithm, *rest = encoded.split("$")
    return "$".join([algorithm, *(_random(part) if len(part) > _LONGEST_PARAMETER else part for part in rest)])


def _random(part: str) -> str:
    letters = [secrets.choice(string.ascii_letters) for _ in part]
    if len(part) == _BCRYPT_BODY:
        letters[_BCRYPT_SALT_ENDS] = "."
    return "".join(letters)
