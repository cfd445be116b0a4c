"""How the long-running commands learn that they are to stop."""

import signal
from types import FrameType


class Stop:
    """Becomes true at SIGTERM, at Ctrl-C, and when the terminal goes away.

    A plain attribute that the command looks at: the lock inside a `threading.Event` deadlocks when a second signal arrives
    while the handler of the first one holds it.
    """

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._note)
        signal.signal(signal.SIGINT, self._note)
        # Under `nohup` it is ignored, and stays so.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._note)

    def __bool__(self) -> bool:
        return self.asked

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self.asked = True
