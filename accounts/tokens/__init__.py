"""The one mint: every token is made, verified, rotated here; the only package that touches JOSE."""
