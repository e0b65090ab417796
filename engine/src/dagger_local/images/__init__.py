"""Images: pulled, built, assembled and pushed, kept in a containers-storage of the engine's own."""

from dagger_local.images.model import Assembled as Assembled
from dagger_local.images.model import Image as Image
from dagger_local.images.model import RegistryAuth as RegistryAuth
from dagger_local.images.store import ImageStore as ImageStore
