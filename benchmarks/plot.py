"""Draws how many round trips a press takes, as a picture that any browser shows."""

from html import escape
from pathlib import Path

from . import network
from .measurement import Measurement
from .report import OWN, SITUATIONS

_COLOURS = {"ours": "#0b7fab", OWN: "#b8bec5"}
_WIDTH, _LEFT, _TOP, _BAR, _GAP = 760, 270, 64, 18, 22
_TEXT = 'font-family="sans-serif" font-size="13"'


def write(found: Measurement, picture: Path) -> None:
    """Draw from the press to its answer; the thin line is one trip, the least there can be."""
    rows = [(found.presses[name].situation, found.presses[name].answer) for name in SITUATIONS]
    most = max(max(pair.ours.median, pair.own.median) for _, pair in rows) / network.ROUND_TRIP
    scale = (_WIDTH - _LEFT - 60) / most
    parts, top = [], _TOP
    for situation, pair in rows:
        parts.append(_text(_LEFT - 12, top + _BAR + 4, situation, "end"))
        for name, figures in (("ours", pair.ours), (OWN, pair.own)):
            trips = figures.median / network.ROUND_TRIP
            width = trips * scale
            parts += [
                _bar(_LEFT, top, width, _BAR - 2, _COLOURS[name]),
                _text(_LEFT + width + 6, top + _BAR - 5, f"{trips:.1f}"),
            ]
            top += _BAR
        top += _GAP
    limit = _LEFT + scale
    parts.append(
        f'<line x1="{limit:.1f}" x2="{limit:.1f}" y1="{_TOP - 6}" y2="{top - _GAP + 6}"'
        ' stroke="#c0392b"/>'
    )
    parts += [*_legend(), _text(limit + 4, _TOP - 9, "the limit: one trip")]
    picture.parent.mkdir(exist_ok=True)
    picture.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img">\n'
        f'<rect width="{_WIDTH}" height="{top}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _legend() -> list[str]:
    parts = [_text(12, 24, "Round trips from a press to its answer", weight="bold")]
    for number, (name, colour) in enumerate(_COLOURS.items()):
        left = _LEFT + 160 + number * 80
        parts += [_bar(left, 13, 12, 12, colour), _text(left + 18, 24, name)]
    return parts


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return f'<rect x="{x}" y="{y}" width="{width:.1f}" height="{height}" fill="{colour}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start", weight: str = "normal") -> str:
    return (
        f'<text x="{x:.1f}" y="{y}" {_TEXT} text-anchor="{anchor}" font-weight="{weight}"'
        f' fill="#222">{escape(text)}</text>'
    )
