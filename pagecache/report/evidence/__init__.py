"""Evidence for a cover letter: a folder from which every number of a mail can be derived again.

    mail.txt           the results as plain text, at most 72 columns wide
    results.json       the same, as --json writes it
    order.txt          the order in which every round measured its rows
    rounds.jsonl       what the worker processes measured: a count or a round a line, as it came
    job.json           what the processes were given: inputs, rows, events, seed
    environment.json   the machine, the kernel, versions, the command
    SHA256SUMS         of the last three, so that these are known to be as they were written

recorder     keeps what the processes measured
mail         mail.txt
folder       the folder: written whole or not at all, and read
check        mail.txt and results.json held against the rounds

Knows nothing of how anything is measured: that is in the rounds.
"""
