# The plan and results side: everything but main.c and its verbs, so that tests can link it.
add_library(harness_plan STATIC aggregate.c cells.c comparisons.c contest.c metrics.c models.c
    plan.c scenario.c stats.c summary.c verdict.c warnings.c)
target_link_libraries(harness_plan PUBLIC harness_trial common)
