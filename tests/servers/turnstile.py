"""A wire to a real server that counts what passes: how often the one side waited for the other."""

import contextlib
import socket
import threading


class Turnstile:
    """Passes bytes on to a server at `host` and `port`, and counts round trips.

    A round trip is something that is sent after the server was silent or had answered: requests that are sent
    together, without a wait for answers, are one.
    """

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._lock = threading.Lock()
        self._trips = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def trips(self) -> int:
        """Round trips so far."""
        with self._lock:
            return self._trips

    def close(self) -> None:
        """Listens no more."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                # Whether the server is the last that said something, or nobody has yet.
                answered = threading.Event()
                answered.set()
                for source, target, asks in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._pass, args=(source, target, answered, asks), daemon=True
                    ).start()

    def _pass(
        self, source: socket.socket, target: socket.socket, answered: threading.Event, asks: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(262_144):
                with self._lock:
                    if not asks:
                        answered.set()
                    elif answered.is_set():
                        answered.clear()
                        self._trips += 1
                target.sendall(piece)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()
