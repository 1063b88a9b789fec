// Writing a History in the format of somebody else, or in ours.
//
// A format that cannot say what the history holds is refused before anything is written; what can be left out without a
// change of the verdict of the models that remain applicable is left out and named.
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "checkers/formats/format.h"

namespace tidemark::checkers {

/// The format has no words for this transaction.
class ConversionRefused : public std::runtime_error {
 public:
  /// `line` of the history that was read; 0 = the history as a whole.
  ConversionRefused(std::uint32_t line, const std::string& message) : std::runtime_error(message), line_(line) {}
  std::uint32_t line() const { return line_; }

 private:
  std::uint32_t line_;
};

/// kEdn, kJson, kKv, kTidemark, kPlume.
bool can_write(Format format);

/// What is lost or made up, one sentence each; empty = reading it again gives the same history (but for the numbers of
/// lines and records). Throws ConversionRefused, also when can_write() is false.
std::vector<std::string> losses_of(const History& history, Format format);

/// Gives the text to `out` in pieces of about 1 MiB. Throws ConversionRefused before the first piece. `name`: of the
/// history, for a header.
void write_history(const History& history, Format format, std::string_view name,
                   const std::function<void(std::string_view)>& out);

}  // namespace tidemark::checkers
