/* The count of a folio: readers beside a writer that removes folios, and a stranger that reuses their frames.
 *
 * One slot, two frames. A reader loads the slot, takes a reference, loads the slot again, uses the folio and
 * drops the reference. The writer truncates (clears the slot, then drops the cache's reference) or reclaims
 * (freezes the folio, clears the slot, frees), and inserts whichever frame is free: the one just freed too. The
 * stranger takes a free frame as memory of another type, and drops it. Frames are type-stable: a count is
 * always a count, whoever owns the frame.
 *
 * Shown: a frame is freed once, with no holder, by the destructor of its type; who holds a folio holds the
 * cache's; at the end each count is what the slot says.
 *
 * -DPROTOCOL=CAS|ASSUME_1|LOCKED_BIT|STRIPED -DREADERS=1|2 -DGETS=n -DREMOVALS=n -DSTRANGERS=0|1
 */
#include "common.pml"
#define FOLIOS 2
#include "protocols.pml"

#define NOBODY 0
#define CACHE 1
#define OTHER 2

byte slot = 0;
byte owner[FOLIOS];  /* of which type the memory is */
bool available[FOLIOS];  /* lies in the allocator */
byte holders[FOLIOS];  /* ghost: the cache, the stranger, readers whose second load agreed */
byte finished;

inline free(f) {
    d_step {
        if
        :: type == NOBODY -> type = owner[f]
        :: else -> skip
        fi;
        SAY("frees folio %d\n", f);
        MUST(!available[f], "the folio is free already\n");
        MUST(holders[f] == 0, "somebody still holds the folio that is freed\n");
        MUST(type == owner[f], "the memory has another type by now: the wrong destructor runs\n");
        available[f] = true;
        owner[f] = NOBODY;
        type = NOBODY;
        verdict = NO
    }
}

inline put_and_free(f) {
#ifdef F_DESTRUCTOR_EARLY
    d_step {
        type = owner[f];
        if
        :: type == CACHE -> SAY("chooses the destructor of folio %d: the cache's\n", f)
        :: else -> SAY("chooses the destructor of folio %d: that of the other type\n", f)
        fi
    }
#endif
    put(f);
    if
    :: verdict == YES -> free(f)
    :: else -> type = NOBODY
    fi
}

inline allocate(f, as) {
    atomic {
        if
        :: available[0] -> f = 0
        :: available[1] -> f = 1
        :: else -> f = NONE
        fi;
        if
        :: f != NONE ->
            available[f] = false;
            owner[f] = as;
            holders[f] = 1;
            SAY("allocates folio %d\n", f)
        :: else -> skip
        fi
    }
    if
    :: f != NONE -> unfreeze(f, 1)
    :: else -> skip
    fi
}

#define MUST_AGREE(f) \
    if \
    :: f == slot -> MUST(owner[f] == CACHE && COUNTED(f, 1), "at the end the count is not the slot's one\n") \
    :: else -> MUST(available[f] && AT_REST(f), "at the end a folio that no slot holds is not free\n") \
    fi

inline finish() {
    d_step {
        finished++;
        if
        :: finished == READERS + 1 + STRANGERS -> MUST_AGREE(0); MUST_AGREE(1)
        :: else -> skip
        fi
    }
}

proctype read() {
    mtype who = reader;
    byte f, type, left = GETS;
    LOCALS;

walk:
    if  /* spin allows no label right before a d_step */
    :: d_step {
            ENTER;
            f = slot;
            if
            :: f == NONE -> LEAVE; SAY("loads the slot: empty\n")
            :: else -> SAY("loads the slot: folio %d\n", f)
            fi
        }
    fi;
    if
    :: f == NONE -> goto answered
    :: else -> skip
    fi;
    get(f);
    if
    :: verdict == NO ->
#if PROTOCOL == STRIPED && defined(F_SPIN_INSIDE)
        d_step { !frozen[f] -> SAY("finds folio %d not frozen any more\n", f) }
#else
        d_step { LEAVE; SAY("starts again, holding nothing\n") }
#endif
        goto walk
    :: else -> skip
    fi;
    d_step {
        LEAVE;
#ifdef F_NO_REREAD
        verdict = YES;
        SAY("does not load the slot again\n");
#else
        verdict = (slot == f -> YES : NO);
        if
        :: verdict == YES -> SAY("loads the slot again: still folio %d\n", f)
        :: else -> SAY("loads the slot again: no longer folio %d\n", f)
        fi;
#endif
        if
        :: verdict == YES -> holders[f]++; MUST(owner[f] == CACHE, "the reader holds a folio that is not the cache's\n")
        :: else -> skip
        fi
    }
    if
    :: verdict == NO -> put_and_free(f); goto walk
    :: else -> skip
    fi;
    d_step {
        MUST(owner[f] == CACHE && !available[f], "the folio in use is not the cache's any more\n");
        SAY("uses folio %d\n", f);
        holders[f]--
    }
    put_and_free(f);
#ifdef F_PUT_TWICE
    put_and_free(f);
#endif
answered:
    if
    :: left > 1 -> d_step { left--; f = 0; verdict = 0 } goto walk
    :: else -> left = 0; finish()
    fi
}

inline clear_slot(f) {
    d_step { slot = NONE; holders[f]--; SAY("clears the slot, which held folio %d\n", f) }
}

proctype write() {
    mtype who = writer;
    byte f, type, left = REMOVALS;
    LOCALS;

    do
    :: left > 0 ->
        f = slot;
        if
#if PROTOCOL != STRIPED
        :: f != NONE -> clear_slot(f); put_and_free(f)
#endif
        :: f != NONE ->
            freeze(f, 1);
            if
            :: verdict == YES -> clear_slot(f); free(f)
            :: verdict == YES -> unfreeze(f, 1)
            :: verdict == NO -> skip
            fi
        :: f == NONE -> skip
        fi;
        if
        :: slot == NONE ->
            allocate(f, CACHE);
            if
            :: f != NONE -> d_step { slot = f; SAY("stores folio %d in the slot\n", f) }
            :: else -> skip
            fi
        :: else -> skip
        fi;
        d_step { f = 0; verdict = 0; left-- }
    :: else -> break
    od;
    finish()
}

proctype reuse() {
    mtype who = stranger;
    byte f, type;
    LOCALS;

    allocate(f, OTHER);
    if
    :: f != NONE ->
#if PROTOCOL == STRIPED
        do
        :: verdict == NO -> freeze(f, 1)
        :: else -> d_step { holders[f]--; SAY("is done with folio %d\n", f) } free(f); break
        od
#else
        d_step { holders[f]--; SAY("is done with folio %d\n", f) }
        put_and_free(f)
#endif
    :: else -> skip
    fi;
    f = 0;
    verdict = 0;
    finish()
}

init {
    atomic {
        owner[0] = CACHE;
        holders[0] = 1;
        available[1] = true;
#if PROTOCOL == STRIPED
        stripe[0] = 1;
        frozen[1] = true;
#else
        count[0] = 1;
        count[1] = IDLE;
#endif
        run read();
#if READERS > 1
        run read();
#endif
#if STRANGERS > 0
        run reuse();
#endif
        run write()
    }
}
