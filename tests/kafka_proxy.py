"""A TCP proxy before a broker, to hold its answers or our requests as a bad network would."""

import contextlib
import socket
import struct
import threading


class Proxy:
    """Forwards to one broker and rewrites the port it advertises, so that clients come back."""

    def __init__(self, address: str, late: bytes | None = None, late_s: float = 0.0) -> None:
        """Listen on a free port; `address` is the new one.

        The first request with the bytes `late` is answered `late_s` later.
        """
        self._late, self._late_s = late, late_s
        host, _, port = address.partition(":")
        self._broker = (host, int(port))
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.address = f"127.0.0.1:{self.port}"
        self._answers, self._requests = threading.Event(), threading.Event()
        self._sockets: list[socket.socket] = []
        self.release()
        self._told = host.encode() + struct.pack(">i", int(port))
        self._tells = host.encode() + struct.pack(">i", self.port)
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_answers(self) -> None:
        """The broker hears us, we do not hear the broker."""
        self._answers.clear()

    def hold_requests(self) -> None:
        """What we send stays in the network until `release`."""
        self._requests.clear()

    def release(self) -> None:
        """What was held goes on its way."""
        self._answers.set()
        self._requests.set()

    def close(self) -> None:
        """Cut everything."""
        self._listener.close()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.close()
        self.release()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                broker = socket.create_connection(self._broker)
                self._sockets += [client, broker]
                for pump in ((client, broker, self._requests), (broker, client, self._answers)):
                    threading.Thread(target=self._pump, args=pump, daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, gate: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                gate.wait()
                if gate is self._requests and self._late is not None and self._late in chunk:
                    self._late = None
                    self.hold_answers()
                    threading.Timer(self._late_s, self.release).start()
                sink.sendall(chunk.replace(self._told, self._tells))
        # A client that left does not take back what is already in the network: only the far
        # side's own end closes a direction.
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)
