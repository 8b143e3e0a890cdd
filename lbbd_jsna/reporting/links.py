"""Links between the pages of a pack: those to a page that it does not hold become plain text.

A draft may hold one report. What a report links to is decided in its notebook, which does not
know what else is being made.
"""

from __future__ import annotations

import posixpath
from typing import Any

from lbbd_jsna.reporting.frame import PageFrame

PAGE = ".html"


def without_dead_links(bundle: dict[str, Any], frame: PageFrame) -> dict[str, Any]:
    """The same exhibit, its links to pages that are not in the pack taken away.

    Parameters
    ----------
    bundle : dict
        `Exhibit.as_json()`.
    frame : PageFrame
        Says which pages there are, and where the page stands.

    Returns
    -------
    dict
        Every `href` to a page that `frame.pages` lacks is empty; anchors of the page itself
        and files to download are left as they are. Nothing is changed where `frame.pages` is
        None.
    """
    return bundle if frame.pages is None else _cleared(bundle, frame)


def _cleared(part: Any, frame: PageFrame) -> Any:
    if isinstance(part, list):
        return [_cleared(item, frame) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        name: "" if name == "href" and is_dead(value, frame) else _cleared(value, frame)
        for name, value in part.items()
    }


def is_dead(href: object, frame: PageFrame) -> bool:
    """Whether an address is that of a page which the pack does not hold."""
    if not isinstance(href, str) or frame.pages is None:
        return False
    path = href.partition("#")[0]
    if not path.endswith(PAGE):
        return False
    folder = "reports" if frame.pack == ".." else ""
    return posixpath.normpath(posixpath.join(folder, path)) not in frame.pages
