"""A Python function in a process of its own, with progress, segments and a file.

    python python_job.py [DIRECTORY]

The process outlives this program: whoever opens the directory next sees it through.
"""

from __future__ import annotations

import asyncio
import sys

from tasktui import JobContext, TaskManager, job

SCENES = ("castle", "forest", "sea")


@job(name="render the story", tags=["story"], retries=1)
def render(ctx: JobContext, skip: str = "") -> dict[str, int]:
    """Render each scene; one that cannot be rendered does not end the rest."""
    for number, scene in enumerate(SCENES, 1):
        ctx.raise_if_cancelled()
        if scene == skip:
            ctx.segment_failed(scene, "no such paint")
        else:
            ctx.segment(scene, pixels=number * 1000)
        ctx.progress(number, len(SCENES), phase="rendering")
    ctx.artifact("\n".join(SCENES).encode(), "scenes.txt", summary="what was rendered")
    print(f"rendered {ctx.segments_ok} of {len(SCENES)}")
    return {"ok": ctx.segments_ok, "failed": ctx.segments_failed}


async def main(directory: str) -> None:
    """Submit the function and read what it left."""
    async with TaskManager.open(directory) as manager:
        task = await manager.submit(render, arguments={"skip": "forest"})
        result = await manager.result(task.id)
        row = await manager.wait(task.id)
        print(f"{row.title}: {row.status} ({row.terminal_reason}), {row.progress_percentage} %")
        print(f"result: {result}")
        print(f"output: {(await manager.output(task.id)).data.decode().strip()}")
        for artifact in (await manager.artifacts(task.id)).items:
            content = await manager.read_artifact(task.id, artifact.artifact_id)
            print(f"{artifact.label}: {content.data.decode().split()}")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "tasks"))
