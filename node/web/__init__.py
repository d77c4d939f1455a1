"""HTTP for departments: questions before acts, outcomes, matters and measures; and for operators.

The same desk as behind gRPC (`node.services`), reached through the Protocol `node.web.calls.Calls`:
in the process of `huxin serve`, in a thread and an event loop of its own, or alone (`huxin http`).

    HT1   A token counts in the header Authorization alone; one in a URL or a body is refused and
          told to the operator, and what came with it is not done.
    HT2   No subject stands in a URL, a header, a log line or a figure; a query has parameters that
          the route declares, of closed forms (`node.web.parameters`), and nothing else.
    HT3   A body is one JSON object of at most `BODY_MAX` bytes, each name once, each value of its
          type.
    HT4   A connection that does not speak, send on or read in time is cut.
    HT5   Questions under way are bounded, of one token and in all; who waits for a caller that does
          not read holds none of these places.
    HT6   Outside the loopback address only TLS 1.3.
    HT7   What is not known leaves as an id alone; its text stays in the log.

What an operator's program does is one table of operations, transcoded onto the services of the
node's socket (`node.web.operations`, HT14-HT16); files come in by `node.web.uploads` (HT17).
"""
