// The orders of a count: one reader beside a writer that removes the folio and gives its frame to somebody else.
//
// Options: protocol=cas, assume-1 or locked-bit. With removal=reclaim the writer freezes the folio first; else it
// clears the slot and drops the cache's reference, as truncate does.
#pragma once
#include "orders.hpp"

struct count_test : rl::test_suite<count_test, 2> {
    enum { NOBODY, CACHE, OTHER };

    rl::atomic<int> slot;
    rl::atomic<int> count;
    rl::var<int> owner;  // stands for all of the folio's memory: plain, so that any race on it is found
    rl::var<int> mapping;
    bool locked_bit = chosen("protocol", "locked-bit");
    bool assume_1 = chosen("protocol", "assume-1");
    bool reclaim = chosen("removal", "reclaim");
    int idle = locked_bit ? 64 : 0;

    void before()
    {
        owner($) = CACHE;
        mapping($) = 1;
        count($).store(1, rl::mo_relaxed);
        slot($).store(1, rl::mo_relaxed);
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
        if (!slot($).load(order("slot-load")) || !get())
            return;
        if (slot($).load(order("slot-reload")))
            RL_ASSERT(owner($) == CACHE);
        if (put())
            release();
    }

    void write()
    {
        if (reclaim ? !freeze() : !truncate())
            return;
        release();
        owner($) = OTHER;
        count($).store(1, order("unfreeze"));
    }

    bool freeze()
    {
        int seen = 1;
        if (!count($).compare_exchange_strong(seen, idle, order("freeze"), order("freeze-failed")))
            return false;
        slot($).store(0, order("slot-clear"));
        mapping($) = 0;
        return true;
    }

    bool truncate()
    {
        slot($).store(0, order("slot-clear"));
        mapping($) = 0;
        return put();
    }

    void release()
    {
        RL_ASSERT(mapping($) == 0);
        RL_ASSERT(owner($) == CACHE);
        owner($) = NOBODY;
    }

    bool get()
    {
        return locked_bit ? get_by_adding() : get_by_exchange();
    }

    bool get_by_exchange()
    {
        int seen = assume_1 ? 1 : count($).load(order("get-load"));
        while (seen)
            if (count($).compare_exchange_strong(seen, seen + 1, order("get"), order("get-failed")))
                return true;
        return false;
    }

    bool get_by_adding()
    {
        int seen = count($).fetch_add(1, order("get")) + 1;
        if (seen < idle)
            return true;
        while (seen > idle && !count($).compare_exchange_strong(seen, idle, order("undo"), order("undo-failed")))
            ;
        return false;
    }

    bool put()
    {
        if (count($).fetch_sub(1, order("put")) != 1)
            return false;
        int none = 0;
        return !locked_bit
            || count($).compare_exchange_strong(none, idle, order("put-last"), order("put-last-failed"));
    }
};
