# Rooms: the unit of the dependency rules.
#
# A room is one folder of sources and one static library. What it may include is exactly what it links: each room
# exports an include directory that holds a single symbolic link to its own folder, so `#include "sim/core/time.h"`
# resolves only for a target that links tidemark::sim.core. The hygiene test reads the #include lines as well.
#
#   tidemark_room(sim.net DEPENDS sim.core LIBRARIES fmt::fmt)
#
# makes the library tidemark_sim_net (alias tidemark::sim.net) of every .cc file directly in sim/net.
#
# With TIDEMARK_UNITY a room is compiled as one file, which takes less than half the time (most of it is headers) and is
# what `./dev` does on a machine that has not built yet. ALONE names files that are compiled by themselves then: those
# whose unnamed namespaces have names that another file of the room has as well.
function(tidemark_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;PRIVATE_DEPENDS;LIBRARIES;PRIVATE_LIBRARIES;ALONE" ${ARGN})
  string(REPLACE "." "/" folder ${name})
  string(REPLACE "." "_" target tidemark_${name})
  set(source_folder ${PROJECT_SOURCE_DIR}/${folder})
  set(include_root ${PROJECT_BINARY_DIR}/rooms/${name})
  get_filename_component(parent ${include_root}/${folder} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${source_folder} ${include_root}/${folder} SYMBOLIC)

  file(GLOB sources CONFIGURE_DEPENDS ${source_folder}/*.cc)
  file(GLOB headers CONFIGURE_DEPENDS ${source_folder}/*.h)
  if(sources)
    add_library(${target} STATIC ${sources} ${headers})
    set(scope PUBLIC)
    if(TIDEMARK_UNITY)
      set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
      # Warns of classes that hold what the unnamed namespace of another file defines; the room is one file now.
      target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
      list(TRANSFORM ROOM_ALONE PREPEND ${source_folder}/)
      set_source_files_properties(${ROOM_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
    target_link_libraries(${target} PRIVATE tidemark_warnings)
    target_include_directories(${target} PUBLIC ${include_root})
    target_link_libraries(${target} PRIVATE ${ROOM_PRIVATE_LIBRARIES})
    foreach(dependency IN LISTS ROOM_PRIVATE_DEPENDS)
      target_link_libraries(${target} PRIVATE tidemark::${dependency})
    endforeach()
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
    target_include_directories(${target} INTERFACE ${include_root})
  endif()
  target_link_libraries(${target} ${scope} tidemark_options ${ROOM_LIBRARIES})
  foreach(dependency IN LISTS ROOM_DEPENDS)
    target_link_libraries(${target} ${scope} tidemark::${dependency})
  endforeach()
  add_library(tidemark::${name} ALIAS ${target})
endfunction()

# A test that takes longer hangs. Sanitized and counted code is slower, on a machine that does other things as well.
function(tidemark_test_timeout test seconds)
  if(TIDEMARK_SANITIZE OR TIDEMARK_COVERAGE)
    math(EXPR seconds "${seconds} * 4")
  endif()
  set_tests_properties(${test} PROPERTIES TIMEOUT ${seconds})
endfunction()

# tidemark_test(sim_core FOLDER tests/unit/sim/core ROOMS sim.core): one test program of every *_test.cc in the folder.
# The hygiene test fails when a *_test.cc exists that no program was made of.
function(tidemark_test name)
  cmake_parse_arguments(TEST "" "FOLDER;TIMEOUT" "ROOMS;LIBRARIES;LABELS;ENVIRONMENT" ${ARGN})
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 300)
  endif()
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${TEST_FOLDER}/*.cc)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  target_link_libraries(${name}_test PRIVATE tidemark_warnings tidemark_options GTest::gmock GTest::gtest_main ${TEST_LIBRARIES})
  foreach(room IN LISTS TEST_ROOMS)
    target_link_libraries(${name}_test PRIVATE tidemark::${room})
  endforeach()
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/${TEST_FOLDER})
  add_test(NAME ${name} COMMAND ${name}_test --gtest_brief=1)
  # RapidCheck draws a seed of its own unless told one: a test that passed must pass again.
  if(NOT TEST_ENVIRONMENT)
    set(TEST_ENVIRONMENT "RC_PARAMS=seed=20250410")
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}" ENVIRONMENT "${TEST_ENVIRONMENT}")
  tidemark_test_timeout(${name} ${TEST_TIMEOUT})
  foreach(source IN LISTS sources)
    file(RELATIVE_PATH relative ${PROJECT_SOURCE_DIR} ${source})
    set_property(GLOBAL APPEND PROPERTY TIDEMARK_TEST_SOURCES ${relative})
  endforeach()
endfunction()

# tidemark_header_room(model.env model/env.h DEPENDS sim.core): a room of a single header.
function(tidemark_header_room name header)
  cmake_parse_arguments(ROOM "" "" "DEPENDS" ${ARGN})
  string(REPLACE "." "_" target tidemark_${name})
  set(include_root ${PROJECT_BINARY_DIR}/rooms/${name})
  get_filename_component(parent ${include_root}/${header} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${header} ${include_root}/${header} SYMBOLIC)
  add_library(${target} INTERFACE)
  target_include_directories(${target} INTERFACE ${include_root})
  foreach(dependency IN LISTS ROOM_DEPENDS)
    target_link_libraries(${target} INTERFACE tidemark::${dependency})
  endforeach()
  add_library(tidemark::${name} ALIAS ${target})
endfunction()
