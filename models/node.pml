/* When a node that was unlinked may be freed: grace periods by quiescent states.
 *
 * A head leads to one of three nodes, each with one slot. Between gets a reader holds nothing; it then copies the
 * number of the current period to a line of its own, and that is all it does. Off line its number is 0; on its
 * way back it stores the number, passes a full fence, and only then reads. The writer fills another node, stores
 * it in the head, fills the old node's slot with a retry entry, makes the next number, passes a full fence, waits
 * until each reader is off line or has copied that number, and frees the old node.
 *
 * With -DBUFFERED each process's stores pass through a buffer, first in, first out, that is emptied whenever it
 * likes (x86 and its total store order); a full fence waits until it is empty. Without, each store is seen at
 * once (sequential consistency).
 *
 * Shown: no reader reads a node that is free, or one that is not filled yet.
 *
 * -DREADERS=1|2 -DGETS=n -DREMOVALS=n [-DBUFFERED]
 */
#include "common.pml"

#define NODES 3
#define VALUE 1
#define RETRY 2
#define POISON 3

/* Places in memory, and the numbers that stand there at the start. */
#define HEAD 0
#define PERIOD 1
#define SLOT(n) (2 + (n))
#define LINE(r) (2 + NODES + (r))

byte memory[2 + NODES + READERS];
bool free[NODES];

#define ME (_pid - 1)

#ifdef BUFFERED
chan stores[READERS + 1] = [4] of { byte, byte };
#define STORE(place, number) stores[ME]!place,number
#define FENCE d_step { empty(stores[ME]) -> SAY("passes a full fence\n") }

proctype drain(byte whose) {
    mtype who = buffer;
    byte place, number;

end:
    do
    :: d_step {
            stores[whose]?place,number;
            memory[place] = number;
            if
            :: whose < READERS -> SAY("lets the store of reader %d become visible: its line says %d\n", whose + 1, number)
            :: whose == READERS && place == HEAD -> SAY("lets the writer's store to the head become visible: node %d\n", number)
            :: whose == READERS && place == PERIOD -> SAY("lets the writer's period number become visible: %d\n", number)
            :: else -> SAY("lets the writer's store to node %d become visible\n", place - SLOT(0))
            fi;
            place = 0;
            number = 0
        }
    od
}
#else
#define STORE(place, number) memory[place] = number
#define FENCE d_step { true -> SAY("passes a full fence\n") }
#endif

inline announce(what) {
    d_step { number = what; SAY("reads the period number: %d\n", number) }
    d_step { STORE(LINE(ME), number); SAY("stores %d in its line: quiescent\n", number); number = 0 }
}

proctype read() {
    mtype who = reader;
    byte node, number, left = GETS;

come_on_line:
    if
    :: left > 0 -> skip
    :: else -> goto finished
    fi;
    announce(memory[PERIOD]);
#ifndef F_NO_READER_FENCE
    FENCE
#endif
look:
    if
    :: d_step { node = memory[HEAD]; SAY("reads the head: node %d\n", node) }
    fi;
#ifdef F_QUIET_WHILE_HOLDING
    announce(memory[PERIOD]);
#endif
    d_step {
        number = memory[SLOT(node)];
        SAY("reads the slot of node %d\n", node);
        MUST(!free[node], "the node it reads is free\n");
        MUST(number != POISON, "the node it reads is not filled yet\n")
    }
    if
    :: number == RETRY -> number = 0; goto look
    :: else -> d_step { number = 0; node = 0; left-- }
    fi;
    if
    :: left > 0 -> announce(memory[PERIOD]); goto look
    :: d_step { STORE(LINE(ME), 0); SAY("stores 0 in its line: off line\n") } goto come_on_line
    fi;
finished:
    skip
}

inline take_new_number() {
    period++;
    d_step { STORE(PERIOD, period); SAY("makes the next period number: %d\n", period) }
}

proctype write() {
    mtype who = writer;
    byte old, new, period = 1, r, left = REMOVALS;

    do
    :: left > 0 ->
        atomic {
            if
            :: free[0] -> new = 0
            :: free[1] -> new = 1
            :: free[2] -> new = 2
            fi;
            free[new] = false;
            SAY("allocates node %d\n", new)
        }
#ifdef F_NUMBER_EARLY
        take_new_number();
#endif
#ifdef F_PUBLISH_EARLY
        d_step { STORE(HEAD, new); SAY("stores node %d in the head\n", new) }
        d_step { STORE(SLOT(new), VALUE); SAY("fills the slot of node %d\n", new) }
#else
        d_step { STORE(SLOT(new), VALUE); SAY("fills the slot of node %d\n", new) }
        d_step { STORE(HEAD, new); SAY("stores node %d in the head: node %d is unlinked\n", new, old) }
#endif
        d_step { STORE(SLOT(old), RETRY); SAY("stores a retry entry in node %d\n", old) }
#ifndef F_NUMBER_EARLY
        take_new_number();
#endif
#ifndef F_NO_WRITER_FENCE
        FENCE
#endif
#ifndef F_NO_GRACE
        do
        :: r < READERS ->
            d_step {
                memory[LINE(r)] == 0 || memory[LINE(r)] >= period ->
                SAY("finds %d in the line of reader %d: no need to wait for it\n", memory[LINE(r)], r + 1);
                r++
            }
        :: else -> break
        od;
#endif
        atomic {
            free[old] = true;
            STORE(SLOT(old), POISON);
            SAY("frees node %d\n", old);
            old = new;
            new = 0;
            r = 0;
            left--
        }
    :: else -> break
    od
}

init {
    atomic {
        memory[PERIOD] = 1;
        memory[SLOT(0)] = VALUE;
        memory[SLOT(1)] = POISON;
        memory[SLOT(2)] = POISON;
        free[1] = true;
        free[2] = true;
        run read();
#if READERS > 1
        run read();
#endif
        run write();
#ifdef BUFFERED
        run drain(0);
        run drain(1);
#if READERS > 1
        run drain(2);
#endif
#endif
    }
}
