// What a hunt found, for people, programs and continuous integration.
#pragma once

#include <functional>
#include <string>

#include "hunt/hunt.h"

namespace tidemark::hunt {

struct Summary {
  Campaign campaign;
  HuntOptions options;
  HuntReport report;
  Totals totals;  // of the whole results, with what was there before
  std::vector<ClassRow> classes;
  std::string results_file;                                  // empty: none
  std::function<std::string(std::uint64_t seed)> reproduce;  // the command that runs one seed again
};

std::string summary_text(const Summary& summary);
/// One object, indented.
std::string summary_json(const Summary& summary);
/// One test case per failure class, and one for all the seeds that were as they should be.
std::string summary_junit(const Summary& summary);

/// "1..1000", "1.. (shard 2/4)".
std::string seeds_text(const HuntOptions& options);

}  // namespace tidemark::hunt
