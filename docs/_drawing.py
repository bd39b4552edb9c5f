"""Parts of pictures: SVG that takes its colours from the page it is in, and has its own where it stands alone.

A picture that is written into a page of the documentation follows the variables of the theme, and so its switch between
light and dark. The same file, opened or shown by itself, follows what the reader's system prefers.
"""

from __future__ import annotations

import textwrap
from html import escape

WIDTH = 460
"""Of most pictures, in pixels: a phone shows them without making words too small."""
LETTER = 0.56
"""Mean width of a letter, as a share of the size of the type."""
THEME = {
    "ink": ("foreground-primary", "#14191f", "#e6eaf0"),
    "soft": ("foreground-muted", "#56606b", "#a4afbb"),
    "rule": ("background-border", "#d5dde6", "#39424d"),
    "ground": ("background-primary", "#ffffff", "#131416"),
    "accent": ("brand-content", "#1f5fbf", "#6aa5ff"),
}
"""Of each colour: the variable of the theme, and what counts without it in light and in dark."""


def _colours(place):
    return "".join(f"--pic-{name}:var(--color-{one[0]},{one[place]});" for name, one in THEME.items())


STYLE = f"""
.pic{{{_colours(1)}max-width:100%;height:auto;font:13px var(--font-stack,system-ui,sans-serif)}}
@media (prefers-color-scheme:dark){{.pic{{{_colours(2)}}}}}
body .pic{{display:block;margin:1.4rem auto}}
@media (max-width:30em){{body .pic{{width:calc(100% + 2rem);max-width:none;margin-left:-1rem;margin-right:-1rem}}}}
body .pic.wide{{width:auto;max-width:none;margin:1.4rem 0}}
.scrolled{{overflow-x:auto}}
.pic text{{fill:var(--pic-ink)}}
.pic .ground{{fill:var(--pic-ground)}}
.pic .head{{font-weight:600}}
.pic .code{{font-family:var(--font-stack--monospace,ui-monospace,monospace);font-weight:600}}
.pic .file{{font-family:var(--font-stack--monospace,ui-monospace,monospace);font-size:11.5px}}
.pic .soft{{fill:var(--pic-soft)}}
.pic .small{{font-size:11.5px}}
.pic text.accent,.pic tspan.accent{{fill:var(--pic-accent)}}
.pic .on{{fill:var(--pic-ground)}}
.pic .full{{fill:var(--pic-accent)}}
.pic .tint{{fill:var(--pic-accent);fill-opacity:.13}}
.pic .shade{{fill:var(--pic-ink);fill-opacity:.05}}
.pic .dim{{fill:var(--pic-ink);fill-opacity:.3}}
.pic .open{{fill:var(--pic-ground);stroke:var(--pic-accent);stroke-width:1.5}}
.pic .ring{{fill:var(--pic-ground);stroke:var(--pic-ink);stroke-width:2}}
.pic .dot{{fill:var(--pic-ink)}}
.pic .rule{{stroke:var(--pic-rule);fill:none}}
.pic .line{{stroke:var(--pic-soft);fill:none;stroke-width:1.3}}
.pic .curve{{stroke:var(--pic-soft);fill:none;stroke-width:1.8}}
.pic .curve.accent{{stroke:var(--pic-accent)}}
.pic .curve.dashed{{stroke-dasharray:5 3}}
.pic circle.soft{{fill:var(--pic-soft)}}
.pic .mark{{stroke:var(--pic-ink);fill:none;stroke-width:1.3;stroke-dasharray:4 3}}
@media print{{.pic{{print-color-adjust:exact;-webkit-print-color-adjust:exact}}}}
""".strip()


def picture(name, height, title, description, lines, *, width=WIDTH, kind=""):
    """Return a picture.

    Args:
        name: Of its file; its ids begin with it, so that several pictures may be in one page.
        height: In pixels.
        title: What a screen reader says first.
        description: The picture in words.
        lines: Its parts.
        width: In pixels.
        kind: ``wide`` for one that is scrolled rather than made smaller.
    """
    words = f'role="img" aria-labelledby="{name}-title {name}-words"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="{" ".join(filter(None, ("pic", kind)))}" {words}'
    return "\n".join(
        [
            f'{head} width="{width}" height="{height:g}" viewBox="0 0 {width} {height:g}">',
            f'<title id="{name}-title">{escape(title)}</title>',
            f'<desc id="{name}-words">{escape(description)}</desc>',
            f"<style>\n{STYLE}\n</style>",
            f'<rect class="ground" width="{width}" height="{height:g}"/>',
            *lines,
            "</svg>",
            "",
        ]
    )


def text(x, y, words, kind="", *, anchor="start"):
    """Return a line of text."""
    place = f'x="{x:g}" y="{y:g}"' + (f' text-anchor="{anchor}"' if anchor != "start" else "")
    return f"<text{classed(kind)} {place}>{escape(words)}</text>"


def paragraph(x, y, words, width, kind="", *, anchor="start", size=13, step=16):
    """Return the lines of a text that is broken to a width, in pixels."""
    parts = textwrap.wrap(words, int(width / (size * LETTER)))
    return [text(x, y + step * number, part, kind, anchor=anchor) for number, part in enumerate(parts)]


def box(x, y, width, height, kind, *, radius=3):
    """Return a rectangle."""
    corner = f' rx="{radius}"' if radius else ""
    return f'<rect{classed(kind)} x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}"{corner}/>'


def line(x, y, to_x, to_y, kind="line"):
    """Return a line."""
    return f'<line{classed(kind)} x1="{x:g}" y1="{y:g}" x2="{to_x:g}" y2="{to_y:g}"/>'


def path(shape, kind="line"):
    """Return a path."""
    return f'<path{classed(kind)} d="{shape}"/>'


def polyline(points, kind):
    """Return a curve through points."""
    return f'<polyline class="curve {kind}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>'


def arrow(x, y, to_y):
    """Return an arrow downwards."""
    return path(f"M{x:g} {y:g}V{to_y:g}M{x - 4:g} {to_y - 5:g}L{x:g} {to_y:g}L{x + 4:g} {to_y - 5:g}")


def circle(x, y, radius, kind):
    """Return a circle."""
    return f'<circle{classed(kind)} cx="{x:g}" cy="{y:g}" r="{radius:g}"/>'


def classed(kind):
    """Return the attribute of a kind; nothing where there is none."""
    return f' class="{kind}"' if kind else ""
