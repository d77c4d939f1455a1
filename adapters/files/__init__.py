"""The file interface 文件方式: lists, reliefs and scenarios in; results out (GB/T 39443, 5.5).

    tables      CSV and XLSX as rows of text, within bounds
    mapping     what the columns of one source mean, from a YAML file
    listings    rows of a list → LISTING payloads or faults
    reliefs     rows of a relief file
    scenarios   scenario and recognition files
    faults      FILE.errors.csv beside the input
    outbox      what peers said, as files for the city's own platform
    dropfolder  which files of an inbox are ready to be taken
    atomic      a file that is there whole or not at all

An attacker who controls the inbox can at most publish what the feed's bound authorities may
publish; nothing in a file names an authority outside the feed's binding.
"""
