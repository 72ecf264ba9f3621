/* How the reference count of a folio is taken, dropped, frozen and thawed: a section for each protocol.
 *
 * A process that uses these declares LOCALS. get(f) leaves its verdict, YES or NO. put(f) leaves YES if this
 * caller must free the folio. freeze(f, n) leaves YES if the count was n and nobody can get the folio now.
 * unfreeze(f, n) gives it n references again, after a freeze or from the allocator.
 *
 * At rest count[f] is the number of references, or IDLE if nobody owns the folio or somebody froze it.
 */
#define CAS 1
#define ASSUME_1 2
#define LOCKED_BIT 3
#define STRIPED 4
#define SEQUENCE 5

#if PROTOCOL == LOCKED_BIT
/* The count has four bits. The top one is the locked bit; whatever is below it then are strays, and mean nothing. */
#define IDLE 8
#define WRAPPED(n) ((n) & 15)
#else
#define IDLE 0
#endif

#if PROTOCOL != STRIPED

short count[FOLIOS];

#define LOCALS short seen; byte verdict
#define COUNTED(f, n) (count[f] == n)
#ifdef F_NO_UNDO
#define AT_REST(f) (count[f] >= IDLE)
#else
#define AT_REST(f) (count[f] == IDLE)
#endif
#define ENTER skip
#define LEAVE skip

inline freeze(f, n) {
    d_step {
        if
        :: count[f] == n -> count[f] = IDLE; verdict = YES; SAY("freezes folio %d, whose count was %d\n", f, n)
        :: else -> verdict = NO; SAY("cannot freeze folio %d: others hold it\n", f)
        fi
    }
}

inline unfreeze(f, n) {
#ifdef F_UNFREEZE_ZERO
    d_step { count[f] = 0; SAY("clears the locked bit of folio %d\n", f) }
    d_step { count[f] = count[f] + n; SAY("adds %d to the count of folio %d\n", n, f) }
#else
    d_step { count[f] = n; SAY("stores %d as the count of folio %d\n", n, f) }
#endif
}

#endif

#if PROTOCOL == CAS || PROTOCOL == ASSUME_1 || PROTOCOL == SEQUENCE

#ifdef F_GET_IGNORES_ZERO
#define REFUSED false
#else
#define REFUSED (seen == 0)
#endif

inline get(f) {
#if PROTOCOL == ASSUME_1
    d_step { seen = 1; verdict = AGAIN }
#else
    d_step {
        seen = count[f];
        if
        :: REFUSED -> verdict = NO; SAY("loads the count of folio %d: 0, refused\n", f)
        :: else -> verdict = AGAIN; SAY("loads the count of folio %d: %d\n", f, seen)
        fi
    }
#endif
    do
    :: verdict == AGAIN ->
        d_step {
            if
            :: count[f] == seen ->
                count[f] = seen + 1;
                verdict = YES;
                SAY("exchanges the count of folio %d from %d to %d\n", f, seen, seen + 1)
            :: else ->
                seen = count[f];
                if
                :: REFUSED -> verdict = NO; SAY("finds the count of folio %d at 0, refused\n", f)
                :: else -> SAY("finds the count of folio %d changed to %d\n", f, seen)
                fi
            fi
        }
    :: else -> break
    od;
    seen = 0
}

inline put(f) {
    d_step {
        count[f]--;
        verdict = (count[f] == 0 -> YES : NO);
        SAY("drops a reference to folio %d: %d left\n", f, count[f])
    }
}

#elif PROTOCOL == LOCKED_BIT

inline get(f) {
    d_step {
        count[f] = WRAPPED(count[f] + 1);
        seen = count[f];
        if
        :: seen < IDLE -> verdict = YES; SAY("adds 1 to the count of folio %d: now %d\n", f, seen)
        :: else ->
            verdict = NO;
            SAY("adds 1 to the count of folio %d, finds it locked (%d strays), refused\n", f, seen - IDLE)
        fi
    }
#ifndef F_NO_UNDO
    do
    :: seen > IDLE ->
        d_step {
#ifdef F_BLIND_UNDO
            count[f] = WRAPPED(count[f] - 1);
            seen = IDLE;
            SAY("subtracts its stray from folio %d: now %d\n", f, count[f])
#else
            if
            :: count[f] == seen -> count[f] = IDLE; seen = IDLE; SAY("wipes the strays of folio %d\n", f)
            :: else -> seen = count[f]; SAY("finds the count of folio %d changed, looks again\n", f)
            fi
#endif
        }
    :: else -> break
    od;
#endif
    seen = 0
}

