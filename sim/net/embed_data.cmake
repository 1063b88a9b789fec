# Writes OUTPUT, a C++ source with the text of the shipped CSV files as string literals (sim/net/shipped_data.h).
# Run as: cmake -DDATA=<folder of the CSV files> -DOUTPUT=<file> -P embed_data.cmake
# No path and no date goes into the output, so the same data give the same bytes.
set(text "// Made from the CSV files of data/ by sim/net/embed_data.cmake.\n#include \"sim/net/shipped_data.h\"\n\n")
string(APPEND text "namespace tidemark::sim::shipped {\n\n")
foreach(name sites rtt_hosts rtt_users)
  file(READ ${DATA}/${name}.csv content)
  string(APPEND text "std::string_view ${name}_csv() {\n  return R\"csv(${content})csv\";\n}\n\n")
endforeach()
string(APPEND text "}  // namespace tidemark::sim::shipped\n")
file(WRITE ${OUTPUT} "${text}")
