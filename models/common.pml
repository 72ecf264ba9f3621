/* What all models share: how a step tells its story, and how a property is stated.
 *
 * Each access to shared memory is one d_step: whatever else runs, runs between two of them. A step says in
 * plain words what it did; spin prints that when it replays a counterexample, and the search itself skips it.
 * Ghost variables (holders, oldest, ...) are written in the same step as what they describe, and read by MUST
 * alone: no process decides anything from them.
 */
mtype = { reader, writer, stranger, buffer };

#define SAY printf("@%e %d: ", who, _pid); printf
#define MUST(condition, otherwise) \
    if :: (condition) -> skip :: else -> printf("!"); printf(otherwise); assert(false) fi

#define NONE 9  /* an empty slot, where folios and nodes have small numbers */

/* What a try came to. */
#define NO 0
#define YES 1
#define AGAIN 2