inline put(f) {
    d_step {
        count[f] = WRAPPED(count[f] - 1);
        seen = count[f];
        verdict = NO;
        SAY("drops a reference to folio %d: %d left\n", f, seen)
    }
    if
    :: seen == 0 ->
        d_step {
#ifdef F_FREER_SETS_BIT
            count[f] = IDLE;
            verdict = YES;
            SAY("stores the locked bit of folio %d\n", f)
#else
            if
            :: count[f] == 0 -> count[f] = IDLE; verdict = YES; SAY("exchanges 0 for the locked bit of folio %d\n", f)
            :: else -> SAY("finds folio %d taken or locked meanwhile, leaves it\n", f)
            fi
#endif
        }
    :: else -> skip
    fi;
    seen = 0
}

#elif PROTOCOL == STRIPED

/* The head says whether the folio is frozen; a stripe for each CPU counts, and only the sum means anything.
 * A process gets on a CPU of its own, and may have moved to any by the time it puts. */
bool frozen[FOLIOS];
short stripe[2 * FOLIOS];

/* Which readers are between the start of a walk and their next quiescent state; and of those, which ones the
 * writer's and the stranger's grace periods still wait for. node.pml shows how such a period is made. */
byte inside, awaited_by[2];

#define LOCALS short seen; byte verdict, cpu
#define COUNTED(f, n) (!frozen[f] && stripe[2 * f] + stripe[2 * f + 1] == n)
#define AT_REST(f) (frozen[f])
#define MY_CPU (_pid & 1)
#define ME (1 << _pid)
#define ENTER inside = inside | ME
#define LEAVE inside = inside & ~ME; awaited_by[0] = awaited_by[0] & ~ME; awaited_by[1] = awaited_by[1] & ~ME
#define WAITER (who == writer -> 0 : 1)

inline get(f) {
    d_step {
#ifdef F_GET_IGNORES_FROZEN
        verdict = YES; SAY("does not look whether folio %d is frozen\n", f)
#else
        verdict = (frozen[f] -> NO : YES);
        if
        :: verdict == YES -> SAY("finds folio %d not frozen\n", f)
        :: else -> SAY("finds folio %d frozen, refused\n", f)
        fi
#endif
    }
    if
    :: verdict == YES ->
        d_step { stripe[2 * f + MY_CPU]++; SAY("adds 1 to folio %d's stripe of CPU %d\n", f, MY_CPU) }
    :: else -> skip
    fi
}

inline put(f) {
    if :: cpu = 0 :: cpu = 1 fi;
    d_step {
        stripe[2 * f + cpu]--;
        SAY("subtracts 1 from folio %d's stripe of CPU %d\n", f, cpu);
        cpu = 0;
        verdict = NO
    }
}

inline freeze(f, n) {
    d_step { frozen[f] = true; SAY("marks folio %d frozen\n", f) }
#ifndef F_NO_GRACE
    d_step { awaited_by[WAITER] = inside; SAY("begins a grace period\n") }
    d_step { awaited_by[WAITER] == 0 -> SAY("sees the grace period end\n") }
#endif
    d_step { seen = stripe[2 * f]; SAY("reads folio %d's stripe of CPU 0: %d\n", f, seen) }
    d_step {
        seen = seen + stripe[2 * f + 1];
        if
        :: seen == n ->
            verdict = YES;
            SAY("reads folio %d's stripe of CPU 1; the sum is %d, as expected\n", f, seen)
        :: else -> verdict = NO; SAY("sums the count of folio %d to %d: others hold it\n", f, seen)
        fi;
        seen = 0
    }
    if
    :: verdict == NO -> d_step { frozen[f] = false; SAY("marks folio %d not frozen again\n", f) }
    :: else -> skip
    fi
}

inline unfreeze(f, n) {
    d_step {
        stripe[2 * f] = n;
        stripe[2 * f + 1] = 0;
        SAY("stores %d in the stripes of folio %d, which is frozen\n", n, f)
    }
    d_step { frozen[f] = false; SAY("marks folio %d not frozen\n", f) }
}

#endif
