"""Build, promote and roll back container images: one pipeline from a release tag to production.

An import goes from left to right, and to a folder as a whole: main > verbs > rehearsal > call > deployment > board >
promotion > release > diagnosis > checks > generation > provenance > vulnerabilities > materials > services >
overlays > forge > git > referrers > description > registry > tools > surface > errors > concurrency.
"""

from .main import Pipeline as Pipeline
