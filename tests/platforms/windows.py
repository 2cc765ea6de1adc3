"""sn89 at work where nothing is that only POSIX has, and where text has another encoding than UTF-8; files come in `.`.

    python -X warn_default_encoding tests/platforms/windows.py

What Python itself and other packages ask of POSIX is taken away only after they are imported; then sn89 is told that
this is Windows, and files are locked by a stand-in. tests/test_platforms.py runs it.
"""

import os
import pkgutil
import signal
import sys
import warnings
from importlib import import_module
from types import SimpleNamespace

import matplotlib.font_manager  # noqa: F401
import pooch  # noqa: F401
import safetensors.numpy  # noqa: F401
import tqdm.auto  # noqa: F401

for name in ("fcntl", "grp", "pwd", "pty", "resource", "termios", "tty"):
    sys.modules[name] = None
for name in (
    "O_NONBLOCK",
    "chown",
    "fchmod",
    "fork",
    "getpgid",
    "getuid",
    "geteuid",
    "killpg",
    "mkfifo",
    "nice",
    "setsid",
):
    delattr(os, name)
for name in ("sched_getaffinity", "statvfs", "symlink", "sysconf", "uname"):
    delattr(os, name)
for name in ("SIGALRM", "SIGHUP", "SIGKILL", "SIGUSR1", "pthread_sigmask", "setitimer"):
    delattr(signal, name)
warnings.filterwarnings("error", category=EncodingWarning, module="sn89")

locked = []
sys.modules["msvcrt"] = SimpleNamespace(LK_NBLCK=2, locking=lambda *words: locked.append(words))
here, sys.platform = sys.platform, "win32"
import sn89  # noqa: E402

sys.platform = here
for module in pkgutil.walk_packages(sn89.__path__, "sn89."):
    try:
        import_module(module.name)
    except ImportError as missing:  # an extra that is not installed
        if missing.name is None or missing.name.startswith("sn89"):
            raise

(X, y), (Xt, yt) = sn89.datasets.synthetic(20, 10)
net = sn89.nets.zip_code(seed=1)
how = {"rule": sn89.SGD(rate=0.001), "test": (Xt, yt), "order": "shuffle", "progress": False}
history = sn89.train(net, X, y, passes=1, checkpoint="training", **how)
net = sn89.nets.zip_code(seed=1)
history = sn89.train(net, X, y, passes=2, checkpoint="training", resume=True, **how)
sn89.save(net, "zip.safetensors", history=history)
assert (sn89.load("zip.safetensors").parameters == net.parameters).all()
sn89.export.c(net, "zip.c")
sn89.export.page(net, "zip.html")
print(*sorted(os.listdir()))
assert locked
