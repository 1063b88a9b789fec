// A hunt over runs that take no time: what a run function of a test does is all there is to it.
#pragma once

#include <string>
#include <vector>

#include "hunt/hunt.h"

namespace tidemark::hunt {

inline Campaign campaign(const std::string& commit = "c0ffee") {
  return {"[scenario]\nname = \"small\"\n", commit, "3.40.1", "small", ""};
}

/// A path of the present test at which nothing is yet.
std::string scratch_file(const std::string& name);
std::string bytes_of(const std::string& path);

/// A run that depends on the seed alone; every 17th fails, in one of two ways.
Outcome plain_run(std::uint64_t seed);
/// The same, after some work: a hunt of it takes a while.
Outcome slow_run(std::uint64_t seed);

HuntOptions small_options(std::uint64_t first, std::uint64_t last, std::size_t jobs = 2);

/// Hunts into this file (empty: in memory) and returns the export.
std::string hunted(const HuntOptions& options, const RunSeed& run, const std::string& file = "");

}  // namespace tidemark::hunt
