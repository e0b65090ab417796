"""Seeds and what they cost."""

from .main import Seeds as Seeds
