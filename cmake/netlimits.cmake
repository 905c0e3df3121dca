# netlimits_precompile(TARGET HEADER...)
# Reads large headers once for a whole target; every source still includes what it uses. With clang only: g++ 12 takes
# what comes from a precompiled header for code of ours and warns of it (-Wstringop-overflow, -Warray-bounds).
function(netlimits_precompile target)
  if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  endif()
endfunction()

# netlimits_folder(NAME SOURCES ... USES ... LIBRARIES ... PRECOMPILE ...)
# One static library for one folder, or for one room of it; without sources a library of headers. USES names other folders of the project (the arrows of the house), LIBRARIES what
# comes from outside, PRECOMPILE its large headers.
function(netlimits_folder name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBRARIES;PRECOMPILE" ${ARGN})
  if(NOT ARG_SOURCES)
    add_library(netlimits_${name} INTERFACE)
    foreach(used IN LISTS ARG_USES)
      target_link_libraries(netlimits_${name} INTERFACE netlimits_${used})
    endforeach()
    return()
  endif()
  add_library(netlimits_${name} STATIC ${ARG_SOURCES})
  target_include_directories(netlimits_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
                                                      $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/netlimits>)
  target_link_libraries(netlimits_${name} PRIVATE netlimits_flags)
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(netlimits_${name} PUBLIC netlimits_${used})
  endforeach()
  target_link_libraries(netlimits_${name} PUBLIC ${ARG_LIBRARIES})
  netlimits_precompile(netlimits_${name} <algorithm> <functional> <map> <optional> <string> <variant> <vector>
                       <tl/expected.hpp> ${ARG_PRECOMPILE})
endfunction()

# netlimits_test(NAME SOURCES ... USES ...)
# One Catch2 program.
function(netlimits_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_executable(test_${name} ${ARG_SOURCES})
  target_link_libraries(test_${name} PRIVATE netlimits_flags netlimits_catch ${ARG_LIBRARIES})
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(test_${name} PRIVATE netlimits_${used})
  endforeach()
  target_compile_definitions(test_${name} PRIVATE NETLIMITS_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  netlimits_precompile(test_${name} ${PROJECT_SOURCE_DIR}/tests/catch.hpp)
  add_test(NAME ${name} COMMAND test_${name})
endfunction()
