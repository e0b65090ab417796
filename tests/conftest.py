"""Holds for all tests: Ctrl-C can be sent to what they start, also where a shell started them in the background."""

import signal

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Shells without job control start `make test &` with SIGINT ignored, and programs hand that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
