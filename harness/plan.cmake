# The plan and results side: everything but main.c and its verbs, so that tests can link it.
add_custom_target(harness_git BYPRODUCTS ${CMAKE_BINARY_DIR}/generated/harness_git.h
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR}
        -DOUTPUT=${CMAKE_BINARY_DIR}/generated/harness_git.h
        -P ${CMAKE_CURRENT_SOURCE_DIR}/git_header.cmake)
add_library(harness_plan STATIC aggregate.c cells.c comparisons.c contest.c environment.c lock.c
    metrics.c models.c overrides.c passes.c placement.c plan.c progress.c results.c run.c
    scenario.c schema.c stats.c summarise.c summary.c url.c verdict.c warnings.c)
add_dependencies(harness_plan harness_git)
target_include_directories(harness_plan PRIVATE ${CMAKE_BINARY_DIR}/generated)
target_compile_definitions(harness_plan PRIVATE
    HARNESS_COMPILER="${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
    HARNESS_SANITIZERS="${CONCBENCH_SANITIZE}" HARNESS_LIBEVENT_VERSION="${EVENT_VERSION}")
target_link_libraries(harness_plan PUBLIC harness_trial common)

add_executable(concbench main.c verb_list.c verb_report.c verb_run.c verb_validate.c)
target_link_libraries(concbench PRIVATE harness_plan)
