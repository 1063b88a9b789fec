// SourceText: where a character of a text of a TOML file stands in the file, for messages about SQL inside of texts.
#pragma once

#include <cstddef>
#include <string_view>

#include "scenarios/diagnostics.h"

namespace tidemark::scenarios {

class SourceText {
 public:
  /// Of the whole file; must outlive it.
  explicit SourceText(std::string_view file) : file_(file) {}
  /// `literal`: where the text begins (its opening quote). `offset`: a byte of its value. A literal that is not in the
  /// file (an override) gives its own place.
  Place at(const Place& literal, std::size_t offset) const;

 private:
  std::string_view file_;
};

}  // namespace tidemark::scenarios
