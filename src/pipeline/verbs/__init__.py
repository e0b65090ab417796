"""The surface's functions, by what they are for; `main.Pipeline` is all of them."""

from .building import Building as Building
from .checking import Checking as Checking
from .deploying import Deploying as Deploying
from .diagnosing import Diagnosing as Diagnosing
from .generating import Generating as Generating
from .inspecting import Inspecting as Inspecting
from .promoting import Promoting as Promoting
from .releasing import Releasing as Releasing
from .reporting import Reporting as Reporting
