// explore TEST STEP=ORDER... [OPTION=VALUE...]: every execution that C11 allows, as far as Relacy knows C11.
//
// The last line says "passed, N executions" or "failed in execution N: WHY", after the execution that failed, as
// Relacy prints it. Exits with 0 or 1, with 2 for wrong arguments.
#include "back.hpp"
#include "count.hpp"
#include "grace.hpp"
#include "sequence.hpp"

#include <iostream>

template <class Test>
int explore()
{
    rl::test_params params;
    params.search_type = rl::fair_full_search_scheduler_type;
    params.iteration_count = 1000 * 1000 * 1000;  // never reached: the search ends when it has seen all
    params.output_stream = &std::cout;
    bool passed = rl::simulate<Test>(params);
    if (passed)
        std::cout << "passed, " << params.stop_iteration << " executions\n";
    else
        std::cout << "failed in execution " << params.stop_iteration << ": "
                  << rl::test_result_str(params.test_result) << "\n";
    return passed ? 0 : 1;
}

int run(const std::string& test)
{
    if (test == "back")
        return explore<back_test>();
    if (test == "count")
        return explore<count_test>();
    if (test == "sequence")
        return explore<sequence_test>();
    if (test == "grace")
        return explore<grace_test>();
    refuse(test.c_str(), "not a test: back, count, sequence, grace");
}

int main(int argc, char** argv)
{
    for (int i = 2; i < argc; i++) {
        std::string argument = argv[i];
        size_t sign = argument.find('=');
        given()[argument.substr(0, sign)] = sign == std::string::npos ? "" : argument.substr(sign + 1);
    }
    return run(argc > 1 ? argv[1] : "");
}
