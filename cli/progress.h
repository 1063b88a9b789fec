// Says on stderr which run is under way.
#pragma once

#include <cstdint>

namespace tidemark::cli {

/// Names the seed of a run before the run: a crash or a hang must not hide it. On a terminal the line is taken back
/// afterwards.
class Progress {
 public:
  Progress();
  void running(std::uint64_t seed) const;
  void done() const;

 private:
  const bool terminal_;
};

}  // namespace tidemark::cli
