"""Kustomize overlays: read what one pins, edit it, render it, and show how it changes."""

from .diff import unified as unified
from .edit import edited as edited
from .files import contents as contents
from .files import kustomizations as kustomizations
from .in_place import written as written
from .kustomization import FILES as FILES
from .kustomization import Edit as Edit
from .kustomization import InvalidOverlay as InvalidOverlay
from .kustomization import Pin as Pin
from .kustomization import file_of as file_of
from .kustomization import namespace as namespace
from .kustomization import pinned as pinned
from .references import check_rendered as check_rendered
from .render import EditFailed as EditFailed
from .render import rendered as rendered
from .render import rendering as rendering
