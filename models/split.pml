/* Splitting a folio under its readers, and joining it again.
 *
 * One node of two slots. At first one folio of order 1 covers both: its entry in slot 0, a sibling entry in
 * slot 1, two references (one a page). A split freezes it, fills two children with folio 0 and folio 1, stores
 * the children in the slots from the last to the first, and unfreezes both with one reference each. A join
 * freezes both and puts the entry and its sibling back; the children, unlinked, are filled with retry entries. A
 * split uses children of its own: the old ones are readable until a grace period ends. Reader 1 asks for index 0,
 * reader 2 for index 1.
 *
 * Shown for a counted reader: the folio it holds covers the index it asked for, from its second load to its put;
 * at the end each count is what the slots say. With -DPROTOCOL=SEQUENCE a reader counts nothing: it reads the
 * folio's sequence count (odd: frozen), the order once, and the page at its index; and between two splits index 1
 * is truncated and its frame reused. Shown there: it never delivers another owner's page.
 *
 * -DPROTOCOL=... -DREADERS=1|2 -DGETS=n -DSPLITS=n [-DINDEX=1: of a single reader]
 */
#include "common.pml"
#define FOLIOS 2
#include "protocols.pml"

/* Entries: folios are 0 and 1. */
#define SIBLING 2
#define RETRY 3
#define CHILD(n) (4 + (n))

byte slot[2];
byte child[2 * SPLITS];  /* child[2 * k + i] holds index i after split k */
byte order[FOLIOS];
byte finished;
#define COVERS(f, i) (f == i || (f == 0 && order[0] == 1))

#if PROTOCOL == SEQUENCE
byte sequence[FOLIOS];
bool foreign;  /* page 1 belongs to somebody else */
#endif

/* Where the entry of an index stands: in the node, or in a child. */
#define IN_NODE(i) (i)
#define IN_CHILD(n) (2 + (n))
#define AT(place) (place < 2 -> slot[place] : child[place - 2])

inline load(place) {
    d_step {
        entry = AT(place);
        if
        :: place < 2 -> SAY("loads slot %d", place)
        :: else -> SAY("loads the slot of child %d", place - 2)
        fi;
        if
        :: entry == SIBLING -> printf(": a sibling\n")
        :: entry == RETRY -> printf(": a retry entry\n")
        :: entry >= CHILD(0) -> printf(": child %d\n", entry - CHILD(0))
        :: else -> printf(": folio %d\n", entry)
        fi
    }
}

inline finish() {
    d_step {
        finished++;
        if
        :: finished == READERS + 1 && order[0] == 1 ->
            MUST(COUNTED(0, 2) && AT_REST(1), "at the end the counts are not what the slots say\n")
        :: finished == READERS + 1 && order[0] == 0 ->
            MUST(COUNTED(0, 1) && COUNTED(1, 1), "at the end the counts are not what the slots say\n")
        :: else -> skip
        fi
    }
}

/* From the head to a folio; leaves its entry, or RETRY for a walk that must start again. */
inline walk(i) {
    place = IN_NODE(i);
    load(place);
    if
    :: entry == SIBLING ->
        place = IN_NODE(0);
        load(place);
#ifndef F_FOLLOW_SIBLING
        if
        :: entry >= CHILD(0) -> entry = RETRY
        :: else -> skip
        fi
#endif
    :: else -> skip
    fi;
    if
    :: entry >= CHILD(0) -> place = IN_CHILD(entry - CHILD(0)); load(place)
    :: else -> skip
    fi
}

#if PROTOCOL == SEQUENCE

proctype read(byte i) {
    mtype who = reader;
    byte f, entry, place, before, page, left = GETS;

again:
    walk(i);
    if
    :: entry == RETRY -> goto again
    :: else -> f = entry
    fi;
    d_step { before = sequence[f]; SAY("loads the count of folio %d: %d\n", f, before) }
    if
    :: before % 2 -> goto answered  /* frozen: the slow path */
    :: else -> skip
    fi;
    d_step {
        if
        :: AT(place) == f -> SAY("loads the slot again: still folio %d\n", f)
        :: else -> before = 1; SAY("loads the slot again: no longer folio %d\n", f)
        fi
    }
    if
    :: before % 2 -> goto answered
    :: else -> skip
    fi;
    d_step {
        page = (COVERS(f, i) -> i : NONE);
        SAY("reads the order of folio %d: %d\n", f, order[f])
    }
    if
    :: page == NONE -> goto answered
    :: else -> skip
    fi;
    d_step { page = (page == 1 && foreign -> NONE : page); SAY("copies page %d\n", i) }
    d_step {
        if
        :: sequence[f] == before ->
            SAY("loads the count of folio %d again: unchanged, delivers the copy\n", f);
            MUST(page != NONE, "somebody else's page is delivered\n")
        :: else -> SAY("loads the count of folio %d again: changed, the slow path answers\n", f)
        fi
    }
answered:
    if
    :: left > 1 -> d_step { left--; f = 0; entry = 0; place = 0; before = 0; page = 0 } goto again
    :: else -> left = 0
    fi
}

#ifdef F_SPLIT_NO_BUMP
#define BUMP(f) skip
#else
#define BUMP(f) d_step { sequence[f]++; SAY("makes the sequence count of folio %d: %d\n", f, sequence[f]) }
#endif

#else

#define BUMP(f) skip

