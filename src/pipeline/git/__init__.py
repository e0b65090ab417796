"""Git: the remote and the right to use it, who commits, the commit's message, and what there was before."""

from .agreement import disagreements as disagreements
from .commit_log import Record as Record
from .commit_log import checkout as checkout
from .commit_log import promotions as promotions
from .commit_message import Change as Change
from .commit_message import Entry as Entry
from .commit_message import message as message
from .commits_between import Commit as Commit
from .commits_between import Commits as Commits
from .commits_between import Span as Span
from .commits_between import commits_between as commits_between
from .credentials import TOKEN_USER as TOKEN_USER
from .credentials import Access as Access
from .github import GitHub as GitHub
from .github import github as github
from .history import contents_before as contents_before
from .refusals import words as words
from .remote import Remote as Remote
from .remote import remote as remote
from .revision import Revision as Revision
from .revision import revision as revision
from .signature import Author as Author
from .signature import Signature as Signature
from .signature import sign as sign
from .signing_key import check_key as check_key
