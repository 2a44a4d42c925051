"""The signs of the product: one inline SVG sprite a page, holding only the symbols that page used.

Templates reach a sign through ``ui/icon.html``; nothing else calls these functions.
"""

from flask import Flask, g, has_request_context, request
from markupsafe import Markup

# Drawn on a square of 16. `currentColor` and var(--ground) let text and paper colour them.
SYMBOLS: dict[str, str] = {
    # The mark and the main ways
    "mark": (
        '<path d="M1 2.5h9v1.6H1zM1 7.2h9v1.6H1zM1 11.9h6.5v1.6H1z"/><path d="M11.6 1h1v14h-1z"/><path '
        'class="mark-note" d="M13.4 6.6H16v2.8h-2.6z"/>'
    ),
    "inbox": '<path fill-rule="evenodd" d="M3 2h10l2 7v5H1V9zm1.2 1.6L2.7 9H5.6l1 1.8h2.8l1-1.8h2.9l-1.5-5.4z"/>',
    "cases": (
        '<path fill-rule="evenodd" d="M2.5 1h11v14h-11zm1.6 1.6v10.8h7.8V2.6zM5.5 4.7h5v1.4h-5zm0 '
        '2.7h5v1.4h-5zm0 2.7h3v1.4h-3z"/>'
    ),
    "hours": (
        '<path fill-rule="evenodd" d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zm0 1.6a5.4 5.4 0 1 0 0 10.8A5.4 5.4 0 0 '
        '0 8 2.6zM7.2 4.2h1.6v3.5l2.6 1.6-.8 1.3-3.4-2.1z"/>'
    ),
    "audit": '<path d="M2 2h1.6v12H2z"/><path d="M5.5 3.2H14v1.6H5.5zm0 4H14v1.6H5.5zm0 4h5v1.6h-5z"/>',
    "more": '<path d="M2 3.2h12v1.6H2zM2 7.2h12v1.6H2zM2 11.2h12v1.6H2z"/>',
    "search": (
        '<circle cx="6.8" cy="6.8" r="4.6" fill="none" stroke="currentColor" stroke-width="1.7"/><path d="m10.2 '
        '10.2 4.3 4.3" fill="none" stroke="currentColor" stroke-width="1.9"/>'
    ),
    # Telling and doing
    "phone": (
        '<path d="M4.9 1.2 6.6 5 4.9 6.6a10 10 0 0 0 4.5 4.5L11 9.4l3.8 1.7-.4 2.3a1.8 1.8 0 0 1-1.9 1.4A12.3 '
        '12.3 0 0 1 1.2 3.5a1.8 1.8 0 0 1 1.4-1.9z"/>'
    ),
    "msg": '<path fill-rule="evenodd" d="M1 2h14v10H8l-4 3v-3H1zm1.6 1.6v6.8h3v1.4l1.9-1.4h5.9V3.6z"/>',
    "mail": '<path fill-rule="evenodd" d="M1 3h14v10H1zm1.6 1.9v6.5h10.8V4.9L8 9zm1.3-.3L8 7.2l4.1-2.6z"/>',
    "print": '<path fill-rule="evenodd" d="M4 1h8v4h3v7h-3v3H4v-3H1V5h3zm1.6 1.6V5h4.8V2.6zm0 7.4v3.4h4.8V10z"/>',
    "copy": (
        '<path d="M5.5 1.8h8.7v8.7h-8.7z" fill="none" stroke="currentColor" stroke-width="1.5"/><path d="M10.5 '
        '12.4v1.8H1.8V5.5h1.8" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    ),
    "tick": '<path d="m2.5 8.5 3.7 3.7 7.3-8.4" fill="none" stroke="currentColor" stroke-width="2"/>',
    "err": '<path fill-rule="evenodd" d="M8 1a7 7 0 1 1 0 14A7 7 0 0 1 8 1zM7.1 4v5h1.8V4zm0 6.2v1.9h1.8v-1.9z"/>',
    "lock": (
        '<path fill-rule="evenodd" d="M8 1a3.5 3.5 0 0 1 3.5 3.5V7H13v8H3V7h1.5V4.5A3.5 3.5 0 0 1 8 1zm0 1.6a1.9 '
        '1.9 0 0 0-1.9 1.9V7h3.8V4.5A1.9 1.9 0 0 0 8 2.6z"/>'
    ),
    "eye": (
        '<path fill-rule="evenodd" d="M8 3c3.6 0 6 2.6 7.3 5-1.3 2.4-3.7 5-7.3 5S2 10.4.7 8C2 5.6 4.4 3 8 3zm0 '
        "1.6C5.6 4.6 3.8 6.1 2.6 8c1.2 1.9 3 3.4 5.4 3.4s4.2-1.5 5.4-3.4C12.2 6.1 10.4 4.6 8 4.6zM8 6a2 2 0 1 1 "
        '0 4 2 2 0 0 1 0-4z"/>'
    ),
    # Cases: discs that fill
    "d-draft": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.7 2.01"/>'
    ),
    "d-proposed": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 8V2a6 6 0 '
        '0 1 6 6z"/>'
    ),
    "d-confirmed": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 2a6 6 0 0 '
        '1 0 12z"/>'
    ),
    "d-open": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6"/><circle cx="8" cy="8" '
        'r="3.1"/>'
    ),
    "d-decided": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 8V2a6 6 0 '
        '1 1-6 6z"/>'
    ),
    "d-closed": (
        '<circle cx="8" cy="8" r="6.8"/><path d="m4.9 8.2 2.2 2.2 4-4.7" fill="none" stroke="var(--ground)" '
        'stroke-width="1.8"/>'
    ),
    "d-withdrawn": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M4.2 '
        '7.2h7.6v1.6H4.2z"/>'
    ),
    # Days: squares
    "s-none": '<path d="M4 7.2h8v1.6H4z"/>',
    "s-draft": (
        '<rect x="2.3" y="2.3" width="11.4" height="11.4" fill="none" stroke="currentColor" stroke-width="1.6" '
        'stroke-dasharray="2.85 2.85" stroke-dashoffset="1.4"/>'
    ),
    "s-submitted": (
        '<rect x="2.3" y="2.3" width="11.4" height="11.4" fill="none" stroke="currentColor" '
        'stroke-width="1.6"/><path d="M8 4.5 11.3 8H9v3.5H7V8H4.7z"/>'
    ),
    "s-attested": (
        '<rect x="2.3" y="2.3" width="11.4" height="11.4" fill="none" stroke="currentColor" '
        'stroke-width="1.6"/><path d="m4.8 8.2 2.3 2.3 4.2-4.9" fill="none" stroke="currentColor" '
        'stroke-width="1.8"/>'
    ),
    "s-locked": (
        '<path d="M1.5 1.5h13v13h-13z"/><path d="m4.5 8.2 2.5 2.5 4.6-5.3" fill="none" stroke="var(--ground)" '
        'stroke-width="1.9"/>'
    ),
    # Clocks: triangles
    "t-amber": (
        '<path d="M8 2.3 14.4 13.7H1.6z" fill="none" stroke="currentColor" stroke-width="1.7" '
        'stroke-linejoin="round"/><path d="M7.2 6.2h1.6v3.6H7.2zm0 4.4h1.6v1.5H7.2z"/>'
    ),
    "t-red": '<path d="M8 1 15.5 14.5H.5z"/><path d="M7.2 5.5h1.6v4.7H7.2zm0 5.7h1.6v1.7H7.2z" fill="var(--ground)"/>',
    # Families of identifiers
    "c-person": '<circle cx="8" cy="8" r="5.6"/>',
    "c-place": '<path d="M8 1.3 14.7 8 8 14.7 1.3 8z"/>',
    "c-time": '<path d="M2.5 2h11L8 8zM2.5 14h11L8 8z"/>',
    "c-number": (
        '<path d="M4.7 1.5h1.8L6.1 5h3.4l.4-3.5h1.8L11.3 5H14v1.7h-2.9l-.3 2.6H14V11h-3.4l-.4 3.5H8.4L8.8 '
        '11H5.4L5 14.5H3.2L3.6 11H2V9.3h1.8l.3-2.6H2V5h2.3zm1.2 5.2-.3 2.6H9l.3-2.6z"/>'
    ),
    "c-rare": (
        '<path d="M7 1.3h2v4.6l4-2.3 1 1.7L10 7.6v.8l4 2.3-1 1.7-4-2.3v4.6H7v-4.6l-4 2.3-1-1.7 4-2.3v-.8L2 '
        '5.3l1-1.7 4 2.3z"/>'
    ),
}


