"""Promotions: decide, prepare, copy, commit, push; roll back; what runs where, and what ran before."""

from .approval import check_digest as check_digest
from .branch import Tip as Tip
from .branch import read_branch as read_branch
from .branch import read_directory as read_directory
from .deploy import deploy as deploy
from .gates import check_gates as check_gates
from .history import history_report as history_report
from .intent import Intent as Intent
from .intent import check_force as check_force
from .intent import intend as intend
from .intent import target_environment as target_environment
from .outcome import Outcome as Outcome
from .plan import Plan as Plan
from .plan import plan as plan
from .promote import promote as promote
from .rollback import FIRST as FIRST
from .rollback import Rollback as Rollback
from .rollback import rollback as rollback
from .running import Running as Running
from .running import running as running
from .status import Cell as Cell
from .status import status as status
from .status_report import status_report as status_report
from .summary import summary as summary
from .workspace import Workspace as Workspace
from .workspace import open_workspace as open_workspace
