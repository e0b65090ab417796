"""A release: the next version by the commits since the last one, its tag, its notes, and its page on GitHub."""

from .outcome import Outcome as Outcome
from .release import release as release
