"""An executor of one's own: work that streams like an agent, takes messages, and ends with an outcome.

python custom_executor.py [DIRECTORY]
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator

from tasktui import Capabilities, Message, Outcome, Reason, RunContext, Status, StreamExecutor, TaskManager
from tasktui.events import Data, MessageCompleted, MessageDelta, ToolCompleted, ToolStarted, UsageTokens


async def parrot(ctx: RunContext) -> AsyncGenerator[Data | Outcome, None]:
    """Say the prompt word by word, use a tool, wait for one message, and repeat it."""
    words = str(ctx.spec.work.model_dump()["prompt"]).split()
    for word in words:
        yield MessageDelta(message_id="m1", delta=f"{word} ")
    yield MessageCompleted(message_id="m1", content=" ".join(words))
    yield ToolStarted(call_id="t1", name="count", input=str(words))
    yield ToolCompleted(call_id="t1", output=f"{len(words)} words")
    yield UsageTokens(input_tokens=len(words), output_tokens=len(words))
    async for delivery in ctx.inbox():
        ctx.verdict(delivery.intervention_id, delivered=True)
        yield MessageCompleted(message_id="m2", content=f"{delivery.text}!")
        break
    yield Outcome(Status.COMPLETED, Reason.COMPLETED, "the parrot is done", result=f"{len(words)} words")


async def main(directory: str) -> None:
    """Give the executor a kind, and a task of that kind."""
    agent = StreamExecutor(parrot, capabilities=Capabilities(intervene="queue"))
    async with TaskManager.open(directory, executors={"agent": agent}) as manager:
        task = await manager.submit(agent="parrot", prompt="hello dear world")
        async for event in manager.subscribe(task.id):
            if event.type == "tool.completed":
                await manager.intervene(task.id, Message("louder"))
        print(await manager.result(task.id))
        for call in (await manager.tools(task.id)).items:
            print(f"{call.name}: {call.status}, {call.output_summary}")
        for event in (await manager.timeline(task.id, types=["message.completed"])).items:
            print(event.data.decode())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "tasks"))
