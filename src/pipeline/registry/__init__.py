"""Image registries: tags, references, credentials, what crane is told, and what a refusal means."""

from .crane import Copier as Copier
from .crane import RegistryFailed as RegistryFailed
from .crane import copier as copier
from .credentials import Credentials as Credentials
from .credentials import Logins as Logins
from .credentials import logins as logins
from .credentials import require_password as require_password
from .ecr import Ecr as Ecr
from .ecr import ecr_of as ecr_of
from .references import ADDRESS as ADDRESS
from .references import IMAGE as IMAGE
from .references import LABEL as LABEL
from .references import check_address as check_address
from .references import host as host
from .references import is_address as is_address
from .references import is_image as is_image
from .references import is_label as is_label
from .references import is_local as is_local
from .references import repository as repository
from .refusals import reasons as reasons
from .refusals import refused as refused
from .tags import check_tag as check_tag
from .tags import is_older as is_older
from .tags import is_release as is_release
from .tags import newest_first as newest_first
