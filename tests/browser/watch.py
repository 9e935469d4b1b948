"""What goes wrong on pages while nobody looks."""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError


class Watch:
    """Collects, from all pages of a browser's context, errors of the console and requests to other hosts."""

    def __init__(self, context: BrowserContext, home: str) -> None:
        self.home = urlsplit(home).netloc
        self.faults: list[str] = []
        context.on("console", self.said)
        context.on("weberror", self.failed)
        context.on("request", self.asked)

    def said(self, message: ConsoleMessage) -> None:
        """A broken policy or a file that is not there is said on the console."""
        if message.type in ("error", "warning"):
            self.faults.append(f"console: {message.text} ({message.location})")

    def failed(self, error: WebError) -> None:
        """An exception that no script caught."""
        self.faults.append(f"exception: {error.error}")

    def asked(self, request: Request) -> None:
        """Only the server itself, and what is written in the page, may be asked."""
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.home:
            self.faults.append(f"another host: {request.url}")
