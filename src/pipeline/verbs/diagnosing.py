"""Look for what a team that takes the pipeline up gets wrong."""

from pipeline import diagnosis
from pipeline.surface import Format, arguments, uncached

from .given import Given


class Diagnosing(Given):
    """The doctor."""

    @uncached
    async def doctor(self, *, git_token: arguments.GitToken = None, format_: arguments.Style = Format.TEXT) -> str:
        """Look at everything that has to agree, change nothing, and say what is wrong with its cure.

        With a Git token, GitHub is asked as well whether the environments are really protected.
        """
        done = await diagnosis.diagnose(self.source, self.registry, git_token, self._call.github)
        return diagnosis.diagnosis_report(done, format_)
