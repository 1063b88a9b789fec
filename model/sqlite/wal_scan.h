// Reading a WAL file from its start, as recovery does: a frame counts when its salts are the header's and its checksum
// continues the chain; everything after the first frame that does not is garbage of an earlier WAL or of a torn write.
#pragma once

#include <cstdint>
#include <vector>

#include "model/sqlite/wal_format.h"
#include "sim/core/file.h"

namespace tidemark::model::sqlite {

struct WalScan {
  bool header_valid = false;
  std::uint32_t page_size = 0;
  std::uint32_t sequence = 0;  // checkpoint sequence number of the header
  Salts salts;
  Checksum header_checksum;
  std::uint32_t valid_frames = 0;  // with a good chain, committed or not

  /// One per commit frame among the valid frames.
  struct Commit {
    std::uint32_t frame = 0;
    std::uint32_t pages = 0;
    Checksum checksum;
  };
  std::vector<Commit> commits;
  std::vector<std::uint32_t> frame_pages;  // page number of frame i + 1
};

/// Checks every byte (direct checksums). `most` stops the scan after that many frames.
WalScan scan_wal(const sim::File& wal, std::uint32_t most = 0xffffffff);

/// Bytes of a WAL header.
struct WalHeaderBytes {
  std::byte bytes[kWalHeaderBytes];
  Checksum checksum;
};
WalHeaderBytes make_wal_header(std::uint32_t page_size, std::uint32_t sequence, const Salts& salts);

/// Salts of the WAL that follows one with `old`: first + 1, second random, as SQLite does.
Salts next_salts(const Salts& old, std::uint32_t random);

}  // namespace tidemark::model::sqlite
