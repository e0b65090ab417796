"""A service's image: its recipe and labels, how it is built and published, and what is in it."""

from .build import Build as Build
from .build import report as report
from .committed import check_committed as check_committed
from .image import Built as Built
from .image import Image as Image
from .labels import CREATED as CREATED
from .labels import REVISION as REVISION
from .labels import VERSION as VERSION
from .recipe import Recipe as Recipe
from .recipe import context_of as context_of
from .recipe import recipe as recipe
