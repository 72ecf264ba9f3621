// The orders of a folio that comes back: one reader beside a writer that removes it, caches it at another index, and
// then at the first one again. The slot says the same as before; the folio's own index must not be that of between.
#pragma once
#include "orders.hpp"

struct back_test : rl::test_suite<back_test, 2> {
    enum { HERE = 1, ELSEWHERE = 2 };

    rl::atomic<int> slot;
    rl::atomic<int> count;
    rl::atomic<int> index;  // loaded while the writer may store it

    void before()
    {
        index($).store(HERE, rl::mo_relaxed);
        count($).store(1, rl::mo_relaxed);
        slot($).store(1, rl::mo_relaxed);
    }

    void thread(unsigned number)
    {
        if (number == 0)
            read();
        else
            write();
    }

    void read()
    {
        if (!slot($).load(order("slot-load")) || !get())
            return;
        if (slot($).load(order("slot-reload")))
            RL_ASSERT(index($).load(order("word-load")) == HERE);
        count($).fetch_sub(1, order("put"));
    }

    bool get()
    {
        int seen = count($).load(order("get-load"));
        while (seen)
            if (count($).compare_exchange_strong(seen, seen + 1, order("get"), order("get-failed")))
                return true;
        return false;
    }

    void write()
    {
        slot($).store(0, order("slot-clear"));
        if (count($).fetch_sub(1, order("put")) != 1)
            return;
        index($).store(ELSEWHERE, order("word-store"));
        count($).store(1, order("unfreeze"));
        index($).store(HERE, order("word-store"));
        slot($).store(1, order("slot-store"));
    }
};
