"""The board: what runs where, and the figures of delivery, as one page without a server."""

from .board import Board as Board
from .board import Past as Past
from .board import board as board
from .figures import period as period
from .site import PORT as PORT
from .site import served as served
from .site import write as write
