"""A wire between a client and a real server, that can be cut: what a broken network does to them."""

import contextlib
import socket
import threading


class Forwarder:
    """Passes bytes on to a server, until it loses an answer: the server does the work, and nobody hears of it."""

    def __init__(self, host: str, port: int) -> None:
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.connections = 0
        self._method: bytes | None = None
        self._losing = False
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, method: str) -> None:
        """The next request of this method will have no answer, and its connection ends."""
        self._method = method.encode()

    def close(self) -> None:
        """Listens no more."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self.connections += 1
                server = socket.create_connection(self._server)
                threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
                threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _pass(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := client.recv(65_536):
                if self._method is not None and piece.startswith(self._method + b" "):
                    self._method, self._losing = None, True
                server.sendall(piece)
        with contextlib.suppress(OSError):
            server.shutdown(socket.SHUT_WR)

    def _answer(self, server: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError), server, client:
            while piece := server.recv(65_536):
                if self._losing:
                    self._losing = False
                    client.shutdown(socket.SHUT_RDWR)
                    return
                client.sendall(piece)
