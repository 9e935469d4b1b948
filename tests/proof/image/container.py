"""The built image, run as a container is: its root read-only, nobody's rights, process 1, a volume for its state."""

import json
import os
import shlex
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).parents[3]
# What a container's engine mounts: the volume, a small memory, and the system's own.
MOUNTS = """
mount --make-rprivate /
mount --bind {root} {root}
mount -o remount,bind,ro {root}
mount --bind {data} {root}/data
mount -t proc proc {root}/proc
mount --rbind /dev {root}/dev
mount -t tmpfs -o size=64m tmpfs {root}/dev/shm
exec chroot --userspec={user} {root} env -i {variables} {command}
"""


class Container:
    """`root` is the image's; its state is in `data`, and what it says in `log`. `say` runs it in its place."""

    def __init__(self, root: Path, image: Path, data: Path, log: Path, **variables: str) -> None:
        self.config = json.loads(image.read_text())["Docker"]["config"]
        self.root, self.data, self.log = root, data, log
        set_ = dict(one.split("=", 1) for one in self.config["Env"])
        self.variables = set_ | {"HOME": set_["STASH_HOME"]} | variables
        user, _, group = self.config["User"].partition(":")
        if not data.exists():
            data.mkdir(mode=0o700)
            os.chown(data, int(user), int(group))
        self.process: subprocess.Popen[bytes] | None = None

    def script(self, *arguments: str) -> str:
        """What mounts and becomes the entry point with these arguments."""
        return MOUNTS.format(
            root=self.root,
            data=self.data,
            user=self.config["User"],
            variables=shlex.join(f"{name}={value}" for name, value in self.variables.items()),
            command=shlex.join([*self.config["Entrypoint"], *arguments]),
        )

    def start(self, *arguments: str) -> None:
        """`docker run IMAGE [ARGUMENT ...]`: the entry point, with its own command or these, as process 1."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    "unshare",
                    "--mount",
                    "--pid",
                    "--fork",
                    "--kill-child",
                    "sh",
                    "-ec",
                    self.script(*(arguments or self.config["Cmd"])),
                ],
                stdout=log,
                stderr=log,
            )

    def says(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`docker exec CONTAINER stash ...`, but for its own mounts."""
        return subprocess.run(
            ["unshare", "--mount", "sh", "-ec", self.script(*arguments)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def stop(self) -> tuple[int, float]:
        """`docker stop`: SIGTERM to process 1; its exit code, and the seconds that it took."""
        assert self.process is not None
        [first] = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        began = time.monotonic()
        os.kill(int(first), getattr(signal, self.config["StopSignal"]))
        return self.process.wait(timeout=40), time.monotonic() - began
