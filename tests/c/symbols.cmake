# cmake -DNM=nm -DLIBRARY=FILE -DPROGRAM=OBJECT -DLIST=FILE -P symbols.cmake
# The library shows what the list says, each under its version, and nothing else; and the program in C
# calls all of it.
execute_process(COMMAND ${NM} --dynamic --defined-only --with-symbol-versions ${LIBRARY}
  OUTPUT_VARIABLE shown COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+@@[^ \n]+" names "${shown}")
list(SORT names)
file(STRINGS ${LIST} expected)
if(NOT names STREQUAL expected)
  list(JOIN names "\n" names)
  message(FATAL_ERROR "${LIBRARY} shows other names than ${LIST}:\n${names}")
endif()
string(REGEX MATCHALL "[^\n]+" lines "${shown}")
list(FILTER lines EXCLUDE REGEX "@@TULVING_[0-9]+$| A TULVING_[0-9]+$")
if(lines)
  message(FATAL_ERROR "${LIBRARY} shows what has no version:\n${lines}")
endif()

execute_process(COMMAND ${NM} --undefined-only ${PROGRAM} OUTPUT_VARIABLE called
  COMMAND_ERROR_IS_FATAL ANY)
foreach(name ${expected})
  string(REGEX REPLACE "@@.*" "" name ${name})
  if(NOT called MATCHES " ${name}\n")
    message(FATAL_ERROR "${PROGRAM} does not call ${name}")
  endif()
endforeach()
