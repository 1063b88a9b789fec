#include "cli/json_document.h"

#include <fmt/core.h>

#include "cli/commands.h"
#include "cli/output.h"

namespace tidemark::cli {

void read_json(const std::string& path, const std::string& format, std::uint64_t newest,
               const std::function<void(simdjson::dom::element)>& read) {
  const std::string text = read_file(path);
  try {
    simdjson::dom::parser parser;
    const simdjson::dom::element document = parser.parse(text).value();
    std::string_view said;
    if (document["format"].get_string().get(said) != simdjson::SUCCESS || said != format)
      throw UsageError(fmt::format("{}: is not of the format {}", path, format));
    std::uint64_t version = 0;
    if (document["version"].get_uint64().get(version) != simdjson::SUCCESS || version == 0)
      throw UsageError(fmt::format("{}: has no version", path));
    if (version > newest)
      throw UsageError(fmt::format("{}: is of version {}, which is newer than this program (it reads up to {})", path,
                                   version, newest));
    read(document);
  } catch (const simdjson::simdjson_error& error) {
    throw UsageError(fmt::format("{}: is not a good {} document ({})", path, format, error.what()));
  }
}

std::string text_member(simdjson::dom::element object, const char* key) {
  return std::string(object[key].get_string().value());
}

}  // namespace tidemark::cli
