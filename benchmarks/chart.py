"""The rows as an SVG of horizontal bars; it brings its own background, so it reads on light and on dark pages."""

from html import escape

from .rows import Group, Row

WIDTH = 860
LABEL_WIDTH = 330
BAR_WIDTH = 400
LINE = 26
_STYLE = """
.card{fill:#fff;stroke:#d0d7de}.title{font-weight:600}.text,.title{fill:#1f2328}.quiet{fill:#59636e}
.bar{fill:#8c959f}.ours{fill:#0969da}.range{stroke:#1f2328;stroke-width:1.5}.goal{stroke:#cf222e;stroke-dasharray:3 3}
text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}.small{font-size:11px}
@media (prefers-color-scheme:dark){.card{fill:#0d1117;stroke:#3d444d}.text,.title{fill:#f0f6fc}.quiet{fill:#9198a1}
.bar{fill:#656c76}.ours{fill:#4493f8}.range{stroke:#f0f6fc}.goal{stroke:#f85149}}
"""
_HEADINGS: dict[Group, tuple[str, str]] = {
    "in_process": ("What guarding a view costs", "time of a guarded view ÷ a bare view behind the same middleware; shorter is better"),
    "requests": ("Guarded requests a second", "Signet ÷ the other, same server, one worker, one core; longer is better for Signet"),
    "refreshes": ("Refreshes a second", "Signet ÷ the other, SQLite, synchronous=FULL; longer is better for Signet"),
}


def chart(rows: list[Row]) -> str:
    """The whole SVG document."""
    parts: list[str] = []
    y = 20
    for group, (title, subtitle) in _HEADINGS.items():
        members = [row for row in rows if row.group == group]
        if members:
            parts += _panel(members, title, subtitle, y)
            y += 58 + LINE * len(members)
    parts.append(_text(24, y + 8, "small quiet", "Median of rounds measured in turn on one core; thin lines: lowest and highest round; dashes: goal."))
    height = y + 28
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" '
        f'aria-label="Ratios measured side by side">\n<style>{_STYLE}</style>\n'
        f'<rect class="card" x=".5" y=".5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(rows: list[Row], title: str, subtitle: str, y: int) -> list[str]:
    scale = BAR_WIDTH / max(max(row.ratios) for row in rows)
    parts = [_text(24, y + 10, "title", title), _text(24, y + 27, "small quiet", subtitle)]
    for n, row in enumerate(rows):
        parts += _bar(row, scale, y + 38 + LINE * n)
    return parts


def _bar(row: Row, scale: float, y: int) -> list[str]:
    low, high = min(row.ratios) * scale, max(row.ratios) * scale
    middle = y + 9
    parts = [
        _text(LABEL_WIDTH - 10, y + 14, "text", row.label, "end"),
        f'<rect class="{"ours" if row.ours else "bar"}" x="{LABEL_WIDTH}" y="{y}" width="{row.median * scale:.1f}" height="18" rx="3"/>',
        f'<line class="range" x1="{LABEL_WIDTH + low:.1f}" x2="{LABEL_WIDTH + high:.1f}" y1="{middle}" y2="{middle}"/>',
        _text(LABEL_WIDTH + high + 8, y + 14, "text", f"{row.median:.2f} ×"),
    ]
    if row.goal and row.goal.figure * scale <= BAR_WIDTH + 60:
        x = LABEL_WIDTH + row.goal.figure * scale
        parts.append(f'<line class="goal" x1="{x:.1f}" x2="{x:.1f}" y1="{y - 3}" y2="{y + 21}"/>')
    return parts


def _text(x: float, y: float, style: str, words: str, anchor: str = "start") -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
