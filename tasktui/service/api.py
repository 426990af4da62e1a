"""The HTTP face of a manager: its routes, its errors, its bounds."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from tasktui.domain.errors import CapacityError, InvalidError, NotFoundError, TasktuiError
from tasktui.domain.ports.manager import Manager
from tasktui.domain.wire import error_object
from tasktui.service import (
    routes_acts,
    routes_checks,
    routes_intake,
    routes_state,
    routes_streams,
    routes_tasks,
    routes_whole,
)
from tasktui.service.activity import Activity
from tasktui.service.bodies import told
from tasktui.service.bounds import Bounds
from tasktui.service.levels import NO_PATH
from tasktui.service.offer import COMPAT, System
from tasktui.service.recording import Tally

_log = logging.getLogger(__name__)
_ERRORS_TOLD = 10
_NONE: Final[Mapping[str, System]] = {}


def make_app(
    manager: Manager,
    *,
    stop: asyncio.Event,
    activity: Activity | None = None,
    version: str = "0",
    systems: Mapping[str, System] = _NONE,
    fenced: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """Return the application that carries the whole `Manager` port under `/v1`.

    Args:
        manager: what answers; its loop is the one that runs the application.
        stop: ends every stream when it is set.
        activity: told of each request.
        version: of tasktui.
        systems: routes of other task managers, found under `/compat/NAME`.
        fenced: whether another owner took over.
    """
    app = FastAPI(
        title="tasktui", version=version, openapi_url="/v1/openapi.json", docs_url=None, redoc_url=None,
        redirect_slashes=False, generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    app.openapi = partial(_description, app)  # type: ignore[method-assign]  # as the library has it done
    app.state.manager = manager
    app.state.stop = stop
    app.state.interests = {}
    app.state.tally = Tally()
    app.state.fenced = fenced
    # the streams' own paths come before those with an id in the same place
    for routes in (
        routes_whole, routes_streams, routes_tasks, routes_acts, routes_checks, routes_intake, routes_state,
    ):  # fmt: skip
        app.include_router(routes.router)
    for name, system in systems.items():
        app.include_router(
            system.router(manager),
            prefix=f"{COMPAT}/{name}",
            generate_unique_id_function=partial(_named_by, name),
        )
    app.state.looking = [
        f"{COMPAT}/{name}{path}" for name, system in systems.items() for path in system.looking
    ]
    app.add_exception_handler(TasktuiError, _typed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(Exception, _unforeseen)
    app.add_middleware(Bounds, activity=activity or Activity())
    return app


def _named_by(system: str, route: APIRoute) -> str:
    return f"{system}_{route.name}"


def _description(app: FastAPI) -> dict[str, Any]:
    from tasktui.service.description import described

    if app.openapi_schema is None:
        app.openapi_schema = described(app)
    return app.openapi_schema


async def _typed(_: Request, exc: Exception) -> Response:
    error = exc if isinstance(exc, TasktuiError) else TasktuiError(str(exc))
    answer = told(error_object(error), error.http_status)
    if isinstance(error, CapacityError):
        answer.headers["retry-after"] = str(max(1, round(error.retry_after_s)))
    return answer


async def _invalid(_: Request, exc: Exception) -> Response:
    found = exc.errors() if isinstance(exc, RequestValidationError) else ()
    errors = [
        {"where": ".".join(map(str, one["loc"])), "what": str(one["msg"])} for one in found[:_ERRORS_TOLD]
    ]
    first = f"{errors[0]['where']}: {errors[0]['what']}" if errors else "the request is not valid"
    return told(error_object(InvalidError(first, errors=errors)), InvalidError.http_status)


async def _refused(request: Request, exc: Exception) -> Response:
    status = exc.status_code if isinstance(exc, HTTPException) else HTTPStatus.BAD_REQUEST
    if status == HTTPStatus.NOT_FOUND:
        error: TasktuiError = NotFoundError(f"{NO_PATH}: {request.url.path}")
    else:
        error = InvalidError(f"{request.method} {request.url.path}: {HTTPStatus(status).phrase}")
    return told(error_object(error), status)


async def _unforeseen(request: Request, exc: Exception) -> Response:
    request_id = getattr(request.state, "request_id", "-")
    _log.error("%s %s failed: request %s", request.method, request.url.path, request_id, exc_info=exc)
    error = TasktuiError("The owner failed at this. Its log says how.")
    return told(error_object(error), error.http_status)
