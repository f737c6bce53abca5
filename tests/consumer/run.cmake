# run(COMMAND...): what it prints is in `output`; one that fails ends the script, with that.
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result OUTPUT_VARIABLE output
    ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " command)
    message(FATAL_ERROR "${command}\n${output}\nended with: ${result}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()
