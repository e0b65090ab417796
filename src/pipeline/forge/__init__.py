"""The forge that keeps a Git repository: where a change is proposed to people, by a pull request or its branch."""

from .forge import Forge as Forge
from .forge import open_forge as open_forge
from .http import ForgeFailed as ForgeFailed
from .pull_request import Proposal as Proposal
from .pull_request import PullRequest as PullRequest
