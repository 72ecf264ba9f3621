// The orders of a sequence count: one reader that copies without a reference, beside a writer that removes the
// folio, after which somebody else writes to its frame.
//
// Option: with counts=folio the count is the folio's, and the slot is loaded before and after it.
#pragma once
#include "orders.hpp"

struct sequence_test : rl::test_suite<sequence_test, 2> {
    enum { VERSION = 1, FOREIGN = 99 };

    rl::atomic<int> sequence;
    rl::atomic<int> slot;
    rl::atomic<int> word;  // read while others may write it: relaxed, never plain
    bool per_folio = chosen("counts", "folio");

    void before()
    {
        sequence($).store(0, rl::mo_relaxed);
        slot($).store(1, rl::mo_relaxed);
        word($).store(VERSION, rl::mo_relaxed);
    }

    void thread(unsigned index)
    {
        if (index == 0)
            read();
        else
            write();
    }

    void read()
    {
        if (per_folio && !slot($).load(order("slot-load")))
            return;
        int before = sequence($).load(order("sequence-load"));
        if (before % 2 || !slot($).load(order(per_folio ? "slot-reload" : "slot-load")))
            return;
        int copy = word($).load(rl::mo_relaxed);
        fence("copied-fence", $);
        if (sequence($).load(order("sequence-reload")) == before)
            RL_ASSERT(copy == VERSION);
    }

    void write()
    {
        sequence($).store(1, order("sequence-odd"));
        slot($).store(0, order("slot-clear"));
        sequence($).store(2, order("sequence-even"));
        fence("removed-fence", $);
        word($).store(FOREIGN, rl::mo_relaxed);
    }
};
