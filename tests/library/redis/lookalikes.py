"""Bytes that look like Redis's protocol, for values: whoever loses his place in a stream takes them for answers."""

LOOKALIKES = [
    b"\r\n",
    b"\r\n$5\r\nother\r\n",
    b"+OK\r\n",
    b"-ERR no such thing\r\n",
    b":1\r\n",
    b"$-1\r\n",
    b"*2\r\n:0\r\n:0\r\n",
    b"$70000\r\n",
    b"\r\n$1048576\r\n",
    b"$",
    b"x",
]
