"""An answer on its way to the client."""

import re
import time
from typing import Any

from gunicorn.http.message import TOKEN_RE
from gunicorn.http.wsgi import Response
from gunicorn.util import hop_headers, http_date

from stash_site.server.body import BodyReader

Headers = list[tuple[str, str]]

# Two writes cost 15 us more than one; copying a larger body costs more than that.
JOIN_BYTES = 64 * 1024
# Header lines that gunicorn would take as they are (RFC 9110, section 5.5).
VALUE = r"(?:[!-~\x80-\xff]+(?:[ \t]+[!-~\x80-\xff]+)*)?"
LINES = re.compile(rf"(?:{TOKEN_RE.pattern}: {VALUE}\r\n)*")
JUDGED = hop_headers | {"content-length"}


class Answer(Response):
    """gunicorn's Response, which closes the connection where it has to, and whose head and body leave together.

    It honours an application's `Connection: close`, which gunicorn drops, and closes where a request's body is in
    the way of the next request. Either way the answer says `Connection: close`.
    """

    req: Any
    sock: Any
    headers: Headers
    headers_sent: bool

    def start_response(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """PEP 3333."""
        body = self.req.body.reader
        if isinstance(body, BodyReader):
            if body.in_the_way:
                self.force_close()
            body.answered()
        return super().start_response(status, headers, exc_info)

    def process_headers(self, headers: Headers) -> None:
        """Takes good headers at one glance; gunicorn's own way tells what is wrong with others."""
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        good = lines.count("\n") == len(headers) and LINES.fullmatch(lines) is not None
        for header in headers:
            name = header[0].lower()
            if good and name not in JUDGED:
                self.headers.append(header)
                continue
            super().process_headers([header])
            if name == "connection" and "close" in header[1].lower():
                self.force_close()

    def head(self) -> bytes:
        """The status line and the headers."""
        connection = "upgrade" if self.upgrade else "close" if self.should_close() else "keep-alive"
        encoding = "Transfer-Encoding: chunked\r\n" if self.chunked else ""
        lines = "".join([f"{name}: {value}\r\n" for name, value in self.headers])
        version = "HTTP/{}.{}".format(*self.req.version)
        return (
            f"{version} {self.status}\r\nServer: {self.version}\r\nDate: {date(int(time.time()))}\r\n"
            f"Connection: {connection}\r\n{encoding}{lines}\r\n"
        ).encode("latin-1")

    def send_headers(self) -> None:
        """Sends the head; together with the body that follows right away where it is known to."""
        if not self.headers_sent:
            self.headers_sent = True
            self.sock.sendall(self.head(), more=bool(self.response_length) and not self._omits_body)

    def write(self, data: bytes) -> None:
        """Sends some of the body; with the head where that is still to be sent, and it is small."""
        length = self.response_length
        if type(data) is not bytes or length is None or self.sent + len(data) > length or self._omits_body:
            super().write(data)
            return
        if not self.headers_sent and len(data) <= JOIN_BYTES:
            self.headers_sent = True
            text = self.head() + data
        else:
            self.send_headers()
            text = data
        self.sent += len(data)
        self.sock.sendall(text, more=self.sent < length)


_today = (0, "")


def date(second: int) -> str:
    """The Date header's value; it changes once a second, and takes 5 us to write.

    Threads may both write it: the same.
    """
    global _today
    known, text = _today
    if known != second:
        text = http_date(second)
        _today = (second, text)
    return text
