// The memory orders of a run, by the names that orders.toml gives the steps: "slot-load=acquire" on the command
// line. They are looked up at run time, so that one compiled program tries them all.
//
// All is allocated before a test begins: inside one, Relacy's own allocator is at work.
#pragma once
#include <relacy/relacy.hpp>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>

using table = std::map<std::string, std::string, std::less<>>;

inline table& given()
{
    static table arguments;
    return arguments;
}

// Tests run on stacks of their own, which no exception leaves.
[[noreturn]] inline void refuse(const char* what, const char* why)
{
    std::fprintf(stderr, "%s: %s\n", what, why);
    std::_Exit(2);
}

inline bool chosen(const char* option, const char* value)
{
    auto found = given().find(option);
    return found != given().end() && found->second == value;
}

inline const std::string& named(const char* step)
{
    auto found = given().find(step);
    if (found == given().end())
        refuse(step, "no order is given for this step");
    return found->second;
}

inline rl::memory_order order(const char* step)
{
    const std::string& name = named(step);
    if (name == "relaxed")
        return rl::mo_relaxed;
    if (name == "acquire")
        return rl::mo_acquire;
    if (name == "release")
        return rl::mo_release;
    if (name == "acq_rel")
        return rl::mo_acq_rel;
    if (name == "seq_cst")
        return rl::mo_seq_cst;
    refuse(step, "its order is not relaxed, acquire, release, acq_rel or seq_cst");
}

// A fence, or nothing where the order is "none".
inline void fence(const char* step, rl::debug_info_param info)
{
    if (named(step) != "none")
        rl::atomic_thread_fence(order(step), info);
}
