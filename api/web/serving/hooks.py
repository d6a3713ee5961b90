"""The internals of uvicorn that are overridden or read; where one is gone, nothing may be served."""

from collections.abc import Mapping
from importlib.metadata import version

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

HOOKS = {
    HttpToolsProtocol: (
        "connection_made connection_lost data_received eof_received on_message_begin on_header on_headers_complete on_message_complete"
        " on_response_complete pause_writing resume_writing _start_asgi_task _should_upgrade _unset_keepalive_if_required"
    ),
    FlowControl: "pause_reading resume_reading",
}
STATE = {
    HttpToolsProtocol: "app cycle expect_100_continue flow headers loop parser pipeline scope server_state transport",
    RequestResponseCycle: "default_headers disconnected keep_alive message_event on_response response_complete response_started scope",
    FlowControl: "read_paused write_paused",
}


def refuse_another_uvicorn(hooks: Mapping[type, str], state: Mapping[type, str]) -> None:
    """Raise ImportError where a method or an attribute is gone that this module overrides or reads."""
    gone = [f"{class_.__name__}.{name}" for class_, names in hooks.items() for name in names.split() if not hasattr(class_, name)]
    for class_, names in state.items():
        made = class_.__dict__["__init__"].__code__.co_names
        gone += [f"{class_.__name__}.{name}" for name in names.split() if name not in made]
    if gone:
        raise ImportError(f"uvicorn {version('uvicorn')} lacks {', '.join(gone)}: install a version that this package allows.")
