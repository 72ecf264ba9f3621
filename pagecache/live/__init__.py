"""The running kernel's page cache, read and held beside the models.

look         files or the whole machine: the kernel's counts and the models'
walk         walks of indexes, repeated until nobody changed them meanwhile
program      the walker in BPF, which copies nodes and only reads
inodes       the lister in BPF: every inode of which anything is cached
entries      what copied nodes mean: folios, shadows, orders
prediction   indexes built of the same folios, by each design
fallback, kpageflags  what is known without the right to walk
btf, offsets  where this kernel keeps what is read; assembler, bpf: instructions and bpf(2)
loops        what of these must be compiled
experiment   tmpfs and hugetlbfs timed beside the models; timing: its loops, detached: its files
record       a program's page-cache events: tracing gets them, events reads them, verify replays;
             record_strace: without the right to that, what strace sees
filesystem, slab, answers  names, the slab's count, and what JSON holds

A look writes nothing to the kernel, pins and attaches nothing, and changes no file; recording has
a trace instance while it runs, experiments have files without names.  The BPF programs
declare the licence Dual MIT/GPL: the kernel lets programs under a GPL-compatible one alone read
its memory.  Knows nothing of reports and of how designs are compared.
"""