proctype read(byte i) {
    mtype who = reader;
    byte f, entry, place, left = GETS;
    LOCALS;

again:
    if
    :: d_step { true -> ENTER }
    fi;
    walk(i);
    if
    :: entry == RETRY -> d_step { LEAVE } goto again
    :: else -> f = entry
    fi;
    get(f);
    if
    :: verdict == NO -> d_step { LEAVE; SAY("starts again, holding nothing\n") } goto again
    :: else -> skip
    fi;
    d_step {
        LEAVE;
#ifdef F_NO_REREAD
        SAY("does not load the slot again\n");
#else
        verdict = (AT(place) == f -> YES : NO);
        if
        :: verdict == YES -> SAY("loads the slot again: still folio %d\n", f)
        :: else -> SAY("loads the slot again: no longer folio %d\n", f)
        fi;
#endif
        if
        :: verdict == YES -> MUST(COVERS(f, i), "the folio it holds does not cover the index\n")
        :: else -> skip
        fi
    }
    if
    :: verdict == NO -> put(f); goto again
    :: else -> skip
    fi;
    d_step {
        SAY("uses folio %d for index %d\n", f, i);
        MUST(COVERS(f, i), "the folio it holds does not cover the index any more\n")
    }
    put(f);
    if
    :: left > 1 -> d_step { left--; f = 0; entry = 0; place = 0; verdict = 0 } goto again
    :: else -> d_step { left = 0; f = 0; entry = 0; place = 0; verdict = 0 } finish()
    fi
}

#endif

inline store_slot(i, new) {
    d_step {
        slot[i] = new;
        if
        :: new == SIBLING -> SAY("stores a sibling in slot %d\n", i)
        :: new >= CHILD(0) -> SAY("stores child %d in slot %d\n", new - CHILD(0), i)
        :: else -> SAY("stores folio %d in slot %d\n", new, i)
        fi
    }
}

#if PROTOCOL == STRIPED
#define GIVE_AWAY d_step { stripe[0]--; SAY("takes folio 1's reference from folio 0\n") }
#else
#define GIVE_AWAY d_step { count[0]--; SAY("takes folio 1's reference from folio 0\n") }
#endif

inline split(k) {
#ifdef F_NO_FREEZE
    verdict = YES;
#else
    freeze(0, 2);
#endif
    if
    :: verdict == YES ->
        BUMP(0);
        d_step {
            child[2 * k] = 0;
            child[2 * k + 1] = 1;
            SAY("fills children %d and %d with folios 0 and 1\n", 2 * k, 2 * k + 1)
        }
#ifdef F_UNFREEZE_EARLY
        unfreeze(0, 1);
#endif
        d_step { order[0] = 0; SAY("makes folio 0 one of order 0\n") }
#ifdef V_CANONICAL_FIRST
        store_slot(0, CHILD(2 * k));
        store_slot(1, CHILD(2 * k + 1));
#else
        store_slot(1, CHILD(2 * k + 1));
        store_slot(0, CHILD(2 * k));
#endif
        BUMP(0);
#ifdef F_NO_FREEZE
        GIVE_AWAY;
#elif !defined(F_UNFREEZE_EARLY)
        unfreeze(0, 1);
#endif
        unfreeze(1, 1)
    :: else -> skip
    fi
}

inline join(k) {
    freeze(0, 1);
    if
    :: verdict == YES ->
        freeze(1, 1);
        if
        :: verdict == YES ->
            BUMP(0);
            BUMP(1);
            d_step { order[0] = 1; SAY("makes folio 0 one of order 1\n") }
            store_slot(1, SIBLING);
            store_slot(0, 0);
            d_step {
                child[2 * k] = RETRY;
                child[2 * k + 1] = RETRY;
                SAY("stores retry entries in children %d and %d\n", 2 * k, 2 * k + 1)
            }
            BUMP(1);
            BUMP(0);
            unfreeze(0, 2)
        :: else -> unfreeze(0, 1)
        fi
    :: else -> skip
    fi
}

#if PROTOCOL == SEQUENCE
/* Index 1 leaves the cache, its frame is somebody else's for a while, and comes back. */
inline truncate_and_refill(k) {
    d_step { sequence[1]++; SAY("makes the sequence count of folio 1: %d\n", sequence[1]) }
    d_step { child[2 * k + 1] = RETRY; SAY("clears the slot of child %d\n", 2 * k + 1) }
    d_step { sequence[1]++; SAY("makes the sequence count of folio 1: %d\n", sequence[1]) }
    d_step { foreign = true; SAY("frees folio 1, and somebody else writes to its page\n") }
    d_step { foreign = false; SAY("allocates folio 1 again, and fills it\n") }
    d_step { child[2 * k + 1] = 1; SAY("stores folio 1 in child %d\n", 2 * k + 1) }
}
#endif

proctype write() {
    mtype who = writer;
    byte k;
    LOCALS;

    do
    :: k < SPLITS ->
        split(k);
        if
        :: order[0] == 0 ->
#if PROTOCOL == SEQUENCE
            truncate_and_refill(k);
#endif
            join(k)
        :: else -> skip
        fi;
        if
        :: order[0] == 0 -> break  /* the join met a reader: what is split stays so */
        :: else -> k++
        fi
    :: else -> break
    od;
    k = 0;
    verdict = 0;
    finish()
}

init {
    atomic {
        order[0] = 1;
        slot[1] = SIBLING;
#if PROTOCOL == STRIPED
        stripe[0] = 2;
        frozen[1] = true;
#else
        count[0] = 2;
        count[1] = IDLE;
#endif
#if READERS == 1
        run read(INDEX);
#else
        run read(0);
        run read(1);
#endif
        run write()
    }
}
