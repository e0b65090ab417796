"""The module's surface: verbs print, nouns chain."""

from pipeline.surface import object_type
from pipeline.verbs import (
    Building,
    Checking,
    Deploying,
    Diagnosing,
    Generating,
    Inspecting,
    Promoting,
    Releasing,
    Reporting,
)


@object_type
class Pipeline(Releasing, Building, Promoting, Deploying, Reporting, Inspecting, Checking, Generating, Diagnosing):
    """Take a release from its tag to production: build once, promote by digest."""
