"""Counters for /metrics. Label values come from our own code, never from input (SECURITY G-09)."""

from prometheus_client import Counter

refreshes = Counter("signet_refreshes_total", "Refresh requests by what became of them.", ["outcome"])
sign_ins = Counter("signet_sign_ins_total", "Sign-ins by method and outcome.", ["method", "outcome"])
refusals = Counter("signet_token_refusals_total", "Refused access tokens by code.", ["code"])
doors_full = Counter("signet_doors_full_total", "Sign-ins and their like that found every place taken.", ["by"])
