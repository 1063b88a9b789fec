// DiskImage: the durable content of a whole disk at one instant, to be put back later (fault D24) or on another
// machine. Pages are shared with the files that hold them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/core/file.h"
#include "sim/disk/piece.h"

namespace tidemark::sim {

struct DiskImage {
  struct File {
    std::string name;
    FileLayout layout;
    std::uint64_t size = 0;
    std::uint64_t discarded = 0;  // bytes at the front that were given up
    std::vector<Piece> content;   // what no piece covers is zeros
  };
  std::vector<File> files;  // sorted by name
};

}  // namespace tidemark::sim
