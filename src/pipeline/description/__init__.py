"""pipeline.yaml: what it says, and how it is read, with every error's line and key."""

from .keys import GO as GO
from .keys import IMAGE_UPDATER as IMAGE_UPDATER
from .keys import KEY as KEY
from .keys import KEYLESS as KEYLESS
from .keys import NODE as NODE
from .keys import NONE as NONE
from .keys import PIPELINE as PIPELINE
from .keys import PLATFORM as PLATFORM
from .keys import PROVENANCE as PROVENANCE
from .keys import PULL_REQUEST as PULL_REQUEST
from .keys import PUSH as PUSH
from .keys import PYTHON as PYTHON
from .keys import SBOM as SBOM
from .keys import SIGNATURE as SIGNATURE
from .model import Check as Check
from .model import Description as Description
from .model import Environment as Environment
from .model import Provenance as Provenance
from .model import Service as Service
from .model import Signer as Signer
from .reader import FILE as FILE
from .reader import read as read
from .source import LEFT_OUT as LEFT_OUT
from .source import describe as describe
