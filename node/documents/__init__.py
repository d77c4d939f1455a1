"""Documents: what a service of the node answers, as the JSON that commands and HTTP both give.

One function for each answer, so that `huxin … -o json` and HTTP for operators say the very same
thing. Nothing is asked here and nothing is shown: answers come in, documents go out.
"""
