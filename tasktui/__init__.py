"""tasktui: the terminal control room for background work.

    from tasktui import TaskManager

    async with TaskManager.open("data") as manager:
        task = await manager.submit(command="make test")
        row = await manager.wait(task.id)

Names are imported when they are used: `import tasktui` loads nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # typing itself would be loaded into the process beside every task
if TYPE_CHECKING:
    from tasktui.bootstrap.embedding import TaskManager
    from tasktui.domain.errors import TasktuiError
    from tasktui.domain.ports.executor import Capabilities, Executor, Outcome, RunContext
    from tasktui.domain.ports.manager import Manager
    from tasktui.domain.query import TaskQuery
    from tasktui.domain.requests import Answer, Message, Task
    from tasktui.domain.spec import TaskSpec
    from tasktui.domain.status import Reason, Status
    from tasktui.executors.streaming import StreamExecutor
    from tasktui.jobs import JobContext, TaskCanceled, job

__version__ = "0.1.0"

__all__ = [
    "Answer", "Capabilities", "Executor", "JobContext", "Manager", "Message", "Outcome", "Reason",
    "RunContext", "Status", "StreamExecutor", "Task", "TaskCanceled", "TaskManager", "TaskQuery",
    "TaskSpec", "TasktuiError", "job",
]  # fmt: skip

_HOMES = {
    "TaskManager": "bootstrap.embedding",
    "TasktuiError": "domain.errors",
    **dict.fromkeys(("Capabilities", "Executor", "Outcome", "RunContext"), "domain.ports.executor"),
    "Manager": "domain.ports.manager",
    "TaskQuery": "domain.query",
    **dict.fromkeys(("Answer", "Message", "Task"), "domain.requests"),
    "TaskSpec": "domain.spec",
    "StreamExecutor": "executors.streaming",
    **dict.fromkeys(("Reason", "Status"), "domain.status"),
    **dict.fromkeys(("JobContext", "TaskCanceled", "job"), "jobs"),
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'tasktui' has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f"tasktui.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
