"""The rows as an SVG of horizontal bars; it brings its own background, so it reads on light and on dark pages."""

from html import escape

from .rows import Group, Row

WIDTH = 860
LABEL_WIDTH = 330
BAR_WIDTH = 430
LINE = 26
_STYLE = """
.card{fill:#fff;stroke:#d0d7de}.title{font-weight:600}.text,.title{fill:#1f2328}.quiet{fill:#59636e}
.bar{fill:#8c959f}.ours{fill:#0969da}.range{stroke:#1f2328;stroke-width:1.5}.goal{stroke:#cf222e;stroke-width:2}
.one{stroke:#1f2328;stroke-dasharray:2 3;opacity:.6}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}.small{font-size:11px}
@media (prefers-color-scheme:dark){.card{fill:#0d1117;stroke:#3d444d}.text,.title{fill:#f0f6fc}.quiet{fill:#9198a1}
.bar{fill:#656c76}.ours{fill:#4493f8}.range{stroke:#f0f6fc}.goal{stroke:#f85149}.one{stroke:#f0f6fc}}
"""
_HEADINGS: dict[Group, tuple[str, str]] = {
    "in_process": (
        "What guarding a view costs",
        "time of a guarded view ÷ a bare view behind the same middleware (less is better)",
    ),
    "requests": ("Guarded requests a second", "Signet ÷ the other: requests per second of one core, same server, one worker"),
    "refreshes": ("Refreshes a second", "Signet ÷ the other: four devices, SQLite, synchronous=FULL"),
    "userinfo": ("Userinfo a second", "Signet ÷ the other: answers per second of one core, the same claims"),
    "exchanges": (
        "Codes exchanged a second",
        "Signet ÷ the other: four at a time, SQLite, synchronous=FULL (oidc-provider writes nothing down)",
    ),
    "verification": (
        "Verifying a token offline",
        "one verifier of examples/ ÷ the other: processor time, one ES256 token",
    ),
}

_LEGEND = (
    "Bars: median of the rounds, all measured in turn in one run. Thin lines: lowest and highest round. Dotted: 1 ×. Red: goal."
)


def chart(rows: list[Row]) -> str:
    """The whole SVG document."""
    parts: list[str] = []
    y = 20
    for group, (title, subtitle) in _HEADINGS.items():
        members = [row for row in rows if row.group == group]
        if members:
            parts += _panel(members, title, subtitle, y)
            y += 58 + LINE * len(members)
    parts.append(_text(24, y + 8, "small quiet", _LEGEND))
    height = y + 28
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="Ratios measured side by side">\n<style>{_STYLE}</style>\n'
        f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(rows: list[Row], title: str, subtitle: str, y: int) -> list[str]:
    widest = max(max(*row.ratios, row.goal.figure if row.goal else 1.0) for row in rows)
    scale = BAR_WIDTH / widest
    parts = [_text(24, y + 10, "title", title), _text(24, y + 27, "small quiet", subtitle)]
    for n, row in enumerate(rows):
        parts += _bar(row, scale, y + 38 + LINE * n)
    parts.append(_upright("one", LABEL_WIDTH + scale, y + 35, LINE * len(rows) - 2))
    return parts


def _bar(row: Row, scale: float, y: int) -> list[str]:
    low, high = min(row.ratios) * scale, max(row.ratios) * scale
    kind, length, middle = "ours" if row.ours else "bar", row.median * scale, y + 9
    parts = [
        _text(LABEL_WIDTH - 10, y + 14, "text", row.label, "end"),
        f'<rect class="{kind}" x="{LABEL_WIDTH}" y="{y}" width="{length:.1f}" height="18" rx="3"/>',
        f'<line class="range" x1="{LABEL_WIDTH + low:.1f}" x2="{LABEL_WIDTH + high:.1f}" y1="{middle}" y2="{middle}"/>',
        _text(WIDTH - 24, y + 14, "text", f"{row.median:.2f} ×", "end"),
    ]
    if row.goal:
        parts.append(_upright("goal", LABEL_WIDTH + row.goal.figure * scale, y - 3, LINE - 2))
    return parts


def _upright(style: str, x: float, y: int, height: int) -> str:
    return f'<line class="{style}" x1="{x:.1f}" x2="{x:.1f}" y1="{y}" y2="{y + height}"/>'


def _text(x: float, y: float, style: str, words: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
