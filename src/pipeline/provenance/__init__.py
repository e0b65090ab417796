"""What an image is made of, attached to it in the registry: an SBOM, a provenance statement, signatures."""

from .complete import Attachments as Attachments
from .complete import attachments as attachments
from .complete import pushed as pushed
from .signing import Credentials as Credentials
