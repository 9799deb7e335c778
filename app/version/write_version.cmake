# Writes version.cpp anew if the version or the commit has changed; part of every build.
# cmake -D source=REPOSITORY -D version=NUMBER -D git=PROGRAM -D output=FILE -P write_version.cmake
set(commit "commit unknown")
# Not the commit of a repository that an unpacked archive happens to lie in.
if(git AND EXISTS ${source}/.git)
  execute_process(COMMAND ${git} --no-optional-locks -C ${source} describe --always --abbrev=12 --exclude=* --dirty
    OUTPUT_VARIABLE said RESULT_VARIABLE result ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(result EQUAL 0 AND NOT said STREQUAL "")
    set(commit ${said})
  endif()
endif()
configure_file(${CMAKE_CURRENT_LIST_DIR}/version.cpp.in ${output} @ONLY)
