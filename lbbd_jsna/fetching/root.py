"""Where below its address a service answers, and how its refusals are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from lbbd_jsna.errors import JsnaError
from lbbd_jsna.fetching.web import Answer, Kind, Missing, Web

MOST_TOLD = 5


class Root:
    """Asks below an address that may have been given without its usual path.

    Parameters
    ----------
    web : Web
    usual : str
        The service's address in the catalogue. Where `web.address` has no path, as one given
        for a single run may, the path of this one is tried after none.
    """

    def __init__(self, web: Web, *, usual: str) -> None:
        path = urlsplit(usual).path.strip("/")
        bare = not urlsplit(web.address).path.strip("/")
        self.web = web
        self._prefixes = ["", f"{path}/"] if bare and path else [""]

    def url(self, path: str, parameters: Mapping[str, str]) -> list[str]:
        """The addresses `get` may ask."""
        return [self.web.url(prefix + path, parameters) for prefix in self._prefixes]

    def get(
        self,
        path: str,
        parameters: Mapping[str, str] | None = None,
        *,
        expects: Kind,
        absent: Callable[[Answer], bool] = lambda _: False,
    ) -> Answer:
        """As `Web.get`; `absent` knows an answer that says there is nothing at the address.

        Raises
        ------
        Missing, Refused, Unreachable
        """
        *earlier, last = self._prefixes
        for prefix in earlier:
            answer = self._try(prefix + path, parameters, expects)
            if answer is not None and not absent(answer):
                self._prefixes = [prefix]
                return answer
        answer = self.web.get(last + path, parameters, expects=expects)
        if not absent(answer):
            self._prefixes = [last]
        return answer

    def _try(
        self, path: str, parameters: Mapping[str, str] | None, expects: Kind
    ) -> Answer | None:
        try:
            return self.web.get(path, parameters, expects=expects)
        except Missing:
            return None


def told(error: JsnaError) -> str:
    """An error on one line, with the first five of its faults."""
    more = len(error.faults) - MOST_TOLD
    parts = [str(fault) for fault in error.faults[:MOST_TOLD]]
    parts += [f"and {more} more"] if more > 0 else []
    return f"{error.message}: {'; '.join(parts)}" if parts else error.message