def use_icon(name: str) -> Markup:
    """A sign as ``<svg>``, hidden from screen readers, since a word stands beside it. KeyError for an unknown name.

    A part fetched by htmx is put into a page whose sprite may lack the symbol, so a part draws it in place.
    """
    drawing = SYMBOLS[name]
    if has_request_context() and "HX-Request" not in request.headers:
        g.setdefault("icons_used", {})[name] = True
        drawing = f'<use href="#i-{name}"/>'
    return Markup(f'<svg class="i" viewBox="0 0 16 16" aria-hidden="true">{drawing}</svg>')  # noqa: S704 - our own text


def icon_sprite() -> Markup:
    """The symbols this page used. Printed once, at the end of the body; empty where no sign was used."""
    used = g.get("icons_used", {}) if has_request_context() else {}
    if not used:
        return Markup("")
    symbols = "".join(f'<symbol id="i-{name}" viewBox="0 0 16 16">{SYMBOLS[name]}</symbol>' for name in used)
    return Markup(f'<svg class="sprite" aria-hidden="true" focusable="false">{symbols}</svg>')  # noqa: S704 - our own text


def register(app: Flask) -> None:
    """Give the templates of `app` the two functions."""
    app.jinja_env.globals.update(use_icon=use_icon, icon_sprite=icon_sprite)
