"""The rules of the exchange: no clock, no randomness, no files, no network.

Everything here takes values and returns values or actions; what reaches the outside world stands
behind the ports in `federation.ports.store`. Import from the submodules; the package re-exports
nothing, so that a reader sees at each import which rule is used.
"""
