"""Deployment: what Argo CD makes of a commit, waited for until it is good, or undone."""

from .argocd import Access as Access
from .argocd import Server as Server
from .argocd import server as server
from .goal import applications as applications
from .goal import goal as goal
from .report import deployed as deployed
from .report import promoted as promoted
from .undo import wait_or_undo as wait_or_undo
from .wait import NotDeployed as NotDeployed
from .wait import check_limit as check_limit
from .wait import require_applications as require_applications
from .wait import wanted_limit as wanted_limit
