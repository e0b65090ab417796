"""What `dagger check` holds the repository to: its services, its overlays, its workflows, and what is dangerous."""

from .agreement import disagreements as disagreements
from .manifests import check_manifests as check_manifests
from .scan import Scan as Scan
from .services import lint_services as lint_services
from .services import test_services as test_services
from .workflows import check_workflows as check_workflows
