# Writes OUTPUT, a C++ source with the text of the scenario files FILES (relative to SOURCE) as string literals.
# Run as: cmake -DSOURCE=<folder> "-DFILES=a.toml|b.toml" -DOUTPUT=<file> -P embed_scenarios.cmake
# No path and no date goes into the output, so the same files give the same bytes.
string(REPLACE "|" ";" files "${FILES}")
set(text "// Made from the scenario files by scenarios/embed_scenarios.cmake.\n#include \"scenarios/shipped.h\"\n\n")
string(APPEND text "namespace tidemark::scenarios {\n\nconst std::vector<ShippedScenario>& shipped_scenarios() {\n")
string(APPEND text "  static const std::vector<ShippedScenario> kShipped = {\n")
foreach(file IN LISTS files)
  file(READ ${SOURCE}/${file} content)
  string(REGEX REPLACE "\\.toml$" "" name ${file})
  string(APPEND text "      {\"${name}\", R\"scenario(${content})scenario\"},\n")
endforeach()
string(APPEND text "  };\n  return kShipped;\n}\n\n}  // namespace tidemark::scenarios\n")
file(WRITE ${OUTPUT} "${text}")
