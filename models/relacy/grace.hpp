// The orders of a grace period by quiescent states, and of the slots that lead to nodes: one reader that comes on
// line, reads, says that it is quiescent, reads again and goes off line, beside a writer that replaces the node.
//
// The writer looks once whether it may free, and gives up if not: waiting would only add executions.
#pragma once
#include "orders.hpp"

struct grace_test : rl::test_suite<grace_test, 2> {
    enum { VALUE = 1, POISON = 99 };

    rl::atomic<int> head;
    rl::atomic<int> period;
    rl::atomic<int> line;
    rl::var<int> node[2];  // what a node holds: plain, so that any race on it is found

    void before()
    {
        node[0]($) = VALUE;
        node[1]($) = POISON;
        head($).store(0, rl::mo_relaxed);
        period($).store(1, rl::mo_relaxed);
        line($).store(0, rl::mo_relaxed);
    }

    void thread(unsigned index)
    {
        if (index == 0)
            read();
        else
            write();
    }

    void look()
    {
        int at = head($).load(order("slot-load"));
        RL_ASSERT(node[at]($) == VALUE);
    }

    void read()
    {
        line($).store(period($).load(order("period-load")), order("online"));
        fence("online-fence", $);
        look();
        line($).store(period($).load(order("period-load")), order("quiescent"));
        look();
        line($).store(0, order("offline"));
    }

    void write()
    {
        node[1]($) = VALUE;
        head($).store(1, order("slot-store"));
        period($).store(2, order("period-store"));
        fence("unlinked-fence", $);
        int seen = line($).load(order("line-load"));
        if (seen == 0 || seen >= 2)
            node[0]($) = POISON;
    }
};
