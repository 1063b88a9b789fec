// Reading the JSON documents that runs leave behind.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <functional>
#include <string>

namespace tidemark::cli {

/// Calls `read` with the document, which says that it is of this format, and of a version from 1 to `newest`. Throws
/// UsageError with the path otherwise, and when `read` meets something that is not as it should be
/// (simdjson::simdjson_error).
void read_json(const std::string& path, const std::string& format, std::uint64_t newest,
               const std::function<void(simdjson::dom::element)>& read);

/// The text of a key. Throws simdjson::simdjson_error where it is none.
std::string text_member(simdjson::dom::element object, const char* key);

}  // namespace tidemark::cli
