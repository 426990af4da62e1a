"""System 004's package: its names."""

from __future__ import annotations

from tasktui.compat.deepseek.executor import CancelToken, ExecutionTask, TaskExecutionResult, TaskExecutor
from tasktui.compat.deepseek.manager import TaskManager, TaskManagerConfig
from tasktui.compat.deepseek.records import NewTaskRequest, TaskCounts, TaskRecord, TaskSummary

__all__ = [
    "CancelToken",
    "ExecutionTask",
    "NewTaskRequest",
    "TaskCounts",
    "TaskExecutionResult",
    "TaskExecutor",
    "TaskManager",
    "TaskManagerConfig",
    "TaskRecord",
    "TaskSummary",
]
