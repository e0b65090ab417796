"""What the engine is doing, told as a tree of steps to whoever shows it."""

from dagger_local.progress.steps import Sink as Sink
from dagger_local.progress.steps import Step as Step
from dagger_local.progress.steps import begin as begin
from dagger_local.progress.steps import end as end
from dagger_local.progress.steps import is_named as is_named
from dagger_local.progress.steps import show as show
from dagger_local.progress.steps import step as step
from dagger_local.progress.steps import within as within
