"""What every function shares: Dagger's decorators, the arguments, the secrets given, the formats of reports."""

from .decorators import check as check
from .decorators import field as field
from .decorators import function as function
from .decorators import generate as generate
from .decorators import object_type as object_type
from .decorators import uncached as uncached
from .decorators import up as up
from .durations import DURATION as DURATION
from .durations import duration as duration
from .durations import spoken as spoken
from .reports import Format as Format
from .reports import as_code as as_code
from .reports import as_json as as_json
from .reports import human as human
from .reports import listed as listed
from .reports import markdown_table as markdown_table
from .reports import printable as printable
from .reports import text_table as text_table
from .secrets import secret_of as secret_of
from .secrets import stripped as stripped
