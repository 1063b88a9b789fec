# The CMake package of the checkers: one static library with the public headers, as tidemark::checkers.
#
#   cmake --install build/release --component checkers --prefix /usr/local
#
# docs/checkers_library.md says how to use it. The rooms stay what they are inside the tree; here their objects go into
# one archive, so that nobody outside depends on how the tree is cut into rooms.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_rooms
    base
    checkers_history
    checkers_record
    checkers_formats_syntax
    checkers_formats
    checkers_formats_write
    checkers_graph
    checkers_search
    checkers_totals
    checkers_judge
    checkers_explain
    checkers_staleness
    checkers_session
    checkers_consistency)

# What may be included. Each must be complete with these alone: tests/package compiles every one by itself.
set(package_headers
    checkers/history/operation.h
    checkers/history/verdict.h
    checkers/history/history_io.h
    checkers/record/value.h
    checkers/record/history.h
    checkers/record/judgement.h
    checkers/formats/format.h
    checkers/formats/write/write.h
    checkers/judge/models.h
    checkers/explain/derive.h
    checkers/explain/explain.h
    checkers/explain/minimal.h
    checkers/explain/picture.h
    checkers/explain/page.h
    checkers/staleness/staleness.h
    checkers/consistency/sequential.h
    checkers/consistency/known_order.h
    checkers/session/session_checker.h)

set(package_objects)
foreach(room IN LISTS package_rooms)
  list(APPEND package_objects $<TARGET_OBJECTS:tidemark_${room}>)
endforeach()
add_library(tidemark_checkers STATIC ${package_objects})
set_target_properties(tidemark_checkers PROPERTIES EXPORT_NAME checkers LINKER_LANGUAGE CXX)
target_compile_features(tidemark_checkers INTERFACE cxx_std_20)
target_include_directories(tidemark_checkers INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/tidemark>)
target_link_libraries(tidemark_checkers INTERFACE fmt::fmt simdjson::simdjson Threads::Threads)

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/tidemark-checkers)
install(TARGETS tidemark_checkers EXPORT tidemark-checkers-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT checkers)
install(EXPORT tidemark-checkers-targets FILE tidemark-checkersTargets.cmake NAMESPACE tidemark:: DESTINATION ${package_folder}
        COMPONENT checkers)
foreach(header IN LISTS package_headers)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${PROJECT_SOURCE_DIR}/${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tidemark/${folder} COMPONENT checkers)
endforeach()
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/tidemark-checkersConfig.cmake.in ${PROJECT_BINARY_DIR}/package/tidemark-checkersConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/tidemark-checkersConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/package/tidemark-checkersConfig.cmake
              ${PROJECT_BINARY_DIR}/package/tidemark-checkersConfigVersion.cmake
        DESTINATION ${package_folder} COMPONENT checkers)
