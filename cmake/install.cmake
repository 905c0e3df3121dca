# What `cmake --install` puts where: the program with its manual page and completions; the model, the simulation, the
# analysis and the readers of scenarios as a CMake package, netlimits::netlimits; scenarios and docs. Then the Debian
# package of the same, by CPack.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(netlimits_rooms net systems sockets ports tcp udp path addresses host scenario script machine)
list(TRANSFORM netlimits_rooms PREPEND netlimits_model_)
set(netlimits_exported ${netlimits_rooms} netlimits_sim netlimits_scenarios netlimits_analysis)

# One library for who links it.
add_library(netlimits_library INTERFACE)
target_link_libraries(netlimits_library INTERFACE netlimits_sim netlimits_scenarios netlimits_analysis)
set_target_properties(netlimits_library PROPERTIES EXPORT_NAME netlimits)
add_library(netlimits::netlimits ALIAS netlimits_library)

install(TARGETS netlimits_library ${netlimits_exported} netlimits_flags EXPORT netlimits-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}/netlimits COMPONENT library)
install(EXPORT netlimits-targets NAMESPACE netlimits:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/netlimits
        COMPONENT library)
install(DIRECTORY model sim analysis scenarios DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/netlimits COMPONENT library
        FILES_MATCHING PATTERN "*.hpp")
configure_package_config_file(cmake/netlimits-config.cmake.in ${PROJECT_BINARY_DIR}/netlimits-config.cmake
                              INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/netlimits)
# Before 1.0 a new minor version may change what a program is compiled against.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/netlimits-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/netlimits-config.cmake ${PROJECT_BINARY_DIR}/netlimits-config-version.cmake
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/netlimits COMPONENT library)

install(TARGETS netlimits RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
file(GLOB shipped_scenarios CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/scenarios/*.json)
install(FILES ${shipped_scenarios} DESTINATION ${CMAKE_INSTALL_DATADIR}/netlimits/scenarios COMPONENT program)
install(FILES scenarios/schema/scenario.schema.json DESTINATION ${CMAKE_INSTALL_DATADIR}/netlimits COMPONENT program)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program FILES_MATCHING PATTERN "*.md")
install(FILES README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright COMPONENT program)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libnetlimits-dev RENAME copyright COMPONENT library)

# The program describes itself; one for another processor cannot be asked here.
if(NOT CMAKE_CROSSCOMPILING)
  set(words ${PROJECT_BINARY_DIR}/share)
  configure_file(cmake/debian-changelog.in ${words}/changelog @ONLY)
  add_custom_command(
    OUTPUT ${words}/netlimits.1.gz ${words}/netlimits.bash ${words}/_netlimits ${words}/netlimits.fish
           ${words}/changelog.gz
    COMMAND ${CMAKE_COMMAND} -E make_directory ${words}
    COMMAND netlimits man --output ${words}/netlimits.1
    COMMAND gzip -9nf ${words}/netlimits.1
    COMMAND netlimits completion bash --output ${words}/netlimits.bash
    COMMAND netlimits completion zsh --output ${words}/_netlimits
    COMMAND netlimits completion fish --output ${words}/netlimits.fish
    COMMAND gzip -9nc ${words}/changelog > ${words}/changelog.gz
    DEPENDS netlimits ${words}/changelog
    VERBATIM)
  add_custom_target(netlimits_words ALL DEPENDS ${words}/netlimits.1.gz)
  install(FILES ${words}/netlimits.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT program)
  install(FILES ${words}/netlimits.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
          RENAME netlimits COMPONENT program)
  install(FILES ${words}/_netlimits DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT program)
  install(FILES ${words}/netlimits.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
          COMPONENT program)
  install(FILES ${words}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT program)
  install(FILES ${words}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/libnetlimits-dev COMPONENT library)
endif()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME netlimits)
set(CPACK_PACKAGE_CONTACT "netlimits <netlimits@users.noreply.github.com>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "deterministic simulator of the limits of network connections")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL program library)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME netlimits)
set(CPACK_DEBIAN_PROGRAM_DESCRIPTION
    "Says how many connections a scenario of hosts, ports, descriptors, queues,\nbalancers and gateways holds, what fails first and next, and whether that is\nso on the kernel of this machine.")
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS nftables)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libnetlimits-dev)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
    "Headers and static libraries of the model, the simulation, the analysis and the\nreaders of scenarios of netlimits, with a CMake package.")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_DEPENDS
    "libboost-dev, libboost-graph-dev, libexpected-dev, libfmt-dev, libmd-dev, nlohmann-json3-dev, pkg-config")
include(CPack)
