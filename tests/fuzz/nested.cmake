# The fuzz targets need clang, the rest is built with the system's compiler: a second tree inside this one,
# made and kept up to date by this one's build, whose tests CTest counts with all others.
include(ProcessorCount)
ProcessorCount(processors)
math(EXPR jobs "(${processors} + 1) / 2")
set(tree ${CMAKE_BINARY_DIR}/fuzz)

add_custom_command(OUTPUT ${tree}/build.ninja
  COMMAND ${CMAKE_COMMAND} --preset fuzz -B ${tree} -DCMAKE_CXX_FLAGS_DEBUG=-O0 -DALCOVE_FUZZ_RUNS=800
  DEPENDS ${PROJECT_SOURCE_DIR}/CMakePresets.json ${CMAKE_CURRENT_LIST_FILE}
  WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
  COMMENT "Configuring the fuzz targets" VERBATIM)
add_custom_target(alcove_fuzz_targets ALL
  COMMAND ${CMAKE_COMMAND} --build ${tree} --parallel ${jobs}
  DEPENDS ${tree}/build.ninja
  COMMENT "Building the fuzz targets with clang" VERBATIM)

file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/fuzz_tests.cmake "
if(EXISTS \"${tree}/tests/fuzz/CTestTestfile.cmake\")
  include(\"${tree}/tests/fuzz/CTestTestfile.cmake\")
else()
  add_test(fuzz_targets_are_not_built fuzz_targets_are_not_built)
endif()
")
set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/fuzz_tests.cmake)
