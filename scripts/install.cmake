# What `make install` and `make package` put where: the programs side by side, as they find each
# other, in lib/concbench/bin, what they read in share/concbench, and one link in bin.
include(GNUInstallDirs)
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON) # the build was before; tests pack it while others run it
set(OWN lib/concbench)

get_property(MODELS GLOBAL PROPERTY CONCBENCH_MODELS)
set(PROGRAMS concbench concbench-report concbench-origin concbench-launch concbench-foreign)
foreach(model ${MODELS})
    if(TARGET runner-${model})
        list(APPEND PROGRAMS runner-${model})
    endif()
endforeach()
install(TARGETS ${PROGRAMS} RUNTIME DESTINATION ${OWN}/bin)

set(SHARE ${CMAKE_INSTALL_DATADIR}/concbench)
install(DIRECTORY scenarios lessons results/schema report/draw/charts DESTINATION ${SHARE})
install(DIRECTORY runners/external DESTINATION ${SHARE}/runners USE_SOURCE_PERMISSIONS
    PATTERN __pycache__ EXCLUDE PATTERN .gitignore EXCLUDE PATTERN built EXCLUDE)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/concbench # help and errors name docs/PAGE.md
    FILES_MATCHING PATTERN *.md PATTERN adr EXCLUDE PATTERN images EXCLUDE)
install(PROGRAMS scripts/fleet scripts/fleet-job scripts/private-nginx scripts/private-postgres DESTINATION ${SHARE}/scripts)
install(FILES scripts/private_server.py scripts/clean_output.py DESTINATION ${SHARE}/scripts)

# Relative, so that the whole can be unpacked anywhere. A path is relative to its link's folder.
function(install_link link target)
    get_filename_component(folder ${link} DIRECTORY)
    get_filename_component(name ${link} NAME)
    file(RELATIVE_PATH target /${folder} /${target})
    set(made ${CMAKE_BINARY_DIR}/links/${link})
    get_filename_component(place ${made} DIRECTORY)
    file(MAKE_DIRECTORY ${place})
    file(CREATE_LINK ${target} ${made} SYMBOLIC)
    install(FILES ${made} DESTINATION ${folder})
endfunction()
install_link(${CMAKE_INSTALL_BINDIR}/concbench ${OWN}/bin/concbench)
install_link(${OWN}/share/concbench ${SHARE})

# The manual is what the programs say of themselves, so it is made where they run.
option(CONCBENCH_RUNS_HERE "The programs run where they are built, as under an emulator that the kernel knows" OFF)
if(CONCBENCH_RUNS_HERE OR NOT CMAKE_CROSSCOMPILING)
    set(MANUAL ${CMAKE_BINARY_DIR}/manual)
    add_custom_command(OUTPUT ${MANUAL}/made COMMENT "Making the manual"
        DEPENDS concbench concbench-origin runner-threads scripts/manual scripts/manual.awk scripts/completions.awk
        COMMAND ${CMAKE_SOURCE_DIR}/scripts/manual ${CMAKE_BINARY_DIR}/bin ${MANUAL}
        COMMAND ${CMAKE_COMMAND} -E touch ${MANUAL}/made)
    add_custom_target(manual ALL DEPENDS ${MANUAL}/made)
    install(DIRECTORY ${MANUAL}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES ${MANUAL}/completions/bash RENAME concbench
        DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
    install(FILES ${MANUAL}/completions/zsh RENAME _concbench
        DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
    install(FILES ${MANUAL}/completions/fish RENAME concbench.fish
        DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
endif()
