#include "model/sqlite/wal_scan.h"

#include "base/assert.h"
#include "model/sqlite/wal_checksum.h"

namespace tidemark::model::sqlite {
namespace {

bool read_header(const sim::File& wal, WalScan& scan) {
  std::byte bytes[kWalHeaderBytes];
  if (wal.read(0, bytes) != sizeof bytes || get_u32(bytes) != kWalMagic || get_u32(bytes + 4) != kWalVersion)
    return false;
  scan.page_size = get_u32(bytes + kWalPageSizeAt);
  scan.sequence = get_u32(bytes + kWalSequenceAt);
  std::memcpy(&scan.salts, bytes + kWalSaltsAt, sizeof scan.salts);
  scan.header_checksum = walk_checksum({bytes, kWalChecksumAt}, {});
  const bool power_of_two = (scan.page_size & (scan.page_size - 1)) == 0;
  return power_of_two && scan.page_size >= 512 && scan.page_size <= 65536 &&
         scan.header_checksum == Checksum{get_u32(bytes + kWalChecksumAt), get_u32(bytes + kWalChecksumAt + 4)};
}

}  // namespace

WalScan scan_wal(const sim::File& wal, std::uint32_t most) {
  WalScan scan;
  scan.header_valid = read_header(wal, scan);
  if (!scan.header_valid) return scan;
  std::vector<std::byte> frame(kFrameHeaderBytes + scan.page_size);
  Checksum state = scan.header_checksum;
  while (scan.valid_frames < most) {
    const std::uint32_t number = scan.valid_frames + 1;
    if (wal.read(frame_offset(number, scan.page_size), frame) != frame.size()) break;
    const std::byte* head = frame.data();
    const std::uint32_t page = get_u32(head + kFramePageAt);
    if (std::memcmp(head + kFrameSaltsAt, &scan.salts, sizeof scan.salts) != 0 || page == 0) break;
    state = walk_checksum({head, kFrameSaltsAt}, state);
    state = walk_checksum({head + kFrameHeaderBytes, scan.page_size}, state);
    if (state != Checksum{get_u32(head + kFrameChecksumAt), get_u32(head + kFrameChecksumAt + 4)}) break;
    scan.valid_frames = number;
    scan.frame_pages.push_back(page);
    if (const std::uint32_t pages = get_u32(head + kFrameCommitAt); pages != 0)
      scan.commits.push_back({number, pages, state});
  }
  return scan;
}

WalHeaderBytes make_wal_header(std::uint32_t page_size, std::uint32_t sequence, const Salts& salts) {
  WalHeaderBytes header{};
  put_u32(header.bytes, kWalMagic);
  put_u32(header.bytes + 4, kWalVersion);
  put_u32(header.bytes + kWalPageSizeAt, page_size);
  put_u32(header.bytes + kWalSequenceAt, sequence);
  std::memcpy(header.bytes + kWalSaltsAt, &salts, sizeof salts);
  header.checksum = walk_checksum({header.bytes, kWalChecksumAt}, {});
  put_u32(header.bytes + kWalChecksumAt, header.checksum.first);
  put_u32(header.bytes + kWalChecksumAt + 4, header.checksum.second);
  return header;
}

Salts next_salts(const Salts& old, std::uint32_t random) {
  return {{__builtin_bswap32(__builtin_bswap32(old.raw[0]) + 1), random}};
}

}  // namespace tidemark::model::sqlite
