"""What follows from pipeline.yaml: workflows' choices and paths, overlays, Argo CD's Applications."""

from .generate import generate as generate
from .initial import init as init
