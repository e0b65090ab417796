"""What `dagger check` holds the repository to: its overlays say what pipeline.yaml says."""

from .manifests import check_manifests as check_manifests
