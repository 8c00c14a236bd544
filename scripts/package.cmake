# What `make package` makes of an installation: a .deb, and a .tar.gz that is unpacked anywhere.
# The version has the date and the commit, and the release whose libraries the programs need.
set(CONCBENCH_MAINTAINER "" CACHE STRING "Who makes the packages, as in: A. Name <mail@host>; else the last commit's author")
set(version ${PROJECT_VERSION})
string(TIMESTAMP changed "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(author "nobody <nobody@localhost>")
execute_process(COMMAND ${CMAKE_COMMAND} -E env TZ=UTC git log -1 "--date=format-local:%Y%m%d.%H%M"
    "--format=%cd.%h;%an <%ae>;%cD" WORKING_DIRECTORY ${CMAKE_SOURCE_DIR} OUTPUT_VARIABLE commit
    OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed ERROR_QUIET)
if(NOT failed)
    list(GET commit 1 author)
    list(GET commit 2 changed)
    list(GET commit 0 commit)
    execute_process(COMMAND git status --porcelain --untracked-files=no WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
        OUTPUT_VARIABLE changes ERROR_QUIET)
    string(APPEND version +${commit})
    if(changes)
        string(APPEND version .changed)
    endif()
elseif(CONCBENCH_COMMIT)
    string(SUBSTRING ${CONCBENCH_COMMIT} 0 7 commit)
    string(APPEND version +git.${commit})
endif()
if(CONCBENCH_MAINTAINER)
    set(author ${CONCBENCH_MAINTAINER})
endif()
cmake_host_system_information(RESULT system QUERY DISTRIB_INFO)
set(release ${system_ID}${system_VERSION_ID})

# Debian's name of the processor that is built for.
find_program(DPKG_ARCHITECTURE dpkg-architecture)
set(processor ${CMAKE_SYSTEM_PROCESSOR})
if(DPKG_ARCHITECTURE AND CMAKE_LIBRARY_ARCHITECTURE)
    execute_process(COMMAND ${DPKG_ARCHITECTURE} -t ${CMAKE_LIBRARY_ARCHITECTURE} -q DEB_HOST_ARCH
        OUTPUT_VARIABLE processor OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()

set(CPACK_GENERATOR TGZ)
find_program(DPKG_SHLIBDEPS dpkg-shlibdeps)
if(DPKG_SHLIBDEPS)
    list(APPEND CPACK_GENERATOR DEB)
endif()
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_VERSION ${version})
set(CPACK_PACKAGE_CONTACT ${author})
set(CPACK_PACKAGE_FILE_NAME concbench-${version}-${release}-${processor})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "compare client concurrency models on this machine")
set(CPACK_PACKAGE_DESCRIPTION "Runs the same task under fourteen concurrency models, from one request after
the other over threads, processes and coroutines to an event loop per core.
Each model is a process of its own, measured with the CPU time and memory of
its whole tree. Trials are repeated in interleaved blocks and stored as JSON;
one HTML page and PNG charts show CPU, memory and latency.")

set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/scripts/package_debian.cmake) # reads the next three
set(CPACK_CONCBENCH_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_CONCBENCH_KIND ${release}?${processor})
set(CPACK_CONCBENCH_CHANGED ${changed})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1~${release})
set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${processor})
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS gnuplot-nox)
# The charts' font; http2 and TLS scenarios; runners in Python; --syscalls.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "fonts-dejavu-core, nginx-light, openssl, python3, strace")
# Task db; the other runners that are not in C.
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "postgresql, python3-requests, python3-aiohttp, nodejs, golang-go")
include(CPack)
