// The state of an unfinished shrink as a file beside its output, for --resume.
//
//   tidemark-shrink 1
//   of 5f0c...              hash of the scenario and seed that it is about
//   failure HIDE: ...
//   runs 212
//   before 3 505 8 4 3 12.5 80   faults, operations, clients, replicas, regions, seconds, lines
//   refused 00ab... 71fe...      hashes of files that do not help; one line
//   file                    the smallest so far, up to the end of the file
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shrink/shrinker.h"

namespace tidemark::shrink {

std::string state_text(const State& state, std::uint64_t about);
/// Nothing, with a sentence in `problem`: no state, of another version, of something else, or cut off.
std::optional<State> parse_state(const std::string& text, std::uint64_t about, std::string& problem);

/// What a state is about: the scenario (resolved), its seed and its plan.
std::uint64_t subject_of(const Request& request);

}  // namespace tidemark::shrink
