"""What answers before the application: the connection, answers that are kept, the edge, numbers and limits.

From the socket inwards, and what each file decides:

- `protocol`   HTTP/1.1 on a connection: framing, order, how much may wait; `patience`: how long
- `framing`    which heads of requests are HTTP at all; pure functions, a table of refusals
- `messages`   what is written besides what an application sends: whole answers, refusals
- `hooks`      what of uvicorn is relied on
- `cache`      answers of the catalogue, for as long as nothing is committed
- `watch`      one log line a request, request ids, numbers for Prometheus
- `edge`       what holds for every request, whatever answers it: sizes, methods, headers, CORS, our own faults
- `limits`     how often a key may write, and how often an address may try keys that don't fit

**What is touched inside uvicorn.** `PatientProtocol` extends `HttpToolsProtocol`, and `hooks` lists what it relies on:

- It feeds the parser itself (`data_received`), because httptools drops the body of a request that offers an upgrade and hands
  the bytes over as the next request. The head is read again without the offer (RFC 9110, 7.8), so framing is kept.
- It checks each head (`on_headers_complete`), drops trailers (`on_header`), which uvicorn would take for headers, and refuses in
  the order in which requests came.
- It stops reading where some dozens of requests wait (`flow`); uvicorn reads on after each answer.
- It answers a caller who has closed its sending half (`eof_received`); uvicorn hangs up.
- It hangs up on callers who are too slow (`patience`: `connection_made`, `pause_writing`, `resume_writing`, `connection_lost`).
- It starts no task where the cache has the answer (`_start_asgi_task`), and writes that in one system call (`_send_whole`).

**Why the last one earns its place.** A kept answer takes about as long to find as a task takes to start. With `_send_whole` the
service gave 1.2 times as many answers a second as a bare ASGI application on uvicorn; through tasks and messages it gave 0.7
(version 0.1.0; not measured since).

**What keeps it honest.** uvicorn promises none of this, so `pyproject.toml` allows only versions that were tested at both ends,
and importing `protocol` fails with a uvicorn that lacks one of these hooks. It doesn't fall back to the plain protocol: that one
reads a body as a request, which is a way around every rule of this service.
"""
