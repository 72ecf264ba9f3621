/* Reading without a reference: a reader copies the data and asks a sequence count whether to believe the copy.
 *
 * One slot, two frames of two words each; a word is a version of the file's data or FOREIGN. A reader loads the
 * count (odd: a removal is under way, the slow path answers), loads the slot, copies both words and loads the
 * count again: unchanged, the copy is delivered; changed, the slow path answers. That one takes a reference, as
 * count.pml shows for `cas`, and is no part of this model. The writer deletes (count odd, slot cleared, count
 * even, frame freed) or migrates (count odd, copied to the other frame, slot stored, count even, frame freed). A
 * freed frame belongs to somebody else at once, who scribbles over it word by word. The writer inserts either
 * free frame, with a new version.
 *
 * With -DPER_FOLIO each frame has a count of its own. Nothing then ties the count to the slot, so that the slot
 * is loaded again after the count.
 *
 * Shown: what is delivered is never foreign, is of one version, and is no older than the call.
 *
 * -DREADERS=1|2 -DGETS=n -DCHANGES=n [-DPER_FOLIO] [-DMIGRATE]
 */
#include "common.pml"

#define FOREIGN 99
#define WORD(f, i) word[2 * (f) + (i)]

#ifdef PER_FOLIO
byte sequence[2];
#define SEQUENCE(f) sequence[f]
#define WHOSE "folio's"
#else
byte sequence;
#define SEQUENCE(f) sequence
#define WHOSE "mapping's"
#endif

byte slot = 0;
byte word[4];
bool free[2];
byte version = 1;
byte oldest = 1;  /* ghost: a call that begins now must not be given less */

inline load_sequence() {
    d_step {
        before = SEQUENCE(f);
        SAY("loads the ");
        printf(WHOSE);
        printf(" count: %d\n", before)
    }
}

inline load_slot() {
    d_step {
        f = slot;
        if
        :: f == NONE -> SAY("loads the slot: empty\n")
        :: else -> SAY("loads the slot: folio %d\n", f)
        fi
    }
}

proctype read() {
    mtype who = reader;
    byte f, before, asked, left = GETS, a, b;

again:
    asked = oldest;
#if defined(PER_FOLIO) || defined(F_COUNT_LATE)
    load_slot();
    if
    :: f == NONE -> goto answered
    :: else -> skip
    fi;
    load_sequence();
    if
    :: before % 2 -> goto answered  /* the slow path */
    :: else -> skip
    fi;
#if defined(PER_FOLIO) && !defined(F_NO_REREAD)
    d_step {
        b = slot;
        if
        :: b == f -> SAY("loads the slot again: still folio %d\n", f)
        :: else -> SAY("loads the slot again: no longer folio %d\n", f)
        fi
    }
    if
    :: b != f -> goto answered
    :: else -> skip
    fi;
#endif
#else
    load_sequence();
    if
    :: before % 2 -> goto answered
    :: else -> skip
    fi;
    load_slot();
    if
    :: f == NONE -> goto answered
    :: else -> skip
    fi;
#endif
    d_step { a = WORD(f, 0); SAY("copies word 0 of folio %d: %d\n", f, a) }
    d_step { b = WORD(f, 1); SAY("copies word 1 of folio %d: %d\n", f, b) }
    d_step {
#if defined(F_COUNT_ONCE)
        skip;
#elif defined(F_COMPARE_SLOT)
        if
        :: slot == f -> SAY("loads the slot again: still folio %d\n", f)
        :: else -> f = NONE; SAY("loads the slot again: another, the slow path answers\n")
        fi;
#else
        if
        :: SEQUENCE(f) == before -> SAY("loads the count again: unchanged\n")
        :: else -> f = NONE; SAY("loads the count again: changed, the slow path answers\n")
        fi;
#endif
        if
        :: f != NONE ->
            SAY("delivers %d, %d\n", a, b);
            MUST(a != FOREIGN && b != FOREIGN, "somebody else's data is delivered (99)\n");
            MUST(a == b, "two versions are delivered as one\n");
            MUST(a >= asked, "what was removed before the call is delivered\n")
        :: else -> skip
        fi
    }
answered:
    if
    :: left > 1 -> d_step { left--; f = 0; before = 0; asked = 0; a = 0; b = 0 } goto again
    :: else -> left = 0
    fi
}

inline bump() {
    d_step {
        SEQUENCE(f)++;
        SAY("makes the ");
        printf(WHOSE);
        if
        :: SEQUENCE(f) % 2 -> printf(" count odd: %d\n", SEQUENCE(f))
        :: else -> printf(" count even again: %d\n", SEQUENCE(f))
        fi
    }
}

inline clear_slot() {
    d_step { slot = NONE; oldest = version + 1; SAY("clears the slot\n") }
}

inline release_frame() {
    d_step { free[f] = true; SAY("frees folio %d\n", f) }
    d_step { WORD(f, 0) = FOREIGN; SAY("sees its new owner overwrite word 0 of folio %d\n", f) }
    d_step { WORD(f, 1) = FOREIGN; SAY("sees its new owner overwrite word 1 of folio %d\n", f) }
}

inline delete() {
#if defined(F_BUMP_BEFORE)
    bump(); bump(); clear_slot(); release_frame()
#elif defined(F_BUMP_AFTER_FREE)
    clear_slot(); release_frame(); bump(); bump()
#elif defined(V_ONE_BUMP)
    clear_slot(); d_step { SEQUENCE(f) = SEQUENCE(f) + 2; SAY("adds 2 to the count\n") } release_frame()
#else
    bump(); clear_slot(); bump(); release_frame()
#endif
}

inline insert() {
    atomic {
        if
        :: free[0] -> f = 0
        :: free[1] -> f = 1
        fi;
        free[f] = false;
        SAY("allocates folio %d\n", f)
    }
    d_step { version++; WORD(f, 0) = version; SAY("fills word 0 of folio %d with %d\n", f, version) }
    d_step { WORD(f, 1) = version; SAY("fills word 1 of folio %d with %d\n", f, version) }
    d_step { slot = f; SAY("stores folio %d in the slot\n", f) }
}

inline migrate() {
#ifndef F_MIGRATE_NO_BUMP
    bump();
#endif
    d_step { WORD(1 - f, 0) = WORD(f, 0); free[1 - f] = false; SAY("copies word 0 to folio %d\n", 1 - f) }
    d_step { WORD(1 - f, 1) = WORD(f, 1); SAY("copies word 1 to folio %d\n", 1 - f) }
    d_step { slot = 1 - f; SAY("stores folio %d in the slot\n", 1 - f) }
#ifndef F_MIGRATE_NO_BUMP
    bump();
#endif
    release_frame()
}

proctype write() {
    mtype who = writer;
    byte f, left = CHANGES;

    do
    :: left > 0 && slot != NONE ->
        f = slot;
        left--;
        if
        :: true -> delete()
#ifdef MIGRATE
        :: true -> migrate()
#endif
        fi
    :: left > 0 && slot == NONE -> insert(); left--
    :: left == 0 -> break
    od
}

init {
    atomic {
        WORD(0, 0) = 1;
        WORD(0, 1) = 1;
        WORD(1, 0) = FOREIGN;
        WORD(1, 1) = FOREIGN;
        free[1] = true;
        run read();
#if READERS > 1
        run read();
#endif
        run write()
    }
}
