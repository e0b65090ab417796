"""Keep a book of notes: list its pages, print it, tidy it up."""

from .main import Notes as Notes
