# Run at every build: writes OUTPUT with the commit of SOURCE_DIR, and only when it changed, so
# that nothing is compiled again without need. Outside a git work tree it is COMMIT, which may be
# empty.
set(commit "${COMMIT}")
set(dirty 0)
find_program(GIT git)
if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} rev-parse HEAD
        OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
    if(failed)
        set(commit "${COMMIT}")
    else()
        execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} status --porcelain --untracked-files=no
            OUTPUT_VARIABLE changes ERROR_QUIET)
        if(changes)
            set(dirty 1)
        endif()
    endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "/* written by harness/git_header.cmake */
#define HARNESS_GIT_COMMIT \"${commit}\"
#define HARNESS_GIT_DIRTY ${dirty}
")
