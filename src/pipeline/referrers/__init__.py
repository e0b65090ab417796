"""What refers to an image: its signatures, SBOMs and provenance; find it, copy it along, require and verify it."""

from .copy import Carriage as Carriage
from .copy import carry as carry
from .listing import listing as listing
from .listing import told as told
from .model import KINDS as KINDS
from .model import Referrer as Referrer
from .model import Tree as Tree
from .requirements import lacking as lacking
from .requirements import signed as signed
from .requirements import statements as statements
from .signers import verified as verified
