"""What grows of seeds: a module that depends on another."""

from .main import Nursery as Nursery
