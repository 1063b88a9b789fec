// Document: a TOML file as a flat list of keys with places. The only file that sees toml++ is document.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/diagnostics.h"

namespace tidemark::scenarios {

struct RawValue {
  enum class Kind : std::uint8_t { kText, kInteger, kNumber, kBool, kList, kOther };
  Kind kind = Kind::kOther;
  std::string text;             // kText; for numbers their text; kOther: "a table", "a date"
  std::int64_t integer = 0;     // kInteger
  bool boolean = false;         // kBool
  std::vector<RawValue> items;  // kList
  Place place;
};

/// `table` is "" at the top, else the name in brackets ("relay"); `element` counts the [[table]] blocks of that name.
struct RawKey {
  std::string table;
  std::size_t element = 0;
  std::string name;
  Place place;
  RawValue value;
};

struct RawTable {
  std::string name;
  bool repeated = false;  // written as [[name]]
  std::size_t element = 0;
  Place place;
};

struct Document {
  std::vector<RawTable> tables;  // in the order of the file
  std::vector<RawKey> keys;
};

/// Reads TOML 1.0. Syntax errors (duplicate keys are one) go to `diagnostics`; the document is then empty. Tables below
/// the first level become keys of kind kOther.
Document parse_document(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// A value as the command line gives it: true and false, integers, decimals, comma lists in brackets; everything else
/// is text. Quotes around text are optional.
RawValue parse_argument_value(std::string_view text, const Place& place);

}  // namespace tidemark::scenarios
