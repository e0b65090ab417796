"""What an image is made of: packages, base images, source, signatures; and how two images differ in that."""

from .bill import Trust as Trust
from .bill import bill as bill
from .bill import bill_report as bill_report
from .difference import Difference as Difference
from .difference import PackageChange as PackageChange
from .difference import difference as difference
from .difference import without_sbom as without_sbom
from .model import Materials as Materials
from .model import sboms as sboms
from .packages import Unreadable as Unreadable
from .packages import mapping as mapping
from .packages import mappings as mappings
from .read import read as read
