# Run by CPack before it makes a package: what Debian wants in a .deb beside the installation.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(doc ${root}/usr/share/doc/concbench)

function(write_copyright)
    file(READ ${CPACK_CONCBENCH_SOURCE}/LICENSE text)
    string(REGEX MATCH "Copyright \\(c\\) ([^\n]*)\n+(.*[^\n])" text "${text}")
    set(owner ${CMAKE_MATCH_1})
    string(REPLACE "\n\n" "\n.\n" text "${CMAKE_MATCH_2}")
    string(REPLACE "\n" "\n " text "${text}")
    file(WRITE ${doc}/copyright "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: concbench

Files: *
Copyright: ${owner}
License: Expat
 ${text}
")
endfunction()

function(write_changelogs)
    configure_file(${CPACK_CONCBENCH_SOURCE}/CHANGELOG.md ${doc}/changelog COPYONLY)
    file(WRITE ${doc}/changelog.Debian
"concbench (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium

  * Made of the commit in the version; changelog.gz says what is new.

 -- ${CPACK_PACKAGE_CONTACT}  ${CPACK_CONCBENCH_CHANGED}
")
endfunction()

function(write_overrides)
    file(WRITE ${root}/usr/share/lintian/overrides/concbench
"# The launcher is static on purpose: its own memory is the floor of every peak that is
# measured, and shared libraries would be in that floor.
concbench: statically-linked-binary [usr/lib/concbench/bin/concbench-launch]
")
endfunction()

set(ending .tar.gz)
if(CPACK_GENERATOR STREQUAL DEB)
    set(ending .deb)
    write_copyright()
    write_changelogs()
    write_overrides()
    file(GLOB pages ${root}/usr/share/man/man1/*.1)
    execute_process(COMMAND gzip -9n ${pages} ${doc}/changelog ${doc}/changelog.Debian COMMAND_ERROR_IS_FATAL ANY)
endif()
# The umask of whoever builds, or cloned, is not that of a package.
execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)

# Of each kind the newest is left: scripts/fleet takes all archives that are there.
file(GLOB older ${CPACK_PACKAGE_DIRECTORY}/concbench*${CPACK_CONCBENCH_KIND}${ending})
if(older) # CMake 3.25 does not take an empty list
    file(REMOVE ${older})
endif()
