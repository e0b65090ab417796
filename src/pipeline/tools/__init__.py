"""The programs that the pipeline runs: the images they come from, their container, and how a command is run."""

from .commands import Finished as Finished
from .commands import for_each as for_each
from .commands import once as once
from .commands import run as run
from .doing import counted as counted
from .doing import doing as doing
from .doing import shown as shown
from .http import CURL as CURL
from .http import CURL_LIMITS as CURL_LIMITS
from .http import CURL_SECONDS as CURL_SECONDS
from .http import Answer as Answer
from .http import Http as Http
from .http import authorized as authorized
from .http import split_answers as split_answers
from .images import Tools as Tools
from .toolbox import CLONE_PART as CLONE_PART
from .toolbox import COPY_IMAGE as COPY_IMAGE
from .toolbox import DIFFERS as DIFFERS
from .toolbox import DIGEST_OF as DIGEST_OF
from .toolbox import FETCH_VERSIONS as FETCH_VERSIONS
from .toolbox import PROPOSE as PROPOSE
from .toolbox import PUSH_ON_TIP as PUSH_ON_TIP
from .toolbox import patient as patient
from .toolbox import toolbox as toolbox
