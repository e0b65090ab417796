"""What an image is made of: packages, base images, source, signatures; and how two images differ in that."""

from .bill import bill as bill
from .bill import bill_report as bill_report
from .difference import Difference as Difference
from .difference import PackageChange as PackageChange
from .difference import difference as difference
from .model import Materials as Materials
from .read import read as read
